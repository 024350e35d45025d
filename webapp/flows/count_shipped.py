"""Which of an order's lines count as shipped, reckoned anew from all that is known of them (F21)."""

from collections import defaultdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.line_fate import CANCELLED, SHIPPED, Fate, stands_above
from webapp.models.fulfilment import Shipment, ShipmentLine
from webapp.models.orders import Order, OrderEvent, OrderLine

PHYSICAL, VIRTUAL, BUNDLE = "PHYSICAL", "VIRTUAL", "BUNDLE"
GOODS = (PHYSICAL, VIRTUAL)
ALONG_WITH_THE_FIRST = ("SHIPPING", "SERVICE")
THROUGH = ("LOGISTICSCOMPLETE", "COMPLETE")


def count_shipped(session: Session, order: Order) -> None:
    """Mark what has shipped: goods in a shipment, and what needs none by the OMS's word."""
    packed = shipments_by_line(session, order)
    by_word = _is_through(session, order)
    has_goods = any(line.product_type == PHYSICAL for line in order.lines)
    children: dict[int | None, list[OrderLine]] = defaultdict(list)
    for line in order.lines:
        children[line.parent_line_number].append(line)
        if line.product_type == PHYSICAL:
            line.shipped = line.id in packed
        elif line.product_type == VIRTUAL or (line.product_type in ALONG_WITH_THE_FIRST and not has_goods):
            said_so = line.id in packed or by_word or line.status == SHIPPED
            line.shipped = said_so and line.status != CANCELLED
        elif line.product_type in ALONG_WITH_THE_FIRST:
            line.shipped = bool(packed)
    for line in order.lines:
        if line.product_type == BUNDLE:
            left = [one for one in children[line.line_number] if one.status != CANCELLED]
            line.shipped = bool(left) and all(one.shipped for one in left)
    order.pieces_shipped = sum(line.shipped for line in order.lines if line.product_type in GOODS)


def shipments_by_line(session: Session, order: Order) -> dict[int, int]:
    """The ids of the order's lines that are in a shipment, each with the shipment's."""
    rows = session.execute(
        select(ShipmentLine.order_line_id, ShipmentLine.shipment_id)
        .join(Shipment, Shipment.id == ShipmentLine.shipment_id)
        .where(Shipment.order_id == order.id)
    )
    return {row.order_line_id: row.shipment_id for row in rows}


def tell_line(line: OrderLine, told: Fate) -> None:
    """Let the line stand where what is told of it leaves it."""
    now = (
        Fate(line.status, line.status_reason or "", line.status_date)
        if line.status and line.status_date
        else None
    )
    if stands_above(told, now):
        line.status, line.status_reason, line.status_date = told.status, told.reason or None, told.at


def _is_through(session: Session, order: Order) -> bool:
    """Whether the OMS has ever said that the order is through, and did not mean cancelled by it."""
    reasons = session.scalars(
        select(OrderEvent.reason).where(
            OrderEvent.order_id == order.id, OrderEvent.kind == "status", OrderEvent.status.in_(THROUGH)
        )
    )
    return any(reason != "FULLYCANCELLED" for reason in reasons)
