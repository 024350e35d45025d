"""Bundles as lines: dynamic and fixed price, several pieces, tax and discounts (F27, F28); by hand."""

import pytest

from tests.fixtures.breakdowns import broken_down, money, table
from tests.fixtures.magento_documents import Document, a_child, an_item
from webapp.domain.refusals import Refused


def a_kit(quantity: int, total: object, **more: object) -> Document:
    return an_item(1, "KIT", quantity, total, product_type="bundle", **more)


def test_each_piece_of_a_bundle_is_followed_by_its_own_children() -> None:
    done = broken_down(
        [
            a_kit(2, 26),
            an_item(2, "A", 2, 10, parent_item_id=1),
            an_item(3, "B", 4, 16, parent_item_id=1, is_virtual=1),
            an_item(4, "C", 1, 1),
        ],
        27,
        subtotal=27,
    )
    assert [
        (line.line_number, line.id, line.product_type, line.sku, line.parent_line_number, line.parent_line_id)
        for line in done.lines
    ] == [
        (1, "1", "BUNDLE", "KIT", None, None),
        (2, "2", "PHYSICAL", "A", 1, "1"),
        (3, "3", "VIRTUAL", "B", 1, "1"),
        (4, "3", "VIRTUAL", "B", 1, "1"),
        (5, "1", "BUNDLE", "KIT", None, None),
        (6, "2", "PHYSICAL", "A", 5, "1"),
        (7, "3", "VIRTUAL", "B", 5, "1"),
        (8, "3", "VIRTUAL", "B", 5, "1"),
        (9, "4", "PHYSICAL", "C", None, None),
    ]
    assert table(done)[:3] == ["KIT 0.00+0.00=0.00", "A 5.00+0.00=5.00", "B 4.00+0.00=4.00"]


def test_children_stand_under_their_bundle_wherever_their_rows_are() -> None:
    done = broken_down(
        [an_item(2, "A", 1, 10, parent_item_id=1), an_item(4, "C", 1, 1), a_kit(1, 10)], 11, subtotal=11
    )
    assert [line.sku for line in done.lines] == ["C", "KIT", "A"]


def test_a_dynamic_bundle_s_children_keep_their_own_tax_and_discount() -> None:
    done = broken_down(
        [
            a_kit(1, 999, tax_amount=99, discount_amount=9),
            an_item(
                2,
                "A",
                3,
                30,
                parent_item_id=1,
                price_incl_tax=money("11.90"),
                row_total_incl_tax=money("35.70"),
                tax_percent=19,
                tax_amount=money("5.13"),
                discount_amount=3,
                applied_rule_ids="9",
            ),
        ],
        "32.13",
        subtotal=30,
        tax_amount=money("5.13"),
    )
    assert table(done) == [
        "KIT 0.00+0.00=0.00",
        "A 9.00+1.71=10.71 from 11.90 less 9 1.19",
        "A 9.00+1.71=10.71 from 11.90 less 9 1.19",
        "A 9.00+1.71=10.71 from 11.90 less 9 1.19",
    ]


def test_a_fixed_bundle_of_two_with_tax_and_discount() -> None:
    """2 × 59.50 with tax, 10 % off: 107.10, of it 17.10 tax. Each: 53.55, weights 30 and 2 × 10.

    53.55 by 30:10:10 is 32.13, 10.71, 10.71; tax 8.55 is 5.13, 1.71, 1.71; discount 5.95 is 3.57, 1.19, 1.19.
    """
    done = broken_down(
        [
            a_kit(
                2,
                100,
                price_incl_tax=money("59.50"),
                row_total_incl_tax=119,
                tax_amount=money("17.10"),
                tax_percent=19,
                discount_amount=10,
                applied_rule_ids="9",
            ),
            a_child(2, 1, "A", 2, original_price=30),
            a_child(3, 1, "B", 4, original_price=10),
        ],
        "107.10",
        subtotal=100,
        tax_amount=money("17.10"),
    )
    assert (
        table(done)
        == [
            "KIT 0.00+0.00=0.00",
            "A 27.00+5.13=32.13 from 35.70 less 9 3.57",
            "B 9.00+1.71=10.71 from 11.90 less 9 1.19",
            "B 9.00+1.71=10.71 from 11.90 less 9 1.19",
        ]
        * 2
    )
    assert [str(line.tax_rate) for line in done.lines[:2]] == ["0", "19"]


