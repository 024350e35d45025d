"""The one way data from outside is refused: which field, what was expected, what came instead.

Shown to people and returned by the API as it is (contract: errors in the field's own words).
"""

import json
from decimal import Decimal
from typing import Final

SHOWN_LENGTH: Final = 60


class Absent:
    """What `got` is where the field was not there at all."""

    def __repr__(self) -> str:
        return "nothing"


ABSENT: Final = Absent()


class Refused(ValueError):
    """A value that cannot be taken: `items[2].qty_ordered: expected a number above 0, got "-1"`.

    `field` is the path in the sender's own words ("" for the whole document), `expected` a phrase,
    `got` the value as it came.
    """

    cause = "invalid"

    def __init__(self, field: str, expected: str, got: object = ABSENT) -> None:
        self.field = field
        self.expected = expected
        self.got = in_words(got)
        where = f"{field}: " if field else ""
        super().__init__(f"{where}expected {expected}, got {self.got}")


class Inapplicable(Refused):
    """Well-formed, but what it speaks of is not here or says otherwise (an unknown order, a contradiction).

    `reason` is the whole sentence a merchant reads; `cause` the code failures of one kind group under.
    """

    def __init__(self, field: str, expected: str, got: object, *, reason: str, cause: str) -> None:
        super().__init__(field, expected, got)
        self.reason = reason
        self.cause = cause

    def __str__(self) -> str:
        return self.reason


def in_words(value: object) -> str:
    """A refused value as people read it: JSON for the plain ones, cut short; a word for the rest."""
    match value:
        case None | True | False:
            words = json.dumps(value)
        case str():
            words = json.dumps(_cut(value), ensure_ascii=False)
            # Half a surrogate pair is in no text that can be sent or kept.
            words = words.encode("utf-8", "backslashreplace").decode()
        case Decimal() | float():
            words = _cut(str(value))
        case int():
            # A number of thousands of digits is not worth writing out, and Python refuses to.
            words = str(value) if abs(value) < 10**SHOWN_LENGTH else "a number of very many digits"
        case dict():
            words = "an object" if value else "{}"
        case list() | tuple():
            words = "a list" if value else "[]"
        case _:
            words = repr(value) if value is ABSENT else type(value).__name__
    return words


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN_LENGTH else text[: SHOWN_LENGTH - 1] + "…"
