"""Keeping an order's own record: its header as the store gives it, and its history (F19)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.domain.refusals import Inapplicable
from webapp.domain.told_ids import NumberedId, may_be
from webapp.flows.compose_order import Composed
from webapp.models.locks import lock_order, lock_orders
from webapp.models.orders import NUMBER_LENGTH, Order, OrderComment

SHOWN_REASON = 4_000
UNKNOWN_ORDER = "order.unknown"


def take_over(here: Order, composed: Composed, body: bytes) -> None:
    """Let the record say what the store says of the order now."""
    order = composed.order
    here.entity_id, here.store_id = order.entity_id, order.store_id
    here.website, here.channel = composed.view.website, composed.view.channel
    here.state, here.status = order.state, order.status
    here.customer_name, here.customer_email = order.customer.name[:400], order.customer.email[:400]
    here.currency, here.grand_total = order.currency, composed.breakdown.total
    here.placed_at = order.placed_at
    here.updated_at = clock.now()
    here.content, here.content_hash = body, composed.content_hash
    here.warnings = "\n".join(composed.warnings)
    here.reading = composed.breakdown.reading


def note(
    session: Session,
    here: Order,
    text: str,
    *,
    kind: str,
    message_id: int | None = None,
    oms_date: datetime | None = None,
) -> None:
    """Add a comment to the order's history, with the message that caused it."""
    here.updated_at = clock.now()
    session.add(
        OrderComment(
            order_id=here.id,
            at=clock.now(),
            oms_date=oms_date,
            text=text[:SHOWN_REASON],
            status=here.status,
            kind=kind,
            message_id=message_id,
        )
    )


def find_told_order(session: Session, number: str, path: str) -> Order:
    """The order a message of the OMS speaks of, locked; raises `Refused` where it is not here.

    Such a message is tried again by itself when that order comes in (house rule 6).
    """
    if isinstance(number, NumberedId):
        # Held before it is looked for: else it could come in just now and not wake this message.
        lock_orders(session, [number])
    meant = orders_meant(session, number)
    if len(meant) > 1:
        raise Inapplicable(
            path,
            "the number of one order, as a text",
            number,
            reason=f"The OMS wrote the order's number as {number[:64]}, without the zeros before it, and "
            f"{' and '.join(meant)} are both here: which of them it speaks of cannot be told.",
            cause="order.ambiguous",
        )
    order = lock_order(session, meant[0]) if meant else None
    if order is None:
        raise Inapplicable(
            path,
            "the number of an order that is here",
            number,
            reason=f"Order {number[:64]} is not here. When it comes in, this message is applied by itself.",
            cause=UNKNOWN_ORDER,
        )
    return order


def orders_meant(session: Session, number: str) -> list[str]:
    """The numbers of the orders here that a message can speak of, sorted; more than one is rare."""
    if not isinstance(number, NumberedId):
        return [number]
    wanted = may_be(number, NUMBER_LENGTH)
    return sorted(session.scalars(select(Order.increment_id).where(Order.increment_id.in_(wanted))))
