"""Someone sends orders again whose export failed or was set aside (F04, F20)."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.states import ExportState, MessageStatus
from webapp.flows.mend_messages import replay_one
from webapp.models.locks import lock_order
from webapp.models.messages import Message
from webapp.models.orders import Order

CANCELED = "canceled"
ENDED = (MessageStatus.FAILED, MessageStatus.SKIPPED)
_WHY_NOT = {
    ExportState.WAITING: "It was not sent yet, so there is nothing to send again: export it instead.",
    ExportState.QUEUED: "It is on its way to the OMS already.",
    ExportState.SENT: "The OMS took it already.",
    ExportState.LOADED: "The OMS has it already.",
    ExportState.NOT_EXPORTED: "It is not for the OMS.",
}


def send_order_again(session: Session, increment_id: str, actor: str) -> str | None:
    """Begin a new series of tries on the message that carries the order; None when done, else why not."""
    order = lock_order(session, increment_id)
    if order is None:
        return f"There is no order {increment_id[:64]} here."
    if order.state == CANCELED:
        return "It was cancelled in the store, so it is not for the OMS."
    uid = _ended_create(session, order)
    if uid is None:
        return _WHY_NOT.get(order.export_state, "Its message is on its way again already.")
    return replay_one(session, uid, actor)


def _ended_create(session: Session, order: Order) -> str | None:
    """The order's create, where it failed or was set aside and the OMS does not have the order."""
    if order.export_message_id is None or order.export_state in (ExportState.SENT, ExportState.LOADED):
        return None
    return session.scalar(
        select(Message.uid).where(Message.id == order.export_message_id, Message.status.in_(ENDED))
    )
