"""A list of a page that is too long to be shown whole: a part of it, and links to the parts beside it.

The part asked for is in the address, under the list's name: `/orders/000000042?pieces=2#pieces`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from flask import request, url_for

from webapp.pages.words.amounts import count, plural
from webapp.queries.paging import read_part

T = TypeVar("T")
# So many rows of a list are shown at once.
MOST_ROWS: Final = 100
# What a poll has seen is no part of the address of a page.
_NOT_KEPT: Final = "seen"


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """The items `shown` of a list, `words` which they are, and where the parts beside them are, or ""."""

    shown: Sequence[T]
    words: str
    back: str
    on: str


def part_of(
    items: Sequence[T], name: str, what: str, *, rows: Callable[[T], int] = lambda _: 1, most: int = MOST_ROWS
) -> Part[T]:
    """The part of a list that the address asks for, the last one where there are not that many.

    `rows` says how many rows an item takes, `what` what one item is called. Raises `Refused` naming the list.
    """
    starts = _starts(items, rows, most)
    place = min(read_part(name, request.args.get(name)), len(starts)) - 1
    first, end = starts[place], (*starts, len(items))[place + 1]
    words = f"{count(first + 1)}–{count(end)} of {plural(len(items), what)}" if len(starts) > 1 else ""
    return Part(
        items[first:end],
        words,
        back=_address(name, place) if place else "",
        on=_address(name, place + 2) if place + 1 < len(starts) else "",
    )


def _starts(items: Sequence[T], rows: Callable[[T], int], most: int) -> list[int]:
    """Where each part begins: as many items as `most` rows hold, but one at least."""
    starts, filled = [0], 0
    for index, item in enumerate(items):
        taken = rows(item)
        if filled and filled + taken > most:
            starts.append(index)
            filled = 0
        filled += taken
    return starts


def _address(name: str, number: int) -> str:
    kept = parts_asked_for() | {name: str(number)}
    return url_for(str(request.endpoint), **{**(request.view_args or {}), **kept, "_anchor": name})


def parts_asked_for() -> dict[str, str]:
    """Which parts of its lists the address asks for, to be handed on to the page's own next look."""
    return {name: value for name, value in request.args.items() if name != _NOT_KEPT}
