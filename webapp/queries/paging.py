"""What a list is asked for: which page of it, by key, and what to look for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from webapp.domain.refusals import Refused
from webapp.domain.schemas import Schema, integer

MOST = 500
LONGEST_FILTER = 255
# Longer than any id there is.
CURSOR_DIGITS = 18

# What a list is asked by, as JSON Schema; an empty text asks for nothing.
FILTER: Final[Schema] = {"type": "string", "maxLength": LONGEST_FILTER, "pattern": r"^[^\u0000]*$"}
SOMETHING: Final[Schema] = {
    "anyOf": [{"type": "string", "pattern": r"[^\s\u0000-\u001f\u007f-\u009f]"}, integer()]
}
PAGE_QUERY: Final[Mapping[str, Schema]] = {
    "limit": {"type": "integer", "minimum": 1, "maximum": MOST, "default": 50},
    "cursor": {
        "type": "string",
        "pattern": f"^[0-9]{{1,{CURSOR_DIGITS}}}$",
        "description": "`next` of the page before.",
    },
}


@dataclass(frozen=True, slots=True)
class Page:
    """Which page is asked for: at most `limit` items below the id `before`."""

    limit: int = 50
    before: int | None = None


def read_page(limit: str | None, cursor: str | None, *, usual: int = 50) -> Page:
    """A page as asked for in an address; raises `Refused` naming `limit` or `cursor`."""
    if limit is not None and not (_is_number(limit) and 1 <= int(limit) <= MOST):
        raise Refused("limit", f"a whole number from 1 to {MOST}", limit)
    if cursor is not None and not (_is_number(cursor)):
        raise Refused("cursor", "the next of the page before", cursor)
    return Page(int(limit) if limit else usual, int(cursor) if cursor else None)


def read_part(name: str, number: str | None) -> int:
    """Which part of a list that is shown in parts, from 1; raises `Refused` naming the list."""
    if number is not None and not (_is_number(number) and int(number) > 0):
        raise Refused(name, "the number of a part of the list, from 1", number)
    return int(number) if number else 1


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= CURSOR_DIGITS


def read_filter(given: Mapping[str, str], name: str) -> str | None:
    """A text to look for, None where none is given; raises `Refused` naming it where no text is so long.

    SQLite gives up over a pattern of 50,000 bytes.
    """
    text = given.get(name) or ""
    if len(text) > LONGEST_FILTER:
        raise Refused(name, f"a text of at most {LONGEST_FILTER} characters", text)
    return text.strip() or None
