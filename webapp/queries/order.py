"""One order with everything that hangs on it, as its page and the API read it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from webapp.models.fulfilment import Shipment, ShipmentLine
from webapp.models.messages import Message
from webapp.models.orders import Order, OrderComment, OrderLine

T = TypeVar("T", OrderLine, OrderComment, Shipment)


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
    order = session.scalar(select(Order).where(Order.increment_id == increment_id))
    return None if order is None else open_files(session, [order])[0]


def open_files(session: Session, orders: Sequence[Order]) -> list[OrderFile]:
    """Everything that hangs on these orders, each kind of it asked for once."""
    ids = [order.id for order in orders]
    lines = session.scalars(
        select(OrderLine)
        .where(OrderLine.order_id.in_(ids))
        .order_by(OrderLine.order_id, OrderLine.line_number)
    )
    comments = session.scalars(
        select(OrderComment).where(OrderComment.order_id.in_(ids)).order_by(OrderComment.id)
    )
    shipments = session.scalars(
        select(Shipment)
        .where(Shipment.order_id.in_(ids))
        .order_by(Shipment.id)
        .options(selectinload(Shipment.lines).selectinload(ShipmentLine.line), selectinload(Shipment.tracks))
    )
    exported = select(Message.id, Message.uid).where(
        Message.id.in_([one.export_message_id for one in orders])
    )
    uids = {row.id: row.uid for row in session.execute(exported)}
    lines_of, comments_of, shipments_of = _by_order(lines), _by_order(comments), _by_order(shipments)
    return [
        OrderFile(
            order=one,
            lines=lines_of[one.id],
            comments=comments_of[one.id],
            shipments=shipments_of[one.id],
            export_uid=uids.get(one.export_message_id or 0),
        )
        for one in orders
    ]


def _by_order(rows: Iterable[T]) -> dict[int, list[T]]:
    found: dict[int, list[T]] = defaultdict(list)
    for row in rows:
        found[row.order_id].append(row)
    return found
