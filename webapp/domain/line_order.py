"""Which lines an order has and in which order: rows, each bundle before its children, services, shipping."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from webapp.domain.bundles import (
    SOURCING_ATTRIBUTE,
    SOURCING_RULES,
    ChildLook,
    weights_of,
    write_dynamic_bundle,
    write_fixed_bundle,
)
from webapp.domain.entries import ONE_PIECE, Entry
from webapp.domain.line_writer import Attributes, LineWriter, Look
from webapp.domain.money import from_ten_thousandths, plain
from webapp.domain.refusals import Refused
from webapp.domain.rows import Item, Kind
from webapp.domain.splitting import split

MOST_LINES: Final = 10_000
# Two spellings are documented; a listener reads one or the other.
BACKORDER_ATTRIBUTES: Final = (("allowBackorders", "true"), ("allowBackorder", "true"))


@dataclass(frozen=True, slots=True)
class Catalog:
    """What the catalog knows of an order's products.

    `bundle_rules` by the bundle row's `product_id`: `together`, `simultaneously` or `separately`;
    `backorder_skus` are the products that allow backorders; `child_prices` are by SKU.
    """

    bundle_rules: Mapping[str, str]
    backorder_skus: Set[str]
    child_prices: Mapping[str, Decimal]


def check_length(items: Iterable[Item]) -> None:
    """Refuse an order of more lines than any message could carry, before they are made."""
    room = Decimal(MOST_LINES)
    for item in items:
        each = 1 + sum(child.pieces_each for child in item.children)
        room -= item.row.qty_ordered * each
        if room < 0:
            expected = f"an order of at most {MOST_LINES} pieces in all"
            raise Refused(f"{item.path}.qty_ordered", expected, plain(item.row.qty_ordered))


def write_order(
    writer: LineWriter, items: Sequence[Item], entries: Sequence[Entry], catalog: Catalog
) -> None:
    """Write all lines; `entries` are those of which anything is left, in the order of their lines."""
    by_id = {entry.id: entry for entry in entries if entry.item is not None}
    for item in items:
        if item.kind is Kind.DYNAMIC_BUNDLE:
            left = [(child, by_id.get(child.row.item_id)) for child in item.children]
            parts = [(_child(child, entry, catalog), entry) for child, entry in left if entry is not None]
            if parts:
                write_dynamic_bundle(writer, _bundle_look(item, catalog), parts)
        elif (entry := by_id.get(item.row.item_id)) is None:
            continue
        elif item.kind is Kind.FIXED_BUNDLE:
            children = [_child(child, entry, catalog) for child in item.children]
            weights = weights_of(item, catalog.child_prices)
            write_fixed_bundle(writer, _bundle_look(item, catalog), entry, children, weights)
        else:
            _write_pieces(writer, item, entry, catalog)
    for entry in entries:
        if entry.item is None:
            look = Look(entry.id, entry.sku, entry.name, entry.product_type, entry.rate)
            for share, count in split(entry, 1):
                writer.write(look, share, count)


def _write_pieces(writer: LineWriter, item: Item, entry: Entry, catalog: Catalog) -> None:
    attributes = _backorders(item, catalog)
    count, fraction = divmod(entry.left, ONE_PIECE)
    if fraction:
        count = 1
        quantity = plain(from_ten_thousandths(entry.left))
        attributes = (*attributes, ("quantity", f"{quantity:f}"))
    look = Look(entry.id, entry.sku, entry.name, entry.product_type, entry.rate, attributes)
    for share, times in split(entry, count):
        writer.write(look, share, times)


def _child(child: Item, entry: Entry, catalog: Catalog) -> ChildLook:
    look = Look(
        child.row.item_id,
        child.goods.sku,
        child.goods.name,
        "VIRTUAL" if child.is_virtual else "PHYSICAL",
        entry.rate,
        _backorders(child, catalog),
    )
    return ChildLook(look, child.pieces_each)


def _bundle_look(item: Item, catalog: Catalog) -> Look:
    rule = SOURCING_RULES.get(catalog.bundle_rules.get(item.row.product_id, ""))
    attributes = ((SOURCING_ATTRIBUTE, rule),) if rule else ()
    return Look(
        item.row.item_id,
        item.goods.sku,
        item.goods.name,
        "BUNDLE",
        attributes=(*_backorders(item, catalog), *attributes),
    )


def _backorders(item: Item, catalog: Catalog) -> Attributes:
    allowed = (
        item.goods.sku in catalog.backorder_skus or item.row.qty_backordered or item.goods.qty_backordered
    )
    return BACKORDER_ATTRIBUTES if allowed else ()
