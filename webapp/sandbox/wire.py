"""JSON as the sandbox reads and writes it: exact numbers, nothing a strict reader would let pass."""

import json
import re
from decimal import Decimal
from typing import Any, NoReturn

import msgspec

Json = dict[str, Any]
DEEPEST = 64

_encoder = msgspec.json.Encoder(decimal_format="number")
_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)


class NotJson(ValueError):
    """The body is not JSON; the text says what is wrong with it."""


class ExponentNumber(str):
    """A number that came in exponent form, which no field takes; the text is as it came."""

    __slots__ = ()


def read(body: bytes) -> Any:
    """Objects, lists, str, int, Decimal, bool, None; raises NotJson.

    Refused besides what the grammar forbids: NaN and infinities, a name given twice in one object,
    nesting below 64, text that is not UTF-8.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotJson(f"byte {error.start} is not UTF-8") from None
    if _depth(body) > DEEPEST:
        raise NotJson(f"nested deeper than {DEEPEST} levels")
    try:
        return json.loads(text, parse_float=_number, parse_constant=_constant, object_pairs_hook=_object)
    except NotJson:
        raise
    except json.JSONDecodeError as error:
        raise NotJson(f"{error.msg} at character {error.pos}") from None
    except ValueError:
        raise NotJson("a number has too many digits") from None


def write(value: Any) -> bytes:
    """Compact JSON; decimals as numbers with the digits they have."""
    return _encoder.encode(value)


def _number(text: str) -> Decimal | ExponentNumber:
    return ExponentNumber(text) if "e" in text or "E" in text else Decimal(text)


def _constant(text: str) -> NoReturn:
    raise NotJson(f"{text} is not JSON")


def _object(pairs: list[tuple[str, Any]]) -> Json:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise NotJson(f'the name "{twice[:60]}" stands twice in one object')
    return made


def _depth(body: bytes) -> int:
    deepest = depth = 0
    for match in _BRACKETS.finditer(body):
        if match.group() in (b"[", b"{"):
            depth += 1
            deepest = max(deepest, depth)
        elif match.group() in (b"]", b"}"):
            depth -= 1
    return deepest
