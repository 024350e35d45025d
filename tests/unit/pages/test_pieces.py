"""Unit lines as people count them: items, bundles, fates (F21)."""

from dataclasses import dataclass
from decimal import Decimal

import pytest

from webapp.pages.words.pieces import Item, items_of, ranges


@dataclass
class ALine:
    """A unit line."""

    line_number: int
    item_id: str
    sku: str
    product_type: str = "PHYSICAL"
    parent_line_number: int | None = None
    name: str = ""
    quantity: Decimal = Decimal(1)
    gross_amount: Decimal = Decimal(10)
    status: str | None = None
    status_reason: str | None = None
    shipped: bool = False


def told(items: list[Item]) -> list[tuple[str, str, list[tuple[str, str, int | None, str]]]]:
    """Items as a test compares them."""
    return [
        (f"{item.pieces:g} {item.sku}", f"{item.gross}",
         [(fate.badge.word, fate.note, fate.shipment, fate.lines) for fate in item.fates])
        for item in items
    ]  # fmt: skip


def test_pieces_of_an_item_stand_together_by_their_fate() -> None:
    lines = [
        ALine(1, "a", "A", shipped=True),
        ALine(2, "a", "A", shipped=True),
        ALine(3, "a", "A", status="CANCELLED", status_reason="OUTOFSTOCK"),
        ALine(4, "a", "A"),
        ALine(5, "b", "B", status="PICKREADY"),
        ALine(6, "SHIPPING", "STANDARD", "SHIPPING", shipped=True),
    ]
    assert told(items_of(lines, {1: 1, 2: 2})) == [
        ("4 A", "40", [
            ("Shipped", "", 1, "line 1"), ("Shipped", "", 2, "line 2"),
            ("Cancelled", "out of stock", None, "line 3"), ("Waiting", "", None, "line 4"),
        ]),
        ("1 B", "10", [("Ready to pick", "", None, "line 5")]),
        ("1 STANDARD", "10", [("Shipped", "with the first shipment", None, "line 6")]),
    ]  # fmt: skip


def test_each_bundle_piece_stands_with_its_own_children() -> None:
    lines = [
        ALine(1, "k", "KIT", "BUNDLE", gross_amount=Decimal(0)),
        ALine(2, "c", "CUP", parent_line_number=1),
        ALine(3, "c", "CUP", parent_line_number=1, shipped=True),
        ALine(4, "k", "KIT", "BUNDLE", gross_amount=Decimal(0)),
        ALine(5, "c", "CUP", parent_line_number=4),
    ]
    first, second = items_of(lines, {3: 1})
    assert (first.sku, first.kind, first.gross, second.gross) == ("KIT", "Bundle", Decimal(20), Decimal(10))
    assert told(first.children) == [
        ("2 CUP", "20", [("Waiting", "", None, "line 2"), ("Shipped", "", 1, "line 3")])
    ]
    assert told(second.children) == [("1 CUP", "10", [("Waiting", "", None, "line 5")])]


def test_a_fractional_quantity_is_told_as_it_is() -> None:
    assert told(items_of([ALine(1, "a", "ROPE", quantity=Decimal("1.5"))], {}))[0][0] == "1.5 ROPE"


@pytest.mark.parametrize(
    ("numbers", "words"),
    [([], ""), ([4], "4"), ([1, 2, 3, 7], "1–3, 7"), ([9, 1, 2], "1–2, 9"), ([1, 3, 5], "1, 3, 5")],
)
def test_numbers_in_a_row_are_told_as_one(numbers: list[int], words: str) -> None:
    assert ranges(numbers) == words
