"""Search by order number, SKU, message id, tracking number: exact first, then by their beginnings."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, defer

from webapp.models.fulfilment import Shipment, Track
from webapp.models.messages import Message
from webapp.models.orders import Order, OrderLine
from webapp.queries.beginnings import begins_with

MOST = 20
# A beginning shorter than this would find almost everything.
SHORTEST_BEGINNING = 3
_LEAN = (defer(Message.payload), defer(Message.answer))
_BEGINS_ID = re.compile(r"[0-9a-f]{3,8}(-[0-9a-f-]{0,27})?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FoundOrder:
    """An order, and by what it was found: its number, a SKU in it, a tracking number of it."""

    order: Order
    by: str


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, newest first, at most `MOST` of each; `more` where there is more than that."""

    orders: list[FoundOrder]
    messages: list[Message]
    more: bool = False


def search(session: Session, text: str) -> Found:
    """Whatever carries this identifier; where nothing does, whatever order or message begins with it."""
    exact = Found(_orders_by(session, text), _messages_by(session, text))
    if exact.orders or exact.messages or len(text) < SHORTEST_BEGINNING:
        return _cut(exact)
    # In the identifier's own order, so that its index gives the first few without looking at the rest.
    begins = select(Order).where(begins_with(session, Order.increment_id, text))
    orders = session.scalars(begins.order_by(Order.increment_id.desc()).limit(MOST + 1))
    messages: list[Message] = []
    if _BEGINS_ID.fullmatch(text):
        same = select(Message).where(begins_with(session, Message.uid, text.lower()))
        messages = list(session.scalars(same.options(*_LEAN).order_by(Message.uid).limit(MOST + 1)))
    return _cut(Found([FoundOrder(order, "number") for order in orders], messages))


def _cut(found: Found) -> Found:
    more = len(found.orders) > MOST or len(found.messages) > MOST
    return Found(found.orders[:MOST], found.messages[:MOST], more)


def _orders_by(session: Session, text: str) -> list[FoundOrder]:
    in_lines = select(OrderLine.order_id).where(OrderLine.sku == text)
    on_parcels = select(Shipment.order_id).join(Track).where(Track.number == text)
    ways: Iterable[tuple[str, Select[Order]]] = (
        ("number", select(Order).where(Order.increment_id == text)),
        ("tracking number", select(Order).where(Order.id.in_(on_parcels))),
        ("SKU", select(Order).where(Order.id.in_(in_lines))),
    )
    found: dict[int, FoundOrder] = {}
    for by, query in ways:
        for order in session.scalars(query.order_by(Order.id.desc()).limit(MOST + 1)):
            found.setdefault(order.id, FoundOrder(order, by))
    return list(found.values())


def _messages_by(session: Session, text: str) -> list[Message]:
    """By its id, either side's; and those about a product or an aggregate of this name.

    Each is asked for by itself: over all of them at once no index is used.
    """
    keys = [f"{way}:oms:{kind}:{text}" for way in ("out", "in") for kind in ("product", "aggregate")]
    found: dict[int, Message] = {}
    for which in (Message.uid == text.lower(), Message.wire_id == text, Message.key.in_(keys)):
        found |= {message.id: message for message in _newest(session, select(Message).where(which))}
    return [found[number] for number in sorted(found, reverse=True)]


def _newest(session: Session, query: Select[Message]) -> list[Message]:
    return list(session.scalars(query.options(*_LEAN).order_by(Message.id.desc()).limit(MOST + 1)))
