"""What was sold: a store's flat rows put in order, parents with their children (F13, F17, F27).

A configurable is its chosen child with the parent's money; a bundle stands before its children, and its
money is the children's (dynamic price) or its own (fixed price).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Final

from webapp.domain.money import plain
from webapp.domain.order import Row
from webapp.domain.refusals import Refused

GOODS: Final = frozenset({"simple", "virtual", "downloadable", "giftcard", "grouped"})
VIRTUAL: Final = frozenset({"virtual", "downloadable"})
_TYPES_IN_WORDS: Final = "simple, virtual, downloadable, giftcard, grouped, configurable or bundle"


class Kind(Enum):
    """How a row's money becomes lines."""

    PLAIN = "plain"
    FIXED_BUNDLE = "fixed bundle"
    DYNAMIC_BUNDLE = "dynamic bundle"


@dataclass(frozen=True, slots=True)
class Item:
    """One row as sold: `row` has the money, quantity and id, `goods` the SKU and name that go out.

    The two differ only for a configurable. `pieces_each` is how many of a child are in one bundle.
    """

    row: Row
    goods: Row
    kind: Kind
    path: str
    children: tuple["Item", ...] = ()
    pieces_each: int = 1

    @property
    def is_virtual(self) -> bool:
        return self.goods.is_virtual or self.goods.product_type in VIRTUAL


def arrange(rows: Sequence[Row]) -> tuple[Item, ...]:
    """Put rows into items, in the order of the rows, each bundle with its children.

    Raises `Refused` naming the row: a parent that is missing or has a parent itself, a type that cannot be
    exported, quantities that make no whole pieces of a bundle.
    """
    paths = {row.item_id: row.path for row in rows}
    by_id = {row.item_id: row for row in rows}
    children: dict[str, list[Row]] = {}
    for row in rows:
        if row.parent_item_id is not None:
            _check_parent(row.parent_item_id, by_id, paths[row.item_id])
            children.setdefault(row.parent_item_id, []).append(row)
    return tuple(
        _item(row, children.get(row.item_id, []), paths) for row in rows if row.parent_item_id is None
    )


def money_rows(items: Sequence[Item]) -> Iterator[Item]:
    """The items whose rows carry the order's money, in the order of their lines."""
    for item in items:
        if item.kind is Kind.DYNAMIC_BUNDLE:
            yield from item.children
        else:
            yield item


def _check_parent(parent_id: str, by_id: Mapping[str, Row], path: str) -> None:
    parent = by_id.get(parent_id)
    if parent is None:
        raise Refused(f"{path}.parent_item_id", "the item_id of a row of this order", parent_id)
    if parent.parent_item_id is not None:
        raise Refused(f"{path}.parent_item_id", "a row that has no parent of its own", parent_id)
    if parent.product_type not in ("configurable", "bundle"):
        raise Refused(f"{path}.parent_item_id", "the row of a configurable or a bundle", parent_id)


def _item(row: Row, children: Sequence[Row], paths: Mapping[str, str]) -> Item:
    path = paths[row.item_id]
    for child in children:
        _check_goods(child, paths[child.item_id])
    if row.product_type == "configurable":
        if len(children) > 1:
            raise Refused(
                f"{paths[children[1].item_id]}.parent_item_id", "one child of a configurable", row.item_id
            )
        return Item(row, children[0] if children else row, Kind.PLAIN, path)
    if row.product_type == "bundle":
        return _bundle(row, children, paths)
    _check_goods(row, path)
    return Item(row, row, Kind.PLAIN, path)


def _check_goods(row: Row, path: str) -> None:
    if row.product_type not in GOODS:
        raise Refused(f"{path}.product_type", _TYPES_IN_WORDS, row.product_type)


def _bundle(row: Row, children: Sequence[Row], paths: Mapping[str, str]) -> Item:
    path = paths[row.item_id]
    if not children:
        raise Refused(path, "a bundle with its children", "no row with this parent_item_id")
    _check_whole(row, path)
    dynamic = any(
        child.base_price or child.tax_amount or child.discount_amount or child.weee for child in children
    )
    return Item(
        row,
        row,
        Kind.DYNAMIC_BUNDLE if dynamic else Kind.FIXED_BUNDLE,
        path,
        tuple(_bundled(child, row.qty_ordered, paths[child.item_id]) for child in children),
    )


def _bundled(child: Row, bundles: Decimal, path: str) -> Item:
    _check_whole(child, path)
    each = child.qty_ordered / bundles
    if each != each.to_integral_value():
        expected = f"whole pieces for each of {plain(bundles)} bundles"
        raise Refused(f"{path}.qty_ordered", expected, plain(child.qty_ordered))
    return Item(child, child, Kind.PLAIN, path, pieces_each=int(each))


def _check_whole(row: Row, path: str) -> None:
    for name, quantity in (("qty_ordered", row.qty_ordered), ("qty_canceled", row.qty_canceled)):
        if quantity != quantity.to_integral_value():
            raise Refused(f"{path}.{name}", "whole pieces in a bundle", plain(quantity))
