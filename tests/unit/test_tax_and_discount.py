"""Tax, discounts and what a piece would have cost without them (F17.2, F17.8); each order by hand."""

from tests.fixtures.breakdowns import broken_down, money, table
from tests.fixtures.magento_documents import an_item


def test_several_taxes_on_a_row_are_told_apart_on_every_line() -> None:
    done = broken_down(
        [
            an_item(
                1,
                "A",
                2,
                100,
                tax_amount=money("8.25"),
                tax_percent=money("8.25"),
                price_incl_tax=money("54.13"),
            )
        ],
        "108.25",
        subtotal=100,
        tax_amount=money("8.25"),
        extension={
            "item_applied_taxes": [
                {
                    "type": "product",
                    "item_id": 1,
                    "applied_taxes": [
                        {"code": "US-NY", "percent": 5, "amount": 5},
                        {"code": "NY-COUNTY", "percent": money("3.25"), "amount": money("3.25")},
                    ],
                }
            ]
        },
    )
    assert table(done) == ["A 50.00+4.13=54.13", "A 50.00+4.12=54.12"]
    assert [[(tax.type, str(tax.amount), str(tax.rate)) for tax in line.taxes] for line in done.lines] == [
        [("US-NY", "2.50", "5"), ("NY-COUNTY", "1.63", "3.25")],
        [("US-NY", "2.50", "5"), ("NY-COUNTY", "1.62", "3.25")],
    ]
    assert str(done.lines[0].tax_rate) == "8.25"


def test_an_untaxed_line_says_so() -> None:
    (tax,) = broken_down([an_item(1, "A", 1, 10)], 10, subtotal=10).lines[0].taxes
    assert (tax.type, str(tax.amount), str(tax.rate)) == ("NO TAX", "0.00", "0")


def test_prices_with_tax_and_a_discount_keep_the_price_of_the_shelf() -> None:
    """3 × 20.00 with 19 % in it, 10 % off: 54.00 paid, of it 8.62 tax; each piece was 20.00 on the shelf."""
    item = an_item(
        1,
        "A",
        3,
        0,
        price=money("16.8067"),
        price_incl_tax=20,
        row_total=money("50.42"),
        row_total_incl_tax=60,
        tax_percent=19,
        tax_amount=money("8.62"),
        discount_tax_compensation_amount=money("0.96"),
        discount_amount=6,
    )
    done = broken_down([item], 54, subtotal=money("50.42"), tax_amount=money("8.62"))
    assert table(done) == [
        "A 15.12+2.88=18.00 from 20.00 less Discount 2.00",
        "A 15.13+2.87=18.00 from 20.00 less Discount 2.00",
        "A 15.13+2.87=18.00 from 20.00 less Discount 2.00",
    ]


def test_prices_with_tax_taxed_before_the_discount_keep_the_price_of_the_shelf_too() -> None:
    item = an_item(
        1,
        "A",
        1,
        100,
        price_incl_tax=119,
        row_total_incl_tax=119,
        tax_percent=19,
        tax_amount=19,
        discount_amount=10,
    )
    done = broken_down([item], 109, subtotal=100, tax_amount=19)
    assert table(done) == ["A 90.00+19.00=109.00 from 119.00 less Discount 10.00"]


def test_the_price_on_the_shelf_goes_before_the_rate() -> None:
    """119.00 on the shelf and 5.00 of weee; at the rate told, 20 %, it would have been 120.00."""
    item = an_item(
        1,
        "A",
        1,
        90,
        price_incl_tax=119,
        row_total_incl_tax=114,
        tax_percent=20,
        tax_amount=19,
        discount_amount=10,
        weee_tax_applied_row_amount=5,
    )
    done = broken_down([item], 114, subtotal=100, tax_amount=19)
    assert table(done) == ["A 95.00+19.00=114.00 from 124.00 less Discount 10.00"]


def test_the_price_before_has_the_fixed_product_taxes_in_it() -> None:
    """100.00 and 5.00 of weee, 10.00 off before 20 % tax: 113.00; without it 120.00 and the 5.00."""
    item = an_item(
        1,
        "A",
        1,
        90,
        price_incl_tax=120,
        row_total_incl_tax=113,
        tax_percent=20,
        tax_amount=18,
        discount_amount=10,
        weee_tax_applied_row_amount=5,
    )
    done = broken_down([item], 113, subtotal=100, tax_amount=18)
    assert table(done) == ["A 95.00+18.00=113.00 from 125.00 less Discount 12.00"]


