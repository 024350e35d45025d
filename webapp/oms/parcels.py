"""What left the warehouse, parcel by parcel (protocol: Shipment).

Two topics tell it; both are read into the same parcels, so that a shipment is the same whoever speaks.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec

from webapp.domain.numbers import read_integer
from webapp.domain.refusals import Refused
from webapp.oms.spellings import Code, LineNumber, Status, also, read_text

_LINK: Final = re.compile(r"https?://[^\s\x00-\x1f\x7f\"'<>\\]+", re.IGNORECASE)


class ShippedItem(msgspec.Struct, frozen=True, kw_only=True):
    """One unit line that left; `order_line_id` and `sku` are there to be checked against ours."""

    order_line_number: Annotated[LineNumber, also("line_number", "order_line")]
    order_line_id: Annotated[Code | None, also("id", "order_item_id", "line_id")] = None
    sku: Code | None = None
    name: str = ""
    item_type: Status | None = None
    status: Status | None = None
    status_reason: Status | None = None
    status_date: datetime | None = None


class AggregatedItem(msgspec.Struct, frozen=True, kw_only=True):
    """Unit lines of one SKU in a package; `order_lines` are line numbers, of some peers line ids."""

    sku: Code | None = None
    order_lines: list[Any] = []


class Package(msgspec.Struct, frozen=True, kw_only=True):
    """A package as it is told; `items` are line numbers."""

    id: Code | None = None
    items: tuple[LineNumber, ...] = ()
    aggregated_items: tuple[AggregatedItem, ...] = ()
    carrier: str = ""
    tracking_number: str = ""
    tracking_link: str = ""
    tracking_comment: str = ""


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """One package and what is in it: line numbers of the order, some of which may be its SHIPPING line.

    A parcel without lines is a further track of the parcel before it. `tracking_link` is an http or
    https address, or "".
    """

    package_id: str | None = None
    line_numbers: tuple[int, ...]
    carrier: str = ""
    tracking_number: str = ""
    tracking_link: str = ""
    tracking_comment: str = ""


def read_parcels(items: Sequence[ShippedItem], packages: Sequence[Package], path: str) -> tuple[Parcel, ...]:
    """The shipment's parcels; `path` is where `packages` stands in the message.

    A package that names no line has what no other package has; lines in none are a parcel without a
    track. An item told CANCELLED is in no parcel. Raises `Refused` naming a line that cannot be told.
    """
    named = [_lines_of(package, items, f"{path}[{index}]") for index, package in enumerate(packages)]
    left_out = set().union(*named)
    rest = tuple(
        dict.fromkeys(
            item.order_line_number
            for item in items
            if item.order_line_number not in left_out and item.status != "CANCELLED"
        )
    )
    parcels = []
    for package, numbers in zip(packages, named, strict=True):
        if not numbers:
            numbers, rest = rest, ()  # noqa: PLW2901 - what is left is now this package's
        parcels.append(_parcel(package, numbers))
    if rest:
        parcels.append(Parcel(line_numbers=rest))
    return tuple(parcels)


def safe_link(text: str) -> str:
    """A link people may be given: http or https, else "" (F21)."""
    return text if _LINK.fullmatch(text) else ""


def _parcel(package: Package, numbers: tuple[int, ...]) -> Parcel:
    return Parcel(
        package_id=package.id,
        line_numbers=numbers,
        carrier=package.carrier,
        tracking_number=package.tracking_number,
        tracking_link=safe_link(package.tracking_link),
        tracking_comment=package.tracking_comment,
    )


def _lines_of(package: Package, items: Sequence[ShippedItem], path: str) -> tuple[int, ...]:
    if package.items:
        return tuple(dict.fromkeys(package.items))
    told = [
        (value, f"{path}.aggregated_items[{index}].order_lines[{place}]")
        for index, together in enumerate(package.aggregated_items)
        for place, value in enumerate(together.order_lines)
    ]
    numbers = _as_numbers(told, {item.order_line_number for item in items})
    return _unique(numbers if numbers is not None else _as_ids(told, items))


def _as_numbers(told: Iterable[tuple[object, str]], known: set[int]) -> list[int] | None:
    """The values as line numbers, or None where one of them is none of the shipment's."""
    numbers = []
    for value, path in told:
        try:
            number = read_integer(value, path)
        except Refused:
            return None
        if number not in known:
            return None
        numbers.append(number)
    return numbers


def _as_ids(told: Iterable[tuple[object, str]], items: Sequence[ShippedItem]) -> list[int]:
    """The values as line ids: each stands for the next of the shipment's pieces with that id."""
    waiting: dict[str, list[int]] = {}
    for item in items:
        if item.order_line_id is not None:
            waiting.setdefault(item.order_line_id, []).append(item.order_line_number)
    numbers = []
    for value, path in told:
        pieces = waiting.get(read_text(value, path))
        if pieces is None:
            raise Refused(path, "the number or id of a line among the shipment's items", value)
        if pieces:
            numbers.append(pieces.pop(0))
    return numbers


def _unique(numbers: Iterable[int]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(numbers))
