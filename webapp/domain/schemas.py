"""What texts, times and numbers are taken, as JSON Schema: the same as `numbers` and the readers say.

A schema promises: what fits it is read. What is read beside that out of leniency (an exponent in a text, a
date in another of ISO 8601's forms) is not promised.
"""

from collections.abc import Mapping
from typing import Final

from webapp.domain.numbers import INTEGER_LIMIT, MONEY_LIMIT, QUANTITY_LIMIT

Schema = Mapping[str, object]

_LEAP: Final = "(0[48]|[2468][048]|[13579][26])"
_DAY: Final = (
    "[1-8][0-9]{3}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    f"|02-(0[1-9]|1[0-9]|2[0-8]))|([1-8][0-9]{_LEAP}|([1357][26]|[2468][048])00)-02-29"
)
_CLOCK: Final = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?"
_ZONE: Final = "(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])?"
_PLUS: Final = r"\+?"
_SIGN: Final = "[+-]?"


def nullable(*schemas: Schema) -> Schema:
    """One of these, or null, which is absent."""
    return {"anyOf": [*schemas, {"type": "null"}]}


def moment(*, empty: bool = False) -> Schema:
    """A time with its offset, or without one in UTC; a date alone is its beginning."""
    written = f"(({_DAY})([T ]{_CLOCK}{_ZONE})?)"
    return {"type": "string", "pattern": f"^{written}{'?' if empty else ''}$"}


def text(longest: int) -> Schema:
    """A text of at most so many characters, or a whole number in its place."""
    return {"anyOf": [{"type": "string", "maxLength": longest}, integer()]}


def visible_text(longest: int) -> Schema:
    """The same with something in it that can be seen, and not a number."""
    return {
        "type": "string",
        "maxLength": longest,
        "pattern": r"[^\s\u0000-\u001f\u007f-\u009f]",
    }


def integer() -> Schema:
    """A whole number that a database keeps."""
    return {"type": "integer", "minimum": -(INTEGER_LIMIT - 1), "maximum": INTEGER_LIMIT - 1}


def money(*, least: int | None = None) -> Schema:
    """An amount, of either sign unless there is a least; also written as a text."""
    sign = _SIGN if least is None else _PLUS
    bounds: Schema = {"exclusiveMinimum": -MONEY_LIMIT} if least is None else {"minimum": least}
    number = {"type": "number", "exclusiveMaximum": MONEY_LIMIT, **bounds}
    return {"anyOf": [number, _digits(sign, len(str(MONEY_LIMIT)) - 1)]}


def quantity() -> Schema:
    """A quantity of at least 0; also written as a text."""
    number = {"type": "number", "minimum": 0, "exclusiveMaximum": int(QUANTITY_LIMIT)}
    return {"anyOf": [number, _digits(_PLUS, len(str(int(QUANTITY_LIMIT))) - 1)]}


def _digits(sign: str, most: int) -> Schema:
    return {"type": "string", "pattern": rf"^{sign}[0-9]{{1,{most}}}(\.[0-9]{{1,20}})?$"}
