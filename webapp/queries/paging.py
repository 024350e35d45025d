"""Paging by key: newest first, each page going on below the last id of the one before."""

from dataclasses import dataclass

from webapp.domain.refusals import Refused

MOST = 500
LONGEST_FILTER = 255


@dataclass(frozen=True, slots=True)
class Page:
    """Which page is asked for: at most `limit` items below the id `before`."""

    limit: int = 50
    before: int | None = None


def read_page(limit: str | None, cursor: str | None, *, usual: int = 50) -> Page:
    """A page as asked for in an address; raises `Refused` naming `limit` or `cursor`."""
    if limit is not None and not (_is_number(limit) and 1 <= int(limit) <= MOST):
        raise Refused("limit", f"a whole number from 1 to {MOST}", limit)
    if cursor is not None and not (_is_number(cursor) and int(cursor) < 2**63):
        raise Refused("cursor", "the next of the page before", cursor)
    return Page(int(limit) if limit else usual, int(cursor) if cursor else None)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 19
