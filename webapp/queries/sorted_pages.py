"""Paging by key through a list sorted by a column: a page goes on from the value and id of a row (P6).

A cursor is the sorted value and the id as they stood when the page was made, so rows that come and go
between two pages neither repeat nor hide others.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import InstrumentedAttribute

from webapp.domain.refusals import Refused

LONGEST_CURSOR = 800
# Sizes of what is stored: money is a 64-bit whole number of ten-thousandths.
MOST_MONEY = Decimal(2**62) / 10_000


@dataclass(frozen=True, slots=True)
class SortColumn:
    """A column a list may be sorted by; `read` makes its value of a cursor's text, or raises `ValueError`."""

    column: InstrumentedAttribute[Any]
    read: Callable[[str], Any]
    descending_first: bool = False


@dataclass(frozen=True, slots=True)
class Sorting:
    """How a list is sorted; `name` is the column's in addresses."""

    name: str
    by: SortColumn
    descending: bool

    @property
    def word(self) -> str:
        """As it stands in an address: `total`, or `-total` for the largest first."""
        return f"-{self.name}" if self.descending else self.name


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: behind this row, or, with `back`, before it."""

    value: Any
    id: int
    back: bool = False


def read_sorting(columns: Mapping[str, SortColumn], word: str | None, usual: str) -> Sorting:
    """The sorting as asked for in an address; raises `Refused` naming `sort`."""
    asked = word or usual
    name = asked.removeprefix("-")
    if name not in columns:
        raise Refused("sort", "one of " + ", ".join(columns) + ", with - in front for the reverse", asked)
    return Sorting(name, columns[name], asked.startswith("-"))


def read_place(sorting: Sorting, after: str | None, before: str | None) -> Place | None:
    """Where the page asked for begins, None for the first; raises `Refused` naming `after` or `before`."""
    text = after or before
    if not text:
        return None
    name = "after" if after else "before"
    try:
        if len(text) > LONGEST_CURSOR:
            raise ValueError(name)
        written, row_id = msgspec.json.decode(urlsafe_b64decode(text.encode()), type=tuple[str, int])
        if "\x00" in written or not 0 < row_id < 2**63:
            raise ValueError(name)
        return Place(sorting.by.read(written), row_id, back=not after)
    except (ValueError, ArithmeticError, msgspec.DecodeError):
        raise Refused(name, "the address of a page as this list gives it", text) from None


def write_place(value: object, row_id: int) -> str:
    """The cursor of a row, for an address."""
    written = value.isoformat() if isinstance(value, datetime) else str(value)
    return urlsafe_b64encode(msgspec.json.encode((written, row_id))).decode()


def read_when(text: str) -> datetime:
    """A time of a cursor."""
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def read_amount(text: str) -> Decimal:
    """An amount of a cursor."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ValueError(text) from None
    if not amount.is_finite() or abs(amount) > MOST_MONEY or amount != round(amount, 4):
        raise ValueError(text)
    return amount


def order_by(sorting: Sorting, row_id: InstrumentedAttribute[int], place: Place | None) -> list[Any]:
    """The ORDER BY of a page; a page looked for backwards comes in reverse."""
    down = sorting.descending != (place is not None and place.back)
    columns = (sorting.by.column, row_id)
    return [column.desc() if down else column.asc() for column in columns]


def beyond(sorting: Sorting, row_id: InstrumentedAttribute[int], place: Place) -> ColumnElement[bool]:
    """What of the list is on the far side of a place, in the direction of the page."""
    column = sorting.by.column
    if sorting.descending != place.back:
        return and_(column <= place.value, or_(column < place.value, row_id < place.id))
    return and_(column >= place.value, or_(column > place.value, row_id > place.id))