def test_in_the_first_reading_the_row_s_total_with_tax_is_the_price_before() -> None:
    """Whatever the rate says: the store told 71.40, where the rate makes 71.36."""
    item = an_item(
        1,
        "A",
        3,
        "59.97",
        row_total_incl_tax=money("71.40"),
        price_incl_tax=money("23.79"),
        discount_amount=6,
        tax_amount=money("10.25"),
        tax_percent=19,
    )
    done = broken_down([item], "64.22", subtotal=money("59.97"), tax_amount=money("10.25"))
    assert [str(line.original_price) for line in done.lines] == ["23.80", "23.80", "23.80"]


def test_the_row_s_total_with_tax_has_no_fixed_product_taxes_in_it() -> None:
    """121.00 and 5.00 of weee; where both are no more than was paid, they are not the price before."""
    item = an_item(
        1, "A", 1, 100, tax_percent=20, tax_amount=18, discount_amount=10, weee_tax_applied_row_amount=5
    )
    above = broken_down([item | {"row_total_incl_tax": 121}], 113, subtotal=100, tax_amount=18)
    assert str(above.lines[0].original_price) == "126.00"
    equal = broken_down([item | {"row_total_incl_tax": 108}], 113, subtotal=100, tax_amount=18)
    assert str(equal.lines[0].original_price) == "125.00"


def test_where_the_row_s_total_with_tax_is_what_was_paid_the_rate_makes_the_price_before() -> None:
    item = an_item(
        1,
        "A",
        3,
        "59.97",
        row_total_incl_tax=money("64.22"),
        price_incl_tax=money("23.79"),
        discount_amount=6,
        tax_amount=money("10.25"),
        tax_percent=19,
    )
    done = broken_down([item], "64.22", subtotal=money("59.97"), tax_amount=money("10.25"))
    assert done.reading == "A"
    assert [str(line.original_price) for line in done.lines] == ["23.79", "23.79", "23.78"]


def test_the_price_before_is_never_below_what_was_paid_and_what_was_taken_off() -> None:
    """At 5 % it would have cost 105.00; but 87.00 were paid, with 20.00 taken off."""
    item = an_item(
        1,
        "A",
        1,
        100,
        row_total_incl_tax=87,
        price_incl_tax=0,
        tax_amount=7,
        tax_percent=5,
        discount_amount=20,
    )
    done = broken_down([item], 87, subtotal=100, tax_amount=7)
    assert table(done) == ["A 80.00+7.00=87.00 from 107.00 less Discount 20.00"]


def test_one_promotion_for_each_rule_where_the_store_tells_them_apart() -> None:
    rules = [
        {"rule_id": 7, "rule_label": "Spring", "discount_data": {"amount": 6}},
        {"rule_i_d": 8, "rule_label": "Club", "discount_data": {"amount": 3}},
    ]
    item = an_item(1, "A", 2, 50, discount_amount=9, extension_attributes={"discounts": rules})
    done = broken_down([item], 41, subtotal=50, coupon_code="IGNORED")
    assert table(done) == ["A 20.50+0.00=20.50 from 25.00 less 7 3.00, 8 1.50"] * 2
    assert [(one.name, str(one.percentage)) for one in done.lines[0].promotions] == [
        ("Spring", "12.00"),
        ("Club", "6.00"),
    ]


def test_a_hundred_percent_off_leaves_lines_at_nothing() -> None:
    item = an_item(1, "A", 3, 30, discount_amount=30, applied_rule_ids="5", tax_percent=19, price_incl_tax=10)
    done = broken_down([item], 0, subtotal=30)
    assert table(done) == ["A 0.00+0.00=0.00 from 10.00 less 5 10.00"] * 3
    assert done.lines[0].promotions[0].percentage == 100


def test_tax_on_what_was_given_for_nothing_is_all_there_is_to_pay() -> None:
    item = an_item(1, "A", 1, 100, tax_percent=19, tax_amount=19, discount_amount=100, price_incl_tax=119)
    done = broken_down([item], 19, subtotal=100, tax_amount=19)
    assert table(done) == ["A 0.00+19.00=19.00 from 119.00 less Discount 100.00"]
    assert done.warnings == ()


def test_a_tax_above_what_was_paid_is_cut_and_said_so() -> None:
    item = an_item(1, "A", 1, 100, tax_percent=19, tax_amount=19, discount_amount=110, price_incl_tax=119)
    done = broken_down([item], 9, subtotal=100, tax_amount=19)
    assert table(done) == ["A 0.00+9.00=9.00 from 119.00 less Discount 110.00"]
    assert done.warnings == (
        "items[0]: its tax is 10.00 above what was paid for it; the lines carry no more tax than was paid.",
    )
    assert done.residual == 0