def test_a_newer_magento_copies_the_bundle_s_price_onto_its_children() -> None:
    done = broken_down(
        [
            a_kit(1, 10),
            a_child(2, 1, "A", 1, price=10, original_price=3),
            a_child(3, 1, "B", 1, price=10, original_price=1),
        ],
        10,
        subtotal=10,
    )
    assert table(done)[1:] == ["A 7.50+0.00=7.50", "B 2.50+0.00=2.50"]


def test_the_catalog_s_price_goes_before_the_order_s_and_nothing_known_is_equal() -> None:
    rows = [a_kit(1, 9), a_child(2, 1, "A", 1, original_price=8), a_child(3, 1, "B", 1, original_price=1)]
    by_order = broken_down(rows, 9, subtotal=9)
    assert table(by_order)[1:] == ["A 8.00+0.00=8.00", "B 1.00+0.00=1.00"]
    by_catalog = broken_down(rows, 9, subtotal=9, options={"child_prices": {"A": money(2)}})
    assert table(by_catalog)[1:] == ["A 6.00+0.00=6.00", "B 3.00+0.00=3.00"]
    unknown = [a_kit(1, 9), a_child(2, 1, "A", 1), a_child(3, 1, "B", 1)]
    assert table(broken_down(unknown, 9, subtotal=9))[1:] == ["A 4.50+0.00=4.50", "B 4.50+0.00=4.50"]


@pytest.mark.parametrize(
    ("prices", "grosses", "taxes"),
    [
        # 0.04 is 0, 2, 2 cents; 0.03 would be 1, 1, 1: the first piece's goes to the next.
        ((1, 3, 3), ["0.00", "0.02", "0.02"], ["0.00", "0.02", "0.01"]),
        # The last piece's finds no next one, and begins again at the first.
        ((3, 3, 1), ["0.02", "0.02", "0.00"], ["0.02", "0.01", "0.00"]),
    ],
)
def test_a_piece_s_tax_is_never_above_its_gross(
    prices: tuple[int, ...], grosses: list[str], taxes: list[str]
) -> None:
    children = [
        a_child(place, 1, "C", 1, original_price=price) for place, price in enumerate(prices, start=2)
    ]
    kit = a_kit(1, "0.01", tax_amount=money("0.03"))
    done = broken_down([kit, *children], "0.04", subtotal=money("0.01"), tax_amount=money("0.03"))
    assert [str(line.gross) for line in done.lines[1:]] == grosses
    assert [str(line.tax) for line in done.lines[1:]] == taxes


def test_a_gift_card_over_a_fixed_bundle_goes_to_its_pieces() -> None:
    done = broken_down(
        [a_kit(1, 100), a_child(2, 1, "A", 1, original_price=30), a_child(3, 1, "B", 2, original_price=25)],
        60,
        subtotal=100,
        extension={"gift_cards": [{"id": 1, "code": "G", "amount": 40}], "gift_cards_amount": 40},
    )
    assert table(done)[1:] == [
        "A 22.50+0.00=22.50 from 37.50 less G 15.00",
        "B 18.75+0.00=18.75 from 31.25 less G 12.50",
        "B 18.75+0.00=18.75 from 31.25 less G 12.50",
    ]


