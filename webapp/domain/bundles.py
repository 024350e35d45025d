"""Bundles as lines: each piece a line of its own without money, followed by its children (F27, F28)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from webapp.domain.entries import ONE_PIECE, Entry
from webapp.domain.line_writer import LineWriter, Look
from webapp.domain.money import ten_thousandths
from webapp.domain.rows import Item
from webapp.domain.splitting import Share, divide_share, split

SOURCING_ATTRIBUTE: Final = "mom_srcrr_FilterSourceBundleFromOneSource"
SOURCING_RULES: Final = {
    "together": "SHIPTOGETHER",
    "simultaneously": "SHIPSIMULTANEOUSLY",
    "separately": "SHIPSEPARATELY",
}


@dataclass(frozen=True, slots=True)
class ChildLook:
    """A child of a bundle: how its lines look, and how many of it are in one bundle."""

    look: Look
    each: int


def write_fixed_bundle(
    writer: LineWriter, look: Look, entry: Entry, children: Sequence[ChildLook], weights: Sequence[int]
) -> None:
    """Write a bundle of fixed price: each one's money divided among its pieces; a weight for each child."""
    pieces = [child for child in children for _ in range(child.each)]
    piece_weights = [
        weight for child, weight in zip(children, weights, strict=True) for _ in range(child.each)
    ]
    for share, count in split(entry, entry.left // ONE_PIECE):
        dealt = divide_share(share, piece_weights)
        for _ in range(count):
            parent = writer.write_bundle(look)
            for child, part in zip(pieces, dealt, strict=True):
                writer.write(child.look, part, parent=parent)


def write_dynamic_bundle(writer: LineWriter, look: Look, children: Sequence[tuple[ChildLook, Entry]]) -> None:
    """Write a bundle whose children have their own prices: as many as its children still need."""
    shares = [_shares(entry) for _, entry in children]
    for turn in range(bundles_needed([(child.each, entry.left) for child, entry in children])):
        parent = writer.write_bundle(look)
        for (child, _), mine in zip(children, shares, strict=True):
            for share in mine[turn * child.each : (turn + 1) * child.each]:
                writer.write(child.look, share, parent=parent)


def bundles_needed(children: Sequence[tuple[int, int]]) -> int:
    """How many bundles the children left still make: pieces left ÷ pieces each, rounded up, the largest.

    A child is its pieces in one bundle and what is left of it in ten-thousandths.
    """
    return max(-(-left // (each * ONE_PIECE)) for each, left in children)


def weights_of(item: Item, child_prices: Mapping[str, Decimal]) -> list[int]:
    """What each child is worth in a bundle of fixed price: its price in the catalog, else in the order."""
    return [
        max(ten_thousandths(child_prices.get(child.goods.sku, child.row.original_price)), 0)
        for child in item.children
    ]


def _shares(entry: Entry) -> list[Share]:
    count = entry.left // ONE_PIECE
    return [share for share, times in split(entry, count) for _ in range(times)] if count else []
