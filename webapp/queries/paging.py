"""What a list is asked for: which page of it, by key, and what to look for."""

from collections.abc import Mapping
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


def read_filter(given: Mapping[str, str], name: str) -> str | None:
    """A text to look for, None where none is given; raises `Refused` naming it where no text is so long.

    SQLite gives up over a pattern of 50,000 bytes.
    """
    text = (given.get(name) or "").strip()
    if len(text) > LONGEST_FILTER:
        raise Refused(name, f"a text of at most {LONGEST_FILTER} characters", text)
    return text or None
