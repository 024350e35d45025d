"""A call's params against the field tables: every field, its type, what is required, what is unknown.

Raises `Refusal` (-32602) at the first thing wrong, naming its path (`order.lines[2].amount.gross_amount`)
and what was expected there. Optional fields may be null; required ones may not.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

from webapp.sandbox import fields
from webapp.sandbox.refusal import Refusal, missing, wrong
from webapp.sandbox.wire import ExponentNumber, Json

_DATETIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_WRAPPED = re.compile(r"(array|map)\[(.+)\]")
# Amounts have the decimals of their currency, rates and percentages a few more.
_DECIMALS = 6
_LARGEST = Decimal(10) ** 15


def check_params(method: str, params: Json) -> None:
    """Raise unless `params` is what the table says the topic takes."""
    check_members("", fields.methods()[method].arguments, params)


def check_members(path: str, expected: dict[str, fields.Field], given: Json) -> None:
    """Raise unless `given` has all required fields, no unknown one, and each of its type."""
    for name in given:
        if name not in expected:
            raise Refusal(
                f"{_at(path, name)}: no such field; known are {', '.join(expected)}",
                field=_at(path, name),
                expected="no such field",
            )
    for name, field in expected.items():
        value = given.get(name)
        if value is not None:
            _check(_at(path, name), field.type, value)
        elif field.required:
            if name in given:
                raise wrong(_at(path, name), described(field.type), None)
            raise missing(_at(path, name), described(field.type))


def described(kind: str) -> str:
    """A table's type in words."""
    if wrapped := _WRAPPED.fullmatch(kind):
        return f"{'a list' if wrapped[1] == 'array' else 'an object'} of {wrapped[2]}"
    if kind in fields.enums():
        return "one of " + ", ".join(fields.enums()[kind])
    return _PLAIN[kind][1] if kind in _PLAIN else f"an object ({kind})"


def _at(path: str, name: str) -> str:
    shown = name if name.isprintable() and len(name) <= 60 else name[:60].encode("unicode_escape").decode()
    return f"{path}.{shown}" if path else shown


def _check(path: str, kind: str, value: object) -> None:
    if wrapped := _WRAPPED.fullmatch(kind):
        _check_many(path, wrapped[1], wrapped[2], value)
    elif kind in _PLAIN:
        accepts, words = _PLAIN[kind]
        if not accepts(value):
            raise wrong(path, _words(words, value), value)
    elif kind in fields.enums():
        if value not in fields.enums()[kind]:
            raise wrong(path, described(kind), value)
    elif isinstance(value, dict):
        check_members(path, fields.types()[kind], value)
    else:
        raise wrong(path, described(kind), value)


def _check_many(path: str, wrapping: str, kind: str, value: object) -> None:
    if wrapping == "array" and isinstance(value, list):
        for index, item in enumerate(value):
            _check(f"{path}[{index}]", kind, item)
    elif wrapping == "map" and isinstance(value, dict):
        for name, item in value.items():
            if not is_text(name):
                raise wrong(path, "names that are text", name)
            _check(_at(path, name), kind, item)
    else:
        raise wrong(path, described(f"{wrapping}[{kind}]"), value)


def _words(words: str, value: object) -> str:
    return f"{words}, not in exponent form" if isinstance(value, ExponentNumber) else words


def is_text(value: object) -> bool:
    """A string that can be written: no half of a character, no number in exponent form."""
    if not isinstance(value, str) or isinstance(value, ExponentNumber):
        return False
    return not any("\ud800" <= character <= "\udfff" for character in value)


def is_integer(value: object) -> bool:
    """A JSON number without decimals that is not too large."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LARGEST


def is_number(value: object) -> bool:
    """A JSON number that is neither too long nor too large."""
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        return isinstance(exponent, int) and exponent >= -_DECIMALS and abs(value) < _LARGEST
    return is_integer(value)


def is_datetime(value: object) -> bool:
    """RFC 3339 with offset, and a date there is."""
    if not isinstance(value, str) or not _DATETIME.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_date(value: object) -> bool:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


_PLAIN: dict[str, tuple[Callable[[object], bool], str]] = {
    "string": (is_text, "a string"),
    "integer": (is_integer, "a whole JSON number"),
    "float": (is_number, f"a JSON number with at most {_DECIMALS} decimals"),
    "boolean": (lambda value: isinstance(value, bool), "true or false"),
    "datetime": (is_datetime, "an RFC 3339 date and time with offset"),
    "date": (_is_date, "a date as YYYY-MM-DD"),
}
