"""One order with everything that hangs on it, as its page and the API read it."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from webapp.models.fulfilment import Shipment, ShipmentLine
from webapp.models.messages import Message
from webapp.models.orders import Order, OrderComment, OrderLine


@dataclass(frozen=True, slots=True)
class OrderFile:
    """An order with everything that hangs on it."""

    order: Order
    lines: list[OrderLine]
    comments: list[OrderComment]
    shipments: list[Shipment]
    export_uid: str | None


def find_order(session: Session, increment_id: str) -> OrderFile | None:
    """The order with this number, or None."""
    order = session.scalar(
        select(Order).where(Order.increment_id == increment_id).options(selectinload(Order.lines))
    )
    return None if order is None else open_file(session, order)


def open_file(session: Session, order: Order) -> OrderFile:
    """Everything that hangs on an order."""
    comments = session.scalars(
        select(OrderComment).where(OrderComment.order_id == order.id).order_by(OrderComment.id)
    ).all()
    shipments = session.scalars(
        select(Shipment)
        .where(Shipment.order_id == order.id)
        .order_by(Shipment.id)
        .options(selectinload(Shipment.lines).selectinload(ShipmentLine.line), selectinload(Shipment.tracks))
    ).all()
    uid = session.scalar(select(Message.uid).where(Message.id == order.export_message_id))
    return OrderFile(order, list(order.lines), list(comments), list(shipments), uid)
