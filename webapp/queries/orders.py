"""The order grid: orders by their OMS column, newest first."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from webapp.domain.refusals import Refused
from webapp.domain.schemas import Schema
from webapp.domain.states import ExportState
from webapp.models.orders import Order
from webapp.queries.beginnings import begins_with
from webapp.queries.paging import FILTER, Page, read_filter

# Counting stops here; above it the page says "10,000+".
COUNTED: Final = 10_000
# What the list is asked by; an empty text asks for nothing.
QUERY: Final[Mapping[str, Schema]] = {
    "export": {"type": "string", "enum": [*ExportState, ""]},
    "status": FILTER,
    "q": FILTER,
}


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """What to look for: where the export stands, the store's status, a beginning of number or e-mail.

    Who may not see e-mails may not find out about them by searching either: `by_person` is then false.
    """

    export: ExportState | None = None
    status: str | None = None
    q: str | None = None
    by_person: bool = True

    @classmethod
    def read(cls, given: Mapping[str, str], *, by_person: bool = True) -> "OrderFilter":
        """The filter as given in an address; raises `Refused` naming what can't be."""
        export = given.get("export") or None
        if export is not None and export not in set(ExportState):
            raise Refused("export", "one of " + ", ".join(ExportState), export)
        return cls(
            ExportState(export) if export else None,
            read_filter(given, "status"),
            read_filter(given, "q"),
            by_person,
        )

    def conditions(self, session: Session) -> list[ColumnElement[bool]]:
        """The same as SQL."""
        found: list[ColumnElement[bool]] = []
        if self.export is not None:
            found.append(Order.export_state == self.export)
        if self.status:
            found.append(Order.status == self.status)
        if self.q:
            begins = [begins_with(session, Order.increment_id, self.q)]
            if self.by_person:
                begins.append(begins_with(session, Order.customer_email, self.q))
            found.append(or_(*begins))
        return found


@dataclass(frozen=True, slots=True)
class OrderList:
    """One page of orders; `next_before` is the key of the next, or None."""

    orders: list[Order] = field(default_factory=list)
    next_before: int | None = None


def list_orders(session: Session, wanted: OrderFilter, page: Page) -> OrderList:
    """One page of the orders that match, newest first."""
    query = select(Order).where(*wanted.conditions(session)).order_by(Order.id.desc()).limit(page.limit + 1)
    if page.before is not None:
        query = query.where(Order.id < page.before)
    found = list(session.scalars(query))
    more = len(found) > page.limit
    return OrderList(found[: page.limit], found[page.limit - 1].id if more else None)


def count_by_export(session: Session, wanted: OrderFilter = OrderFilter()) -> dict[ExportState, int]:
    """How many of the orders that match stand where in their export (F20), each up to `COUNTED` + 1."""
    counts = {}
    for state in ExportState:
        here = replace(wanted, export=state)
        some = select(Order.id).where(*here.conditions(session)).limit(COUNTED + 1).subquery()
        counts[state.value] = select(func.count()).select_from(some).scalar_subquery().label(state.value)
    row = session.execute(select(*counts.values())).one()
    return {state: getattr(row, state.value) for state in ExportState}
