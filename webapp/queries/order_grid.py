"""The order grid as its page shows it: sorted, paged by key, with the OMS column (F20)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from webapp.domain.states import ExportState, MessageStatus
from webapp.extensions import read
from webapp.models.messages import Message
from webapp.models.orders import Order
from webapp.queries.orders import COUNTED, OrderFilter
from webapp.queries.sorted_pages import (
    Place,
    SortColumn,
    Sorting,
    beyond,
    order_by,
    read_amount,
    read_when,
    write_place,
)

USUAL_SORT: Final = "-placed"
PAGE: Final = 50
BATCH: Final = 500
SORTS: Final = {
    "number": SortColumn(Order.increment_id, str),
    "placed": SortColumn(Order.placed_at, read_when, descending_first=True),
    "oms": SortColumn(Order.export_state, ExportState),
    "total": SortColumn(Order.grand_total, read_amount, descending_first=True),
}


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order as the grid shows it.

    `export` is F20's word; `held` that it waits by someone's will, or for review; `reason` why it is where
    it is; `message_uid` the create that carries it.
    """

    id: int
    increment_id: str
    placed_at: datetime
    customer_name: str
    customer_email: str
    currency: str
    grand_total: Decimal
    total_refunded: Decimal
    state: str
    status: str
    export: str
    reason: str
    held: bool
    oms_status: str | None
    pieces: int
    pieces_shipped: int
    attention: str
    message_uid: str | None


@dataclass(frozen=True, slots=True)
class OrderGrid:
    """One page of the grid; `before` and `after` are the cursors of the pages around it, or None."""

    rows: list[OrderRow]
    before: str | None
    after: str | None


def browse_orders(
    session: Session, wanted: OrderFilter, sorting: Sorting, place: Place | None, limit: int = PAGE
) -> OrderGrid:
    """One page of the orders that match, in the order asked for."""
    query = _rows(session, wanted).order_by(*order_by(sorting, Order.id, place)).limit(limit + 1)
    if place is not None:
        query = query.where(beyond(sorting, Order.id, place))
    found = list(session.execute(query))
    more, found = len(found) > limit, found[:limit]
    back = place is not None and place.back
    if back:
        found.reverse()
    if not found:
        return OrderGrid([], None, None)
    name = sorting.by.column.key
    first, last = (write_place(getattr(row, name), row.id) for row in (found[0], found[-1]))
    here = [_row(row) for row in found]
    return OrderGrid(here, first if (more if back else place) else None, last if back or more else None)


def all_orders(wanted: OrderFilter, sorting: Sorting) -> Iterator[OrderRow]:
    """All orders that match, in the order asked for, a batch at a time: memory stays flat."""
    place: Place | None = None
    while True:
        with read() as session:
            query = _rows(session, wanted).order_by(*order_by(sorting, Order.id, None)).limit(BATCH)
            found = session.execute(query.where(beyond(sorting, Order.id, place)) if place else query).all()
        yield from map(_row, found)
        if len(found) < BATCH:
            return
        place = Place(getattr(found[-1], sorting.by.column.key), found[-1].id)


def count_held(session: Session, wanted: OrderFilter) -> int:
    """How many of the queued are held, up to `COUNTED` + 1."""
    held = _joined(session, select(Order.id), wanted).where(
        Order.export_state == ExportState.QUEUED, _is_held()
    )
    return session.scalar(select(func.count()).select_from(held.limit(COUNTED + 1).subquery())) or 0


def store_statuses(session: Session) -> list[str]:
    """The store's statuses that orders here have, sorted; found by steps through their index."""
    first = select(func.min(Order.status).label("status")).cte("statuses", recursive=True)
    following = select(func.min(Order.status)).where(Order.status > first.c.status).scalar_subquery()
    steps = first.union_all(select(following).where(first.c.status.is_not(None)))
    return [status for (status,) in session.execute(select(steps.c.status).limit(100)) if status is not None]


def _is_held() -> ColumnElement[bool]:
    return or_(Message.status == MessageStatus.HELD, Order.export_message_id.is_(None))


def _joined(
    session: Session, query: Select[*tuple[Any, ...]], wanted: OrderFilter
) -> Select[*tuple[Any, ...]]:
    return query.outerjoin(Message, Message.id == Order.export_message_id).where(*wanted.conditions(session))


def _rows(session: Session, wanted: OrderFilter) -> Select[*tuple[Any, ...]]:
    held = and_(Order.export_state == ExportState.QUEUED, _is_held()).label("held")
    columns = (
        Order.id, Order.increment_id, Order.placed_at, Order.customer_name, Order.customer_email,
        Order.currency, Order.grand_total, Order.total_refunded, Order.state, Order.status,
        Order.export_state, Order.export_reason, Order.oms_status, Order.pieces, Order.pieces_shipped,
        Order.attention, Message.uid, Message.reason, held,
    )  # fmt: skip
    return _joined(session, select(*columns), wanted)


def _row(row: Any) -> OrderRow:
    return OrderRow(
        id=row.id,
        increment_id=row.increment_id,
        placed_at=row.placed_at,
        customer_name=row.customer_name,
        customer_email=row.customer_email,
        currency=row.currency,
        grand_total=row.grand_total,
        total_refunded=row.total_refunded,
        state=row.state,
        status=row.status,
        export=row.export_state.value,
        reason=row.export_reason or (row.reason if row.held and row.reason else ""),
        held=bool(row.held),
        oms_status=row.oms_status,
        pieces=row.pieces,
        pieces_shipped=row.pieces_shipped,
        attention=row.attention,
        message_uid=row.uid,
    )
