"""What fields take, told apart from how the connector reads them: kinds of values, and which do not fit.

`wrong` gives the paths of all that does not fit a table. A document with one of them has to be refused, and
the refusal has to name one of them. Written after the protocol and Magento's documentation, not after code.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

Test = Callable[[Any], bool]
MISSING = object()
BIG = 2**63
NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?", re.ASCII)
OMS_DATE = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d(?::\d\d)?)(?:\.\d{1,9})?( ?(?:[Zz]|[+-]\d\d:?\d\d))?)?", re.ASCII
)


@dataclass(frozen=True)
class Leaf:
    """A value: which fit, and which say that there is none where none is needed."""

    fits: Test
    none: Test = lambda value: value is None


@dataclass(frozen=True)
class Object:
    """An object of known fields; what else is in it is nobody's business. `none` is as of a leaf."""

    fields: "Mapping[str, Field]"
    none: Test = lambda value: value is None
    # What stands for an object without fields.
    empty: Test = lambda value: False  # noqa: ARG005
    # Whether names are known in other spellings too.
    spelt: bool = False


@dataclass(frozen=True)
class List:
    """A list of such; `none` is as of a leaf, `empty` what stands for a list of nothing."""

    each: "Kind"
    none: Test = lambda value: value is None
    most: int = 10**9


Kind = Leaf | Object | List


@dataclass(frozen=True)
class Field:
    """A field: its kind, whether it has to be there, whether it is `seldom` read and may be wrong unseen."""

    kind: Kind
    needed: bool = False
    seldom: bool = False
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wrong:
    """A path that does not fit; not `surely` refused where it is not always read."""

    path: str
    surely: bool = True


def wrong(kind: Kind, value: Any, path: str = "", *, surely: bool = True) -> Iterator[Wrong]:
    """All that does not fit in a value and below it."""
    match kind:
        case Leaf():
            if not kind.fits(value):
                yield Wrong(path, surely)
        case List():
            yield from _wrong_list(kind, value, path, surely)
        case Object():
            if kind.empty(value):
                value = {}
            if not isinstance(value, dict):
                yield Wrong(path, surely)
                return
            for name, field in kind.fields.items():
                yield from _wrong_field(kind, field, name, value, path, surely)


def _wrong_list(kind: List, value: Any, path: str, surely: bool) -> Iterator[Wrong]:
    if value is None or value == {}:
        return
    if not isinstance(value, list) or len(value) > kind.most:
        yield Wrong(path, surely)
        return
    for place, one in enumerate(value):
        yield from wrong(kind.each, one, f"{path}[{place}]", surely=surely)


def _wrong_field(
    kind: Object, field: Field, name: str, value: Mapping[str, Any], path: str, surely: bool
) -> Iterator[Wrong]:
    given = find(value, name, field.also) if kind.spelt else value.get(name, MISSING)
    where = f"{path}.{name}" if path else name
    surely = surely and not field.seldom
    if given is MISSING or (not field.needed and field.kind.none(given)):
        if field.needed:
            yield Wrong(where, surely)
        return
    yield from wrong(field.kind, given, where, surely=surely)


def find(value: Mapping[str, Any], name: str, also: tuple[str, ...]) -> Any:
    """A field under its own name, or the first under another spelling of it (protocol: names)."""
    if name in value:
        return value[name]
    known = {squashed(one) for one in (name, *also)}
    return next((inner for given, inner in value.items() if squashed(given) in known), MISSING)


def squashed(name: str) -> str:
    """What `order_id`, `OrderId` and `shimpent_id` for `shipment_id` come to."""
    plain = name.replace("_", "").replace("-", "").lower()
    return {"shimpentid": "shipmentid", "attributecode": "name"}.get(plain, plain)


def number_of(value: Any) -> Decimal | None:
    """The number a value says, as a number or as a text; None where it says none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        return Decimal(value) if NUMBER.fullmatch(value) else None
    return Decimal(value) if isinstance(value, int | Decimal) else None


def whole(least: int = 1 - BIG, most: int = BIG - 1) -> Test:
    """A whole number within bounds: 5, 5.0, "5"."""

    def fits(value: Any) -> bool:
        number = number_of(value)
        if number is None or (number and number.adjusted() > 20):
            return False
        return number == number.to_integral_value() and least <= number <= most

    return fits


def amount(least: Decimal | None = None, below: int = 10**13) -> Test:
    """A number within bounds."""

    def fits(value: Any) -> bool:
        number = number_of(value)
        if number is None or (number and number.adjusted() > 20):
            return False
        return -below < number < below and (least is None or number >= least)

    return fits


def is_flag(value: Any) -> bool:
    """0 or 1, true or false, also as texts."""
    if isinstance(value, str):
        return value in ("0", "1", "true", "false")
    return isinstance(value, int | Decimal) and value in (0, 1)


def is_oms_text(value: Any) -> bool:
    """A text without NUL, or a number in its place."""
    if isinstance(value, str):
        return "\0" not in value
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return abs(value) < 10**30
    return isinstance(value, Decimal) and abs(value.adjusted()) < 255


def is_code(value: Any) -> bool:
    """A text that is not empty, of at most 255 characters."""
    return is_oms_text(value) and 0 < len(_as_text(value)) <= 255


def is_status(value: Any) -> bool:
    """The same when blanks around it are gone."""
    return is_oms_text(value) and 0 < len(_as_text(value).strip().upper()) <= 255


def _as_text(value: Any) -> str:
    if not isinstance(value, Decimal):
        return str(value)
    number = value.to_integral_value()
    return format(number if number == value else value, "f")


def is_oms_date(value: Any) -> bool:
    """A date and time as peers write them, that there is in UTC."""
    found = OMS_DATE.fullmatch(value) if isinstance(value, str) else None
    return found is not None and is_time(
        f"{found[1]}T{found[2] or '00:00'}{(found[3] or '').strip().upper()}"
    )


def is_time(value: Any) -> bool:
    """A time in one of ISO 8601's forms, that there is in UTC."""
    if not isinstance(value, str) or not value.isprintable():
        return False
    try:
        at = datetime.fromisoformat(value)
        return (at if at.tzinfo is None else at.astimezone(UTC)) is not None
    except (ValueError, OverflowError):
        return False


def is_no_date(value: Any) -> bool:
    """What languages without an absent date write."""
    return value in (None, "", "0000-00-00", "0000-00-00 00:00:00", "0001-01-01T00:00:00Z")
