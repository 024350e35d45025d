"""The worked examples of the feature list, to the cent."""

from decimal import Decimal

from tests.fixtures.magento_documents import a_child, an_item, an_order
from webapp.domain.lines import UnitLine
from webapp.domain.unit_lines import break_down
from webapp.store.magento_order import read_order


def amounts(lines: tuple[UnitLine, ...], name: str) -> list[str]:
    return [str(getattr(line, name)) for line in lines]


def test_f17_three_pieces_with_tax_and_ten_percent_off() -> None:
    shirt = an_item(
        1,
        "MT07",
        3,
        "59.97",
        price=Decimal("19.99"),
        row_total_incl_tax=Decimal("71.36"),
        price_incl_tax=Decimal("23.79"),
        discount_amount=Decimal("6.00"),
        tax_amount=Decimal("10.25"),
        tax_percent=19,
    )
    sums = {"subtotal": Decimal("59.97"), "tax_amount": Decimal("10.25")}
    order = an_order([shirt], "64.22", coupon_code="TEN", discount_description="Ten percent", **sums)
    done = break_down(read_order(order))

    assert (done.reading, done.residual, done.total) == ("A", Decimal(0), Decimal("64.22"))
    assert amounts(done.lines, "gross") == ["21.41", "21.41", "21.40"]
    assert amounts(done.lines, "tax") == ["3.42", "3.42", "3.41"]
    assert amounts(done.lines, "net") == ["17.99", "17.99", "17.99"]
    assert amounts(done.lines, "original_price") == ["23.79", "23.79", "23.78"]
    assert [
        (one.code, one.name, str(one.discount), str(one.percentage))
        for line in done.lines
        for one in line.promotions
    ] == [
        ("TEN", "Ten percent", "2.38", "10.00"),
        ("TEN", "Ten percent", "2.38", "10.00"),
        ("TEN", "Ten percent", "2.38", "10.01"),
    ]
    assert [(tax.type, str(tax.amount), str(tax.rate)) for tax in done.lines[2].taxes] == [
        ("TAX", "3.41", "19")
    ]


def test_f29_a_gift_card_over_two_rows_and_shipping() -> None:
    order = an_order(
        [an_item(1, "A", 1, 60), an_item(2, "B", 1, 40)],
        75,
        shipping=5,
        subtotal=100,
        extension={"gift_cards": [{"id": 3, "code": "GC-1", "amount": 30}], "gift_cards_amount": 30},
    )
    done = break_down(read_order(order))

    assert amounts(done.lines, "gross") == ["42.86", "28.57", "3.57"]
    assert amounts(done.lines, "original_price") == ["60.00", "40.00", "5.00"]
    assert [[(one.code, str(one.discount)) for one in line.promotions] for line in done.lines] == [
        [("GC-1", "17.14")],
        [("GC-1", "11.43")],
        [("GC-1", "1.43")],
    ]
    assert done.total == Decimal("75.00")
    assert done.order_attributes == (
        ("giftcard_1_code", "GC-1"),
        ("giftcard_1_amount", "30.00"),
        ("giftcard_1_id", "3"),
    )


def test_f27_a_bundle_of_fixed_price_by_its_children_s_prices() -> None:
    order = an_order(
        [
            an_item(1, "KIT", 1, 100, product_type="bundle"),
            a_child(2, 1, "A", 1),
            a_child(3, 1, "B", 2),
        ],
        100,
        subtotal=100,
    )
    done = break_down(read_order(order), child_prices={"A": Decimal(30), "B": Decimal(25)})

    assert [
        (line.product_type, line.sku, str(line.gross), line.parent_line_number) for line in done.lines
    ] == [
        ("BUNDLE", "KIT", "0.00", None),
        ("PHYSICAL", "A", "37.50", 1),
        ("PHYSICAL", "B", "31.25", 1),
        ("PHYSICAL", "B", "31.25", 1),
    ]


def test_f27_the_odd_cent_goes_to_the_first_piece() -> None:
    order = an_order(
        [an_item(1, "KIT", 1, 10, product_type="bundle")]
        + [a_child(place, 1, f"C{place}") for place in (2, 3, 4)],
        10,
        subtotal=10,
    )
    prices = {f"C{place}": Decimal(5) for place in (2, 3, 4)}
    done = break_down(read_order(order), child_prices=prices)

    assert amounts(done.lines[1:], "gross") == ["3.34", "3.33", "3.33"]


def test_a_fee_in_no_field_is_told_and_not_taken_for_another_reading() -> None:
    """20.00 less 3.00 with a fee of 3.00 fits the wrong reading by chance; the subtotal tells."""
    order = an_order(
        [an_item(1, "A", 1, 20, discount_amount=3, applied_rule_ids="2")], 20, subtotal=20, discount_amount=-3
    )
    done = break_down(read_order(order))

    assert (done.reading, done.residual) == ("A", Decimal("3.00"))
    assert [(line.sku, str(line.gross)) for line in done.lines] == [("A", "17.00"), ("SURCHARGE", "3.00")]
    assert done.lines[0].promotions[0].code == "2"
    assert len(done.warnings) == 1
    assert "3.00 USD above" in done.warnings[0]
    assert done.hold is None
    held = break_down(read_order(order), residual="hold")
    assert held.warnings == (held.hold,)
    assert held.hold == (
        "The order's total is 3.00 USD above the sum of its rows, services and shipping; it waits for review "
        "(orders.residual)."
    )
    assert held.lines == done.lines