def test_a_tax_below_nothing_is_none_and_said_so() -> None:
    item = an_item(1, "A", 1, 100, tax_amount=money("-0.01"))
    done = broken_down([item], "99.99", subtotal=100, tax_amount=money("-0.01"))
    assert table(done) == ["A 99.99+0.00=99.99"]
    assert done.warnings == ("items[0]: its tax is below 0; the lines carry none.",)


def test_shipping_with_tax_and_a_discount() -> None:
    """10.00 and 1.90 tax, half of it off before tax: 5.00 and 0.95 tax are paid."""
    done = broken_down(
        [an_item(1, "A", 1, 100, tax_amount=19, tax_percent=19)],
        "124.95",
        subtotal=100,
        tax_amount=money("19.95"),
        shipping=10,
        shipping_tax_amount=money("0.95"),
        shipping_discount_amount=5,
        shipping_incl_tax=money("11.90"),
        applied_rule_ids="3,4",
    )
    assert table(done)[1] == "TABLERATE-Bestway 5.00+0.95=5.95 from 11.90 less 3,4 5.95"
    line = done.lines[1]
    assert (line.id, line.product_type, line.product_name, str(line.tax_rate)) == (
        "SHIPPING",
        "SHIPPING",
        "Best way",
        "19",
    )


def test_a_rate_of_the_rows_fits_shipping_within_a_cent() -> None:
    rows = [
        an_item(1, "A", 1, 100, tax_amount=7, tax_percent=7),
        an_item(2, "B", 1, 100, tax_amount=19, tax_percent=19),
    ]
    sums = {"subtotal": 200, "shipping": 10, "shipping_incl_tax": money("11.91")}
    done = broken_down(rows, "237.91", tax_amount=money("27.91"), shipping_tax_amount=money("1.91"), **sums)
    assert str(done.lines[2].tax_rate) == "19"


def test_shipping_s_own_taxes_are_told_where_the_store_tells_them() -> None:
    done = broken_down(
        [an_item(1, "A", 1, 100)],
        "110.70",
        subtotal=100,
        tax_amount=money("0.70"),
        shipping=10,
        shipping_tax_amount=money("0.70"),
        shipping_incl_tax=money("10.70"),
        extension={
            "item_applied_taxes": [
                {
                    "type": "shipping",
                    "applied_taxes": [{"code": "DE-7", "percent": "7.0000", "amount": "0.7"}],
                }
            ]
        },
    )
    assert [(tax.type, str(tax.rate)) for tax in done.lines[1].taxes] == [("DE-7", "7")]


def test_a_tax_without_a_rate_gets_one_from_its_amounts() -> None:
    done = broken_down(
        [an_item(1, "A", 1, 40, tax_amount=money("2.02"))], "42.02", subtotal=40, tax_amount=money("2.02")
    )
    assert str(done.lines[0].tax_rate) == "5.05"


def test_free_shipping_is_a_line_too() -> None:
    done = broken_down([an_item(1, "A", 1, 10)], 10, subtotal=10, shipping=0)
    assert table(done) == ["A 10.00+0.00=10.00", "TABLERATE-Bestway 0.00+0.00=0.00"]


def test_an_order_without_a_shipping_method_has_no_shipping_line() -> None:
    assert len(broken_down([an_item(1, "A", 1, 10, is_virtual=1)], 10, subtotal=10).lines) == 1


def test_gift_wrap_and_fees_are_lines_of_their_own_before_shipping() -> None:
    done = broken_down(
        [an_item(1, "A", 1, 10)],
        "26.59",
        subtotal=10,
        shipping=5,
        tax_amount=money("1.59"),
        extension={
            "gw_price": "2.0000",
            "gw_items_price": "3.0000",
            "gw_card_price": "1.0000",
            "gw_tax_amount": "0.5000",
            "gw_items_tax_amount": "0.9000",
            "gw_card_tax_amount": "0.1900",
            "custom_fees": [
                {"custom_fee_code": "cod", "custom_fee_label": "Cash on delivery", "custom_fee_amount": 3},
                {"custom_fee_code": "cod", "custom_fee_label": "Cash on delivery", "custom_fee_amount": 1},
            ],
        },
    )
    assert table(done) == [
        "A 10.00+0.00=10.00",
        "GIFTWRAP 6.00+1.59=7.59",
        "FEE-cod 4.00+0.00=4.00",
        "TABLERATE-Bestway 5.00+0.00=5.00",
    ]
    assert [(line.id, line.product_type, line.product_name) for line in done.lines[1:3]] == [
        ("GIFTWRAP", "SERVICE", "Gift wrap"),
        ("FEE-cod", "SERVICE", "Cash on delivery"),
    ]
    assert str(done.lines[1].tax_rate) == "26.5"