def test_several_taxes_of_a_fixed_bundle_stay_apart() -> None:
    done = broken_down(
        [
            a_kit(1, 100, tax_amount=8, tax_percent=8),
            a_child(2, 1, "A", 1, original_price=3),
            a_child(3, 1, "B", 1, original_price=1),
        ],
        108,
        subtotal=100,
        tax_amount=8,
        extension={
            "item_applied_taxes": [
                {
                    "type": "product",
                    "item_id": 1,
                    "applied_taxes": [
                        {"code": "STATE", "percent": 5, "amount": 5},
                        {"code": "CITY", "percent": 3, "amount": 3},
                    ],
                }
            ]
        },
    )
    assert table(done)[1:] == ["A 75.00+6.00=81.00", "B 25.00+2.00=27.00"]
    assert [[(tax.type, str(tax.amount)) for tax in line.taxes] for line in done.lines[1:]] == [
        [("STATE", "3.75"), ("CITY", "2.25")],
        [("STATE", "1.25"), ("CITY", "0.75")],
    ]


def test_each_of_several_taxes_adds_up_over_the_pieces() -> None:
    """0.02 and 0.01 over three equal pieces of 0.01: the first tax has two of them, the second one."""
    children = [a_child(place, 1, "C", 1) for place in (2, 3, 4)]
    taxes = [
        {"code": "STATE", "percent": 5, "amount": money("0.02")},
        {"code": "CITY", "percent": 3, "amount": money("0.01")},
    ]
    done = broken_down(
        [a_kit(1, 3, tax_amount=money("0.03")), *children],
        "3.03",
        subtotal=3,
        tax_amount=money("0.03"),
        extension={"item_applied_taxes": [{"type": "product", "item_id": 1, "applied_taxes": taxes}]},
    )
    assert [[str(tax.amount) for tax in line.taxes] for line in done.lines[1:]] == [
        ["0.01", "0.00"],
        ["0.01", "0.00"],
        ["0.00", "0.01"],
    ]


@pytest.mark.parametrize(
    ("rule", "wire"),
    [
        ("together", "SHIPTOGETHER"),
        ("simultaneously", "SHIPSIMULTANEOUSLY"),
        ("separately", "SHIPSEPARATELY"),
    ],
)
def test_a_bundle_line_carries_its_sourcing_rule(rule: str, wire: str) -> None:
    done = broken_down(
        [a_kit(1, 10), an_item(2, "A", 1, 10, parent_item_id=1)],
        10,
        subtotal=10,
        options={"bundle_rules": {"1001": rule}},
    )
    assert [line.custom_attributes for line in done.lines] == [
        (("mom_srcrr_FilterSourceBundleFromOneSource", wire),),
        (),
    ]


def test_without_a_rule_of_its_own_a_bundle_follows_the_oms_s() -> None:
    done = broken_down([a_kit(1, 10), an_item(2, "A", 1, 10, parent_item_id=1)], 10, subtotal=10)
    assert done.lines[0].custom_attributes == ()


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([a_kit(1, 10)], r"^items\[0\]: expected a bundle with its children"),
        (
            [a_kit(2, 10), a_child(2, 1, "A", 3)],
            r"^items\[1\]\.qty_ordered: expected whole pieces for each of 2 bundles",
        ),
        (
            [a_kit(1, 10), a_child(2, 1, "A", money("1.5"))],
            r"^items\[1\]\.qty_ordered: expected whole pieces in a bundle",
        ),
        (
            [an_item(1, "KIT", money("1.5"), 10, product_type="bundle"), a_child(2, 1, "A", 3)],
            r"^items\[0\]\.qty_ordered: expected whole pieces in a bundle",
        ),
        (
            [a_kit(2, 10), a_child(2, 1, "A", 2, qty_canceled=money("0.5"))],
            r"^items\[1\]\.qty_canceled: expected whole pieces in a bundle",
        ),
        (
            [a_kit(1, 10), a_child(2, 1, "A", 1, product_type="configurable")],
            r"^items\[1\]\.product_type: expected simple, virtual,",
        ),
    ],
)
def test_bundles_that_make_no_whole_pieces_are_refused(rows: list[Document], words: str) -> None:
    with pytest.raises(Refused, match=words):
        broken_down(rows, 10, subtotal=10)
