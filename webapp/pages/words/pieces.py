"""An order's unit lines as people count them: items and bundles, and what became of each piece (F21)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from webapp.pages.words.statuses import Badge, oms_badge, oms_reason

SHIPPED, CANCELLED = "SHIPPED", "CANCELLED"
KINDS = {"SHIPPING": "Shipping", "SERVICE": "Service", "BUNDLE": "Bundle", "VIRTUAL": "Not shipped as goods"}
ALONG = ("SHIPPING", "SERVICE")
WAITING = Badge("Waiting", "ring", "wait")


class Line(Protocol):
    """A unit line, as far as it matters here."""

    line_number: int
    item_id: str
    parent_line_number: int | None
    product_type: str
    sku: str
    name: str
    quantity: Decimal
    gross_amount: Decimal
    status: str | None
    status_reason: str | None
    shipped: bool


@dataclass(slots=True)
class Fate:
    """What became of some pieces of an item; `shipment` counts from 1, None where they are in none."""

    badge: Badge
    note: str
    shipment: int | None
    numbers: list[int] = field(default_factory=list)

    @property
    def lines(self) -> str:
        """The lines' numbers in words: `lines 1–3, 7`."""
        word = "line" if len(self.numbers) == 1 else "lines"
        return f"{word} {ranges(self.numbers)}"


@dataclass(slots=True)
class Item:
    """Pieces of one item, or one bundle with its `children`; `pieces` is a count, or a fraction."""

    sku: str
    name: str
    kind: str
    gross: Decimal = Decimal(0)
    pieces: Decimal = Decimal(0)
    fates: list[Fate] = field(default_factory=list)
    children: list["Item"] = field(default_factory=list)


def items_of(lines: Sequence[Line], shipments: Mapping[int, int]) -> list[Item]:
    """The order's items in their order; `shipments` maps a line's number to the shipment it is in."""
    children: dict[int, list[Line]] = {}
    for line in lines:
        if line.parent_line_number is not None:
            children.setdefault(line.parent_line_number, []).append(line)
    items: list[Item] = []
    for line in lines:
        if line.product_type == "BUNDLE":
            bundle = _grouped([line], shipments)[0]
            bundle.children = _grouped(children.get(line.line_number, []), shipments)
            bundle.gross += sum((child.gross for child in bundle.children), Decimal(0))
            items.append(bundle)
    plain = [one for one in lines if one.product_type != "BUNDLE" and one.parent_line_number is None]
    goods = _grouped([one for one in plain if one.product_type not in ALONG], shipments)
    return [*goods, *items, *_grouped([one for one in plain if one.product_type in ALONG], shipments)]


def rows_of(item: Item) -> int:
    """How many rows an item takes: one, one for each fate, and its children's."""
    return 1 + len(item.fates) + sum(rows_of(child) for child in item.children)


def _grouped(lines: Iterable[Line], shipments: Mapping[int, int]) -> list[Item]:
    items: dict[str, Item] = {}
    for line in lines:
        item = items.setdefault(line.item_id, Item(line.sku, line.name, KINDS.get(line.product_type, "")))
        item.gross += line.gross_amount
        item.pieces += line.quantity
        fate = _fate(line, shipments.get(line.line_number))
        same = next((one for one in item.fates if _alike(one, fate)), None)
        if same is None:
            item.fates.append(fate)
        (same or fate).numbers.append(line.line_number)
    return list(items.values())


def _alike(one: Fate, other: Fate) -> bool:
    return (one.badge, one.note, one.shipment) == (other.badge, other.note, other.shipment)


def _fate(line: Line, shipment: int | None) -> Fate:
    reason = oms_reason(line.status_reason) if line.status_reason else ""
    if shipment is not None or line.shipped:
        note = "with the first shipment" if line.product_type in ALONG else ""
        return Fate(oms_badge(SHIPPED), note, shipment)
    if line.status:
        return Fate(oms_badge(line.status), reason, None)
    return Fate(WAITING, reason, None)


def ranges(numbers: Iterable[int]) -> str:
    """`1–3, 7`."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in runs)
