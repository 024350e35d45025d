"""JSON as peers write it, right and wrong: what a document becomes on the wire, and what it says there.

It knows nothing of how the connector reads. Beside plain values a document may hold `Token`, which is written
as it is, and `Doubled`, an object one of whose names stands twice.
"""

import json
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from random import Random
from typing import Any

DEEPEST = 64
LARGEST = 32 * 1024 * 1024


@dataclass(frozen=True)
class Token:
    """Text that stands in the place of a value, JSON or not."""

    text: str


class Doubled(dict[str, Any]):
    """An object with `name` once more in front of all, as `first`: the later one counts."""

    def __init__(self, values: dict[str, Any], name: str, first: Any) -> None:
        super().__init__(values)
        self.name = name
        self.first = first


@dataclass(frozen=True)
class Style:
    """How a writer writes: blanks between, and escapes for what is not ASCII."""

    comma: str = ","
    colon: str = ":"
    escapes: bool = False

    @classmethod
    def of(cls, dice: Random) -> "Style":
        """A style by throw of the dice."""
        comma, colon = dice.choice(((",", ":"), (",", ":"), (", ", ": "), (" ,\n\t", " :\r\n")))
        return cls(comma, colon, dice.random() < 0.3)


def write(value: Any, style: Style = Style()) -> str:
    """A document as JSON text."""
    match value:
        case Token():
            text = value.text
        case Doubled():
            first = f"{_text(value.name, style)}{style.colon}{write(value.first, style)}"
            text = "{" + style.comma.join([first, *_pairs(value, style)]) + "}"
        case dict():
            text = "{" + style.comma.join(_pairs(value, style)) + "}"
        case list() | tuple():
            text = "[" + style.comma.join(write(one, style) for one in value) + "]"
        case str():
            text = _text(value, style)
        case bool() | None:
            text = json.dumps(value)
        case _:
            text = str(value)
    return text


def _pairs(values: dict[str, Any], style: Style) -> list[str]:
    return [f"{_text(name, style)}{style.colon}{write(inner, style)}" for name, inner in values.items()]


def _text(text: str, style: Style) -> str:
    # Half a surrogate pair can only be written as an escape.
    return json.dumps(text, ensure_ascii=style.escapes or _is_broken(text))


class NotJson(ValueError):
    """What no reader has to take."""


def read(body: bytes) -> Any:
    """What a body says, to a strict reader: numbers exact, of a name given twice the later value.

    Raises `NotJson` for what is not UTF-8, not JSON, above 32 MB or 64 levels, or has half a character in it.
    """
    if len(body) > LARGEST:
        raise NotJson("too large")
    try:
        text = body.removeprefix(b"\xef\xbb\xbf").decode()
        if _depth(text) > DEEPEST:
            raise NotJson("too deep")
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=_object)
    except (ValueError, RecursionError, InvalidOperation) as error:
        raise NotJson(str(error)[:200]) from None


def _refuse(constant: str) -> Any:
    raise NotJson(f"{constant} is no number of JSON's")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # All of them are looked at, those that do not count too.
    if any(_is_broken(one) for pair in pairs for one in pair):
        raise NotJson("half a character")
    return dict(pairs)


def _depth(text: str) -> int:
    """How many levels of lists and objects there are, whatever stands in them."""
    level = deepest = 0
    for bracket in re.sub(r'"(?:[^"\\]|\\.)*"', "", text, flags=re.DOTALL):
        if bracket in "[{":
            level += 1
            deepest = max(deepest, level)
        elif bracket in "]}":
            level -= 1
    return deepest


def _is_broken(value: Any) -> bool:
    if isinstance(value, list):
        return any(_is_broken(one) for one in value)
    return isinstance(value, str) and any("\ud800" <= one <= "\udfff" for one in value)
