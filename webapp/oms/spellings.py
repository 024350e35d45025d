"""What peers write, brought into the one form of the field tables (protocol: Envelope, names).

One generic pass, driven by the struct a message is read into: CamelCase names, known misspellings,
`{}` for `[]`, ids as numbers, numbers as strings, 0/1 for booleans, codes in lower case. `msgspec` then
checks the whole against the struct; whatever does not fit is refused with its path, what was expected
and what came.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Annotated, Final, TypeVar

import msgspec
from msgspec import inspect

from webapp.domain.numbers import read_integer, read_money
from webapp.domain.refusals import ABSENT, Refused
from webapp.domain.told_ids import NumberedId
from webapp.oms.dates import is_no_date, read_time

T = TypeVar("T", bound=msgspec.Struct)
Reader = Callable[[object, str], object]

_CODE_LENGTH: Final = 255


def also(*names: str) -> msgspec.Meta:
    """Other names a field is known by."""
    return msgspec.Meta(extra={"also": names})


# An id or a code: never empty, never longer than a column that keeps it.
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=_CODE_LENGTH)]
# A code of a fixed set, such as a status: capital letters, whatever the peer writes.
Status = Annotated[str, msgspec.Meta(min_length=1, max_length=_CODE_LENGTH, extra={"upper": True})]
# The number of a unit line in its order.
LineNumber = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
# An amount of money of at least 0, to four decimals.
Amount = Annotated[Decimal, msgspec.Meta(extra={"at_least_0": True})]

_MISSPELT: Final[Mapping[str, str]] = {"shimpentid": "shipmentid", "attributecode": "name"}

_WORDS: Final[Mapping[str, str]] = {
    "object": "an object",
    "array": "a list",
    "str": "a text",
    "int": "a whole number",
    "decimal": "a number",
    "bool": "true or false",
    "datetime": "a date and time",
}


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    reader: Reader
    required: bool
    expected: str
    # Whether a value says that there is none; asked only where none is allowed.
    is_absent: Callable[[object], bool]


@dataclass(frozen=True, slots=True)
class _Plan:
    exact: Mapping[str, _Field]
    squashed: Mapping[str, _Field]
    required: tuple[_Field, ...]


def read_struct(wire: object, struct: type[T], path: str = "") -> T:
    """A message's params (or a part of them, at `path`) as `struct`, whatever the peer's dialect.

    Raises `Refused` naming the field, what was expected and what came.
    """
    return _convert(_struct_reader(struct)(wire, path), struct, path)


def squash(name: str) -> str:
    """What `order_id`, `OrderId`, `orderID` and `order-id` have in common."""
    plain = name.replace("_", "").replace("-", "").lower()
    return _MISSPELT.get(plain, plain)


@cache
def _plan(struct: type[msgspec.Struct]) -> _Plan:
    exact: dict[str, _Field] = {}
    squashed: dict[str, _Field] = {}
    info = inspect.type_info(struct)
    if not isinstance(info, inspect.StructType):
        raise TypeError(f"{struct} is no struct")
    for field in info.fields:
        known = _Field(
            field.encode_name,
            _reader(field.type),
            field.required,
            _in_words(field.type),
            _absence(field.type),
        )
        names = (field.encode_name, *_other_names(field.type))
        exact[field.encode_name] = known
        for name in names:
            if squashed.setdefault(squash(name), known) is not known:
                raise TypeError(f"{struct.__name__}: two fields are known as {name}")
    return _Plan(exact, squashed, tuple(field for field in exact.values() if field.required))


def _struct_reader(struct: type[msgspec.Struct]) -> Reader:
    def read(value: object, path: str) -> object:
        if not isinstance(value, dict):
            raise Refused(path, "an object", value)
        plan = _plan(struct)
        found: dict[str, object] = {}
        for name, inner in value.items():
            field = plan.exact.get(name)
            if field is None:
                field = plan.squashed.get(squash(name))
                # The documented name wins over another spelling of it, wherever each of them stands.
                if field is None or field.name in found or field.name in value:
                    continue
            if not field.required and field.is_absent(inner):
                continue
            found[field.name] = field.reader(inner, f"{path}.{field.name}" if path else field.name)
        for field in plan.required:
            if field.name not in found:
                raise Refused(f"{path}.{field.name}" if path else field.name, field.expected, ABSENT)
        return found

    return read


def _reader(info: inspect.Type) -> Reader:
    reader: Reader
    match info:
        case inspect.Metadata(type=inner, extra=extra) if extra and extra.get("upper"):
            reader = _read_upper
        case inspect.Metadata(type=inner, extra=extra) if extra and extra.get("at_least_0"):
            reader = _read_amount
        case inspect.Metadata(type=inner):
            reader = _reader(inner)
        case inspect.UnionType():
            reader = _reader(_without_none(info))
        case inspect.StructType():
            reader = _struct_reader(info.cls)
        case inspect.ListType() | inspect.VarTupleType():
            reader = _list_reader(_reader(info.item_type))
        case _:
            reader = _SCALARS.get(type(info), _read_as_is)
    return reader


def _list_reader(item: Reader) -> Reader:
    def read(value: object, path: str) -> object:
        if value is None or value == {}:
            return []
        if not isinstance(value, list):
            raise Refused(path, "a list", value)
        return [item(inner, f"{path}[{index}]") for index, inner in enumerate(value)]

    return read


def read_text(value: object, path: str) -> str:
    """A text, or a `NumberedId` where the peer writes ids as numbers; raises `Refused` naming `path`."""
    if isinstance(value, str):
        # No database keeps it, and no id or name has it.
        if "\0" in value:
            raise Refused(path, "a text without NUL characters", value)
        return value
    if type(value) is int and abs(value) < 10**30:
        return NumberedId(value)
    if isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) < _CODE_LENGTH:
        whole = value.to_integral_value()
        return NumberedId(format(whole, "f")) if whole == value else format(value, "f")
    raise Refused(path, "a text", value)


def _read_upper(value: object, path: str) -> object:
    return read_text(value, path).strip().upper()


def _read_amount(value: object, path: str) -> object:
    amount = read_money(value, path)
    if amount < 0:
        raise Refused(path, "an amount of at least 0", value)
    return amount


def _read_truth(value: object, path: str) -> object:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | Decimal) and str(value) in ("0", "1", "0.0", "1.0"):
        return value == 1
    if isinstance(value, str) and value.lower() in ("true", "false", "1", "0"):
        return value.lower() in ("true", "1")
    raise Refused(path, "true or false", value)


def _read_as_is(value: object, path: str) -> object:  # noqa: ARG001 - one signature for all readers
    return value


_SCALARS: Final[Mapping[type[inspect.Type], Reader]] = {
    inspect.StrType: read_text,
    inspect.IntType: read_integer,
    inspect.DecimalType: read_money,
    inspect.BoolType: _read_truth,
    inspect.DateTimeType: read_time,
}


def _absence(info: inspect.Type) -> Callable[[object], bool]:
    plain = _plain(info)
    if isinstance(plain, inspect.DateTimeType):
        return is_no_date
    if isinstance(plain, inspect.StructType):
        return lambda value: value in (None, [], {}, "")
    # An empty text says of an optional id, status or number that there is none.
    return lambda value: value in (None, "")


def _plain(info: inspect.Type) -> inspect.Type:
    if isinstance(info, inspect.Metadata):
        return _plain(info.type)
    return _plain(_without_none(info)) if isinstance(info, inspect.UnionType) else info


def _without_none(info: inspect.UnionType) -> inspect.Type:
    kept = [inner for inner in info.types if not isinstance(_plain(inner), inspect.NoneType)]
    if len(kept) != 1:
        raise TypeError(f"a field is one type or absent, not {info}")
    return kept[0]


def _other_names(info: inspect.Type) -> tuple[str, ...]:
    if isinstance(info, inspect.Metadata):
        return (*(info.extra or {}).get("also", ()), *_other_names(info.type))
    return ()


def _in_words(info: inspect.Type) -> str:
    names = {
        inspect.StrType: "str",
        inspect.IntType: "int",
        inspect.DecimalType: "decimal",
        inspect.BoolType: "bool",
        inspect.DateTimeType: "datetime",
        inspect.StructType: "object",
    }
    return _WORDS[names.get(type(_plain(info)), "array")]


_COMPLAINT: Final = re.compile(r"(?P<what>.*?)(?: - at `\$(?P<path>.*)`)?", re.DOTALL)
_LENGTH: Final = re.compile(r"Expected `(?P<kind>str|array)` of length (?P<bound>[<>]=) (?P<length>\d+)")
_BOUND: Final = re.compile(r"Expected `int` (?P<bound>[<>]=) (?P<number>-?\d+)")
_KIND: Final = re.compile(r"Expected `(?P<kind>\w+)(?: \| null)?`, got .*")


def _convert(documented: object, struct: type[T], path: str) -> T:
    try:
        return msgspec.convert(documented, struct)
    except msgspec.ValidationError as error:
        complaint = _COMPLAINT.fullmatch(str(error))
        inner = (complaint["path"] or "") if complaint else ""
        expected = _expected(complaint["what"] if complaint else str(error))
        field = path + inner if path else inner.removeprefix(".")
        raise Refused(field, expected, _value_at(documented, inner)) from None


def _expected(complaint: str) -> str:
    """msgspec's complaint in our words."""
    if length := _LENGTH.match(complaint):
        if length["kind"] == "str" and length["bound"] == ">=":
            return "a text that is not empty"
        few = "at most" if length["bound"] == "<=" else "at least"
        many = "characters in a text" if length["kind"] == "str" else "entries"
        return f"{few} {length['length']} {many}"
    if bound := _BOUND.match(complaint):
        return f"a whole number of at {'most' if bound['bound'] == '<=' else 'least'} {bound['number']}"
    kind = _KIND.fullmatch(complaint)
    return _WORDS.get(kind["kind"], complaint) if kind else complaint


def _value_at(tree: object, path: str) -> object:
    for name, index in re.findall(r"\.([^.\[\]]+)|\[(\d+)\]", path):
        if isinstance(tree, dict):
            tree = tree.get(name, ABSENT)
        elif isinstance(tree, list) and index:
            tree = tree[int(index)]
    return tree
