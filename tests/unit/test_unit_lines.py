"""Which lines the rows of an order become, one for each piece (F11, F13, F14, F17, F26)."""

import pytest

from tests.fixtures.breakdowns import broken_down, money, table
from tests.fixtures.magento_documents import Document, a_child, an_item
from webapp.domain.refusals import Refused
from webapp.domain.shipping_sku import shipping_sku


@pytest.mark.parametrize(
    ("kind", "is_virtual", "told"),
    [
        ("simple", 0, "PHYSICAL"),
        ("virtual", 1, "VIRTUAL"),
        ("virtual", 0, "VIRTUAL"),
        ("downloadable", 1, "VIRTUAL"),
        ("giftcard", 0, "PHYSICAL"),
        ("giftcard", 1, "VIRTUAL"),
        ("grouped", 0, "PHYSICAL"),
        ("grouped", 1, "VIRTUAL"),
    ],
)
def test_goods_go_out_as_what_they_are(kind: str, is_virtual: int, told: str) -> None:
    done = broken_down([an_item(1, "A", 2, 5, product_type=kind, is_virtual=is_virtual)], 5, subtotal=5)
    assert [(line.product_type, line.sku, line.product_name, line.id) for line in done.lines] == [
        (told, "A", "The A", "1")
    ] * 2


def test_a_configurable_is_its_child_with_the_parent_s_money_and_id() -> None:
    done = broken_down(
        [
            an_item(1, "MT07", 2, 59, product_type="configurable"),
            a_child(2, 1, "MT07-M", 2, is_virtual=1),
        ],
        59,
        subtotal=59,
    )
    assert [
        (line.id, line.sku, line.product_name, line.product_type, str(line.gross)) for line in done.lines
    ] == [
        ("1", "MT07-M", "The MT07-M", "VIRTUAL", "29.50"),
        ("1", "MT07-M", "The MT07-M", "VIRTUAL", "29.50"),
    ]


def test_a_configurable_whose_child_is_gone_goes_out_by_its_own_row() -> None:
    done = broken_down([an_item(1, "MT07-M", 1, 59, product_type="configurable")], 59, subtotal=59)
    assert [line.sku for line in done.lines] == ["MT07-M"]


def test_the_remainder_goes_to_the_first_lines() -> None:
    done = broken_down([an_item(1, "A", 6, 100)], 100, subtotal=100)
    assert [str(line.gross) for line in done.lines] == ["16.67", "16.67", "16.67", "16.67", "16.66", "16.66"]


def test_a_fractional_quantity_is_one_line_that_says_so() -> None:
    done = broken_down([an_item(1, "CLOTH", money("2.5"), 25), an_item(2, "B", 1, 1)], 26, subtotal=26)
    assert table(done) == ["CLOTH 25.00+0.00=25.00", "B 1.00+0.00=1.00"]
    assert [line.custom_attributes for line in done.lines] == [(("quantity", "2.5"),), ()]


def test_what_is_left_of_a_fractional_quantity_says_so_too() -> None:
    done = broken_down(
        [an_item(1, "CLOTH", money("2.5"), 25, qty_canceled=1)], 25, subtotal=25, total_canceled=10
    )
    assert [(str(line.gross), line.custom_attributes) for line in done.lines] == [
        ("15.00", (("quantity", "1.5"),))
    ]


@pytest.mark.parametrize(
    ("rows", "skus", "allowed"),
    [
        ([an_item(1, "A", 1, 10)], set(), False),
        ([an_item(1, "A", 1, 10)], {"B"}, False),
        ([an_item(1, "A", 1, 10)], {"A"}, True),
        ([an_item(1, "A", 2, 10, qty_backordered=1)], set(), True),
        ([an_item(1, "P", 1, 10, product_type="configurable"), a_child(2, 1, "A", 1)], {"A"}, True),
        ([an_item(1, "P", 1, 10, product_type="configurable"), a_child(2, 1, "A", 1)], {"P"}, False),
        (
            [an_item(1, "P", 1, 10, product_type="configurable"), a_child(2, 1, "A", 1, qty_backordered=1)],
            set(),
            True,
        ),
    ],
)
def test_lines_of_products_on_backorder_say_so_in_both_spellings(
    rows: list[Document], skus: set[str], allowed: bool
) -> None:
    done = broken_down(rows, 10, subtotal=10, options={"backorder_skus": skus})
    expected = (("allowBackorders", "true"), ("allowBackorder", "true")) if allowed else ()
    assert {line.custom_attributes for line in done.lines} == {expected}


@pytest.mark.parametrize(
    ("method", "sku"),
    [
        ("flatrate_flatrate", "STANDARD"),
        ("tablerate_bestway", "TABLERATE-Bestway"),
        ("ups_03", "UPS-03"),
        ("dhl_express_worldwide", "DHL-Express_worldwide"),
        ("freeshipping_freeshipping", "FREESHIPPING-Freeshipping"),
        ("instore", "INSTORE"),
        ("fedex_", "FEDEX-"),
    ],
)
def test_shipping_methods_have_the_sku_of_the_catalog(method: str, sku: str) -> None:
    assert shipping_sku(method) == sku


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            [an_item(1, "A", 1, 5), a_child(2, 99, "B", 1)],
            r'^items\[1\]\.parent_item_id: expected the item_id of a row of this order, got "99"$',
        ),
        (
            [a_child(1, 2, "A", 1), a_child(2, 1, "B", 1)],
            r"^items\[0\]\.parent_item_id: expected a row that has no parent of its own",
        ),
        (
            [a_child(1, 1, "A", 1)],
            r"^items\[0\]\.parent_item_id: expected a row that has no parent of its own",
        ),
        (
            [an_item(1, "A", 1, 5), a_child(2, 1, "B", 1)],
            r"^items\[1\]\.parent_item_id: expected the row of a configurable or a bundle",
        ),
        (
            [an_item(1, "A", 1, 5, product_type="subscription")],
            r'^items\[0\]\.product_type: expected simple, virtual, .* or bundle, got "subscription"$',
        ),
        (
            [
                an_item(1, "P", 1, 5, product_type="configurable"),
                a_child(2, 1, "A", 1),
                a_child(3, 1, "B", 1),
            ],
            r"^items\[2\]\.parent_item_id: expected one child of a configurable",
        ),
        (
            [an_item(1, "A", 10_001, 5)],
            r"^items\[0\]\.qty_ordered: expected an order of at most 10000 pieces",
        ),
        (
            [an_item(1, "A", 9_000, 5), an_item(2, "B", 1_001, 5)],
            r"^items\[1\]\.qty_ordered: expected an order of at most 10000 pieces in all, got 1001",
        ),
        (
            [an_item(1, "K", 500, 5, product_type="bundle"), a_child(2, 1, "B", 10_000)],
            r"^items\[0\]\.qty_ordered: expected an order of at most 10000 pieces in all, got 500",
        ),
    ],
)
def test_rows_that_make_no_sense_are_refused_by_name(rows: list[Document], words: str) -> None:
    with pytest.raises(Refused, match=words):
        broken_down(rows, 10, subtotal=10)


def test_ten_thousand_lines_are_not_too_many() -> None:
    assert len(broken_down([an_item(1, "A", 10_000, 100)], 100, subtotal=100).lines) == 10_000
