"""Asking the OMS to cancel a whole order (F22); what it says decides."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.outcome import Outcome, Verdict
from webapp.domain.states import ExportState
from webapp.domain.status_flow import cancellable
from webapp.flows.export_order import LANE, order_key, set_aside_messages
from webapp.flows.record_order import note
from webapp.messaging.claims import Claimed
from webapp.messaging.journal import NewMessage, new_uid, publish
from webapp.models.messages import Message
from webapp.models.orders import Order
from webapp.oms.envelope import encode_call
from webapp.oms.topics import order_cancel

CANCELED = "canceled"
REFUSED_THERE = "The OMS had refused the order, so there is nothing to cancel there."
ASKED = "The store cancelled the order; the OMS was asked to cancel it too."


def ask_to_cancel(session: Session, here: Order, actor: str) -> str | None:
    """Write the request to be sent behind the order's create, once; None where it is too late for one.

    The caller holds the order's lock.
    """
    if not cancellable(here.oms_status):
        return None
    if not is_cancel_waiting(session, here):
        uid = new_uid()
        params = order_cancel.write(order_id=here.increment_id, sales_channel_id=here.channel, user=actor)
        payload = encode_call(order_cancel.TOPIC, params, uid)
        key = order_key(here.increment_id)
        publish(
            session,
            [NewMessage(order_cancel.TOPIC, LANE, key, payload, uid, order_number=here.increment_id)],
            actor,
        )
    return ASKED


def is_cancel_waiting(session: Session, here: Order) -> bool:
    """Whether a request to cancel the order is on its way to the OMS."""
    asked = select(Message.id).where(
        Message.order_number == here.increment_id, Message.topic == order_cancel.TOPIC, Message.is_open
    )
    return session.scalar(asked.limit(1)) is not None


def cancel_here(session: Session, here: Order, message_id: int) -> None:
    """The OMS refused the order while its cancel waited: it is cancelled here, and nothing more is sent."""
    here.state = here.status = CANCELED
    here.export_state, here.export_reason, here.noted_content = ExportState.NOT_EXPORTED, REFUSED_THERE, None
    set_aside_messages(session, here, "connector", REFUSED_THERE)
    note(session, here, f"Cancelled. {REFUSED_THERE}", kind="export", message_id=message_id)


def after_cancel(session: Session, ended: Sequence[tuple[Claimed, Outcome]]) -> None:
    """Note what the OMS said; the order itself is cancelled by its status event, not by the answer."""
    for claimed, outcome in ended:
        here = session.scalar(select(Order).where(Order.increment_id == claimed.order_number))
        message = session.get_one(Message, claimed.id, populate_existing=True)
        if here is None or message.is_open:
            continue
        taken = outcome.verdict is Verdict.SUCCEEDED
        words = "The OMS took the cancel." if taken else f"Not cancelled: {message.reason}"
        note(session, here, words, kind="export", message_id=claimed.id)
