"""What follows for an order and its products from how a try to send them ended (F20)."""

from collections.abc import Sequence
from typing import cast

from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session

from webapp import clock
from webapp.domain.outcome import Outcome, Verdict
from webapp.domain.states import ExportState, MessageStatus
from webapp.flows.cancel_order import CANCELED, cancel_here, is_cancel_waiting
from webapp.flows.export_kept import export_noted
from webapp.flows.record_order import note
from webapp.flows.send_product_first import send_product_first
from webapp.messaging.claims import Claimed
from webapp.models.catalog import ToldSku
from webapp.models.messages import Message
from webapp.models.orders import Order
from webapp.models.rows import insert_new_rows
from webapp.oms.phrases import ALREADY_EXISTS
from webapp.oms.topics import product_updated

Ended = Sequence[tuple[Claimed, Outcome]]


def after_create(session: Session, ended: Ended) -> None:
    """Sent, refused or expired: the order's export state follows its create message."""
    numbers = {claimed.order_number for claimed, _ in ended}
    orders = {
        one.increment_id: one for one in session.scalars(select(Order).where(Order.increment_id.in_(numbers)))
    }
    for claimed, outcome in ended:
        order = orders.get(claimed.order_number or "")
        if order is None or order.export_message_id != claimed.id or order.export_state is ExportState.LOADED:
            continue
        if outcome.verdict is Verdict.SUCCEEDED:
            order.export_state, order.export_reason = ExportState.SENT, ""
            note(session, order, "Sent to the OMS.", kind="export", message_id=claimed.id)
        elif _goes_another_way(session, order, claimed, outcome):
            continue
        elif _is_final(session, claimed):
            order.export_state = ExportState.FAILED
            order.export_reason = session.get_one(Message, claimed.id).reason
            note(session, order, f"Not exported: {order.export_reason}", kind="export", message_id=claimed.id)
        elif outcome.verdict is not Verdict.UNSENT:
            order.export_reason = outcome.reason


def _goes_another_way(session: Session, order: Order, claimed: Claimed, outcome: Outcome) -> bool:
    """Whether a refusal ends otherwise than failed: cancelled here, newer content sent, or a product first.

    A number that exists there is no such refusal: whatever stands under it is refused again.
    """
    if outcome.verdict is not Verdict.REFUSED or outcome.cause == ALREADY_EXISTS:
        return False
    if is_cancel_waiting(session, order):
        cancel_here(session, order, claimed.id)
        return True
    return export_noted(session, order) or send_product_first(session, order, claimed, outcome)


def _is_final(session: Session, claimed: Claimed) -> bool:
    message = session.get_one(Message, claimed.id, populate_existing=True)
    return message.status is MessageStatus.FAILED


def after_product(session: Session, ended: Ended) -> None:
    """Remember the SKUs the OMS took, so that no order sends them ahead again (F11)."""
    rows = [
        {"sku": sku, "told_at": clock.now(), "message_id": claimed.id}
        for claimed, outcome in ended
        if outcome.verdict is Verdict.SUCCEEDED and (sku := product_updated.sku_of(claimed.payload))
    ]
    rows.sort(key=lambda row: str(row["sku"]))
    insert_new_rows(session, cast(Table, ToldSku.__table__), rows)


def cancelled_before_export(session: Session, message_ids: Sequence[int]) -> list[int]:
    """Those of these messages that would take an order to the OMS which was cancelled here first (F22)."""
    cancelled = select(Order.export_message_id).where(
        Order.export_message_id.in_(message_ids),
        Order.export_state == ExportState.NOT_EXPORTED,
        Order.state == CANCELED,
    )
    return [one for one in session.scalars(cancelled) if one is not None]


def mark_queued_again(session: Session, message_ids: Sequence[int]) -> None:
    """Replayed creates put their orders back in the queue, also where they had been set aside."""
    again = (ExportState.FAILED, ExportState.NOT_EXPORTED)
    session.execute(
        update(Order)
        .where(Order.export_message_id.in_(message_ids), Order.export_state.in_(again))
        .values(export_state=ExportState.QUEUED, export_reason="")
    )


def mark_set_aside(session: Session, message_ids: Sequence[int], reason: str) -> None:
    """Orders whose create was set aside are not exported, for the reason given."""
    unsent = (ExportState.QUEUED, ExportState.FAILED)
    here = select(Order).where(Order.export_message_id.in_(message_ids), Order.export_state.in_(unsent))
    for order in session.scalars(here.order_by(Order.id)):
        order.export_state, order.export_reason = ExportState.NOT_EXPORTED, f"Skipped: {reason}"
        note(session, order, f"Not exported: its message was skipped ({reason}).", kind="export")
