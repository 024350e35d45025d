"""What the total has beyond its parts, and orders of which a part is cancelled (F17.4, F17.5); by hand."""

from tests.fixtures.breakdowns import broken_down, money, table
from tests.fixtures.magento_documents import Document, a_child, an_item


def of_three(cancelled: int) -> Document:
    """The worked example: 3 × 19.99, 10 % off, 19 % tax: 64.22."""
    return an_item(
        1,
        "A",
        3,
        "59.97",
        qty_canceled=cancelled,
        price_incl_tax=money("23.79"),
        row_total_incl_tax=money("71.36"),
        discount_amount=6,
        tax_amount=money("10.25"),
        tax_percent=19,
    )


def test_a_surcharge_goes_before_shipping_with_the_tax_no_row_has() -> None:
    done = broken_down([an_item(1, "A", 1, 10)], "18.57", subtotal=10, shipping=5, tax_amount=money("0.57"))
    assert table(done) == [
        "A 10.00+0.00=10.00",
        "SURCHARGE 3.00+0.57=3.57",
        "TABLERATE-Bestway 5.00+0.00=5.00",
    ]
    line = done.lines[1]
    assert (line.id, line.product_type, line.product_name, str(line.tax_rate)) == (
        "SURCHARGE",
        "SERVICE",
        "Surcharge",
        "19",
    )
    assert done.warnings == (
        "The order's total is 3.57 USD above the sum of its rows, services and shipping; the difference goes "
        "out as a line of its own, SURCHARGE.",
    )


def test_a_surcharge_s_tax_is_never_above_it_nor_below_nothing() -> None:
    above = broken_down([an_item(1, "A", 1, 10)], 12, subtotal=10, tax_amount=5)
    assert table(above)[1] == "SURCHARGE 0.00+2.00=2.00"
    below = broken_down([an_item(1, "A", 1, 10, tax_amount=2, tax_percent=20)], 15, subtotal=10, tax_amount=1)
    assert table(below) == ["A 10.00+2.00=12.00", "SURCHARGE 3.00+0.00=3.00"]


def test_a_whole_cent_is_a_residual_and_not_rounded_away() -> None:
    done = broken_down([an_item(1, "A", 1, 10)], "10.01", subtotal=10)
    assert table(done) == ["A 10.00+0.00=10.00", "SURCHARGE 0.01+0.00=0.01"]


def test_what_the_total_lacks_is_another_discount_on_all_lines() -> None:
    """5.00 over 59.50, 40.00 and 0.50: 2.98 (2.975), 2.00, 0.02 (0.025); the tax stays."""
    done = broken_down(
        [an_item(1, "A", 1, 50, tax_amount=money("9.50"), tax_percent=19), an_item(2, "B", 2, 40)],
        95,
        subtotal=90,
        shipping="0.5",
        tax_amount=money("9.50"),
    )
    assert table(done) == [
        "A 47.02+9.50=56.52 from 59.50 less OTHER 2.98",
        "B 19.00+0.00=19.00 from 20.00 less OTHER 1.00",
        "B 19.00+0.00=19.00 from 20.00 less OTHER 1.00",
        "TABLERATE-Bestway 0.48+0.00=0.48 from 0.50 less OTHER 0.02",
    ]
    assert done.lines[0].promotions[0].name == "Other discount"
    assert "5.00 USD below" in done.warnings[0]


def test_another_discount_leaves_no_more_tax_than_is_left_to_pay() -> None:
    done = broken_down([an_item(1, "A", 1, 50, tax_amount=10, tax_percent=20)], 4, subtotal=50, tax_amount=10)
    assert table(done) == ["A 0.00+4.00=4.00 from 60.00 less OTHER 56.00"]


def test_gift_cards_come_after_the_other_discount() -> None:
    """100.00 lacks 10.00, then a card pays 45.00 of 90.00: half of the tax of 20.00 goes with it."""
    done = broken_down(
        [an_item(1, "A", 1, 80, tax_amount=20, tax_percent=25)],
        45,
        subtotal=80,
        tax_amount=20,
        extension={"gift_cards": [{"id": 1, "code": "GC", "amount": 45}], "gift_cards_amount": 45},
    )
    assert table(done) == ["A 35.00+10.00=45.00 from 100.00 less OTHER 10.00, GC 45.00"]


def test_a_piece_cancelled_before_export_does_not_go_out() -> None:
    done = broken_down(
        [of_three(1)],
        "64.22",
        subtotal=money("59.97"),
        tax_amount=money("10.25"),
        total_canceled=money("21.41"),
        tax_canceled=money("3.42"),
    )
    assert str(done.total) == "42.81"
    assert table(done) == [
        "A 17.99+3.42=21.41 from 23.79 less Discount 2.38",
        "A 17.99+3.41=21.40 from 23.78 less Discount 2.38",
    ]
    assert (str(done.residual), done.warnings) == ("0.00", ())


def test_cents_between_our_proportion_and_the_store_s_go_to_the_cancelled_row() -> None:
    """Two thirds of 64.22 are 42.81; the store says that 42.83 are left, of which 6.85 tax, not 6.83."""
    done = broken_down(
        [of_three(1), an_item(2, "B", 1, 50)],
        "114.22",
        subtotal=money("109.97"),
        tax_amount=money("10.25"),
        total_canceled=money("21.39"),
        tax_canceled=money("3.40"),
    )
    assert table(done) == [
        "A 17.99+3.43=21.42 from 23.79 less Discount 2.37",
        "A 17.99+3.42=21.41 from 23.78 less Discount 2.37",
        "B 50.00+0.00=50.00",
    ]
    assert done.residual == 0


def test_more_than_two_units_a_row_is_a_residual() -> None:
    """The store has 0.05 more than we: 0.02 go to the row, 0.03 have no explanation."""
    done = broken_down(
        [an_item(1, "A", 2, 20, qty_canceled=1)], 20, subtotal=20, total_canceled=money("9.95")
    )
    assert table(done) == ["A 10.02+0.00=10.02", "SURCHARGE 0.03+0.00=0.03"]
    assert str(done.residual) == "0.03"
    assert done.warnings == (
        "The order's total is 0.03 USD above the sum of its rows, services and shipping; the difference goes "
        "out as a line of its own, SURCHARGE.",
    )


def test_the_largest_row_takes_two_units_before_the_next_takes_any() -> None:
    items = [an_item(1, "A", 2, 20, qty_canceled=1), an_item(2, "B", 2, 40, qty_canceled=1)]
    done = broken_down(items, 60, subtotal=60, total_canceled=money("30.03"))
    assert table(done) == ["A 9.99+0.00=9.99", "B 19.98+0.00=19.98"]


def test_where_all_of_the_cancelled_row_is_gone_any_row_takes_the_cent() -> None:
    items = [an_item(1, "A", 1, 10, qty_canceled=1), an_item(2, "B", 1, 5), an_item(3, "C", 1, 7)]
    done = broken_down(items, 22, subtotal=22, total_canceled=money("9.99"))
    assert table(done) == ["B 5.00+0.00=5.00", "C 7.01+0.00=7.01"]


def test_no_row_goes_below_nothing_for_the_cents() -> None:
    items = [an_item(1, "A", 2, "0.02", qty_canceled=1), an_item(2, "B", 1, 5)]
    done = broken_down(items, "5.02", subtotal=money("5.02"), total_canceled=money("0.03"))
    assert table(done) == ["A 0.00+0.00=0.00", "B 4.99+0.00=4.99 from 5.00 less OTHER 0.01"]


def test_a_surcharge_is_still_due_after_a_cancellation() -> None:
    done = broken_down([an_item(1, "A", 3, 30, qty_canceled=1)], 33, subtotal=30, total_canceled=10)
    assert table(done) == ["A 10.00+0.00=10.00", "A 10.00+0.00=10.00", "SURCHARGE 3.00+0.00=3.00"]


def test_a_surcharge_keeps_its_tax_when_cents_of_tax_go_to_the_cancelled_row() -> None:
    """7.42 of tax are left: 0.57 of the surcharge, and 6.85 of the row, where two thirds are 6.83."""
    done = broken_down(
        [of_three(1)],
        "67.79",
        subtotal=money("59.97"),
        tax_amount=money("10.82"),
        total_canceled=money("21.41"),
        tax_canceled=money("3.40"),
    )
    assert [f"{line.sku} {line.gross} {line.tax}" for line in done.lines] == [
        "A 21.41 3.43",
        "A 21.40 3.42",
        "SURCHARGE 3.57 0.57",
    ]


def test_tax_for_which_the_cancelled_row_has_no_room_is_the_surcharge_s() -> None:
    items = [an_item(1, "A", 2, 0, tax_amount=money("0.02"), qty_canceled=1)]
    done = broken_down(items, "3.02", tax_amount=money("0.59"), total_canceled=money("0.01"))
    assert table(done) == ["A 0.00+0.01=0.01", "SURCHARGE 2.42+0.58=3.00"]


def test_no_row_s_tax_goes_below_nothing_for_the_cents() -> None:
    items = [an_item(1, "A", 2, 10, tax_amount=money("0.02"), qty_canceled=1)]
    done = broken_down(
        items,
        "10.02",
        subtotal=10,
        tax_amount=money("0.02"),
        total_canceled=money("5.01"),
        tax_canceled=money("0.03"),
    )
    assert table(done) == ["A 5.01+0.00=5.01"]


def test_no_more_than_two_cents_of_tax_go_to_a_row() -> None:
    items = [an_item(1, "A", 2, 10, tax_amount=2, qty_canceled=1)]
    done = broken_down(items, 12, subtotal=10, tax_amount=2, total_canceled=6, tax_canceled=money("0.95"))
    assert table(done) == ["A 4.98+1.02=6.00"]


def test_the_half_of_a_tax_that_was_cut_is_no_other_row_s() -> None:
    items = [
        an_item(1, "A", 2, 100, tax_amount=19, discount_amount=110, qty_canceled=1),
        an_item(2, "B", 2, 20, qty_canceled=1),
    ]
    done = broken_down(
        items, 29, subtotal=120, tax_amount=19, total_canceled=money("14.50"), tax_canceled=money("9.50")
    )
    assert [f"{line.sku} {line.gross} {line.tax}" for line in done.lines] == ["A 4.50 4.50", "B 10.00 0.00"]


def test_a_tax_that_was_cut_is_not_the_surcharge_s() -> None:
    items = [an_item(1, "A", 1, 100, tax_amount=19, discount_amount=110)]
    done = broken_down(items, 12, subtotal=100, tax_amount=19)
    assert [f"{line.sku} {line.gross} {line.tax}" for line in done.lines] == [
        "A 9.00 9.00",
        "SURCHARGE 3.00 0.00",
    ]


def test_cards_alone_pay_nothing_where_another_discount_takes_all_that_is_left() -> None:
    """100.00 lacks 10.00 and 90.00 are paid by card; of what is left, 5.00, the discount takes all."""
    items = [an_item(1, "A", 1, 5), an_item(2, "B", 1, 95, qty_canceled=1)]
    card = {"gift_cards": [{"id": 1, "code": "GC", "amount": 90}], "gift_cards_amount": 90}
    done = broken_down(items, 0, subtotal=100, extension=card)
    assert table(done) == ["A 0.00+0.00=0.00 from 5.00 less OTHER 5.00"]
    assert done.order_attributes == ()


def test_what_was_cancelled_beside_all_rows_is_another_discount() -> None:
    done = broken_down([an_item(1, "A", 1, 10)], 15, subtotal=10, shipping=5, total_canceled=5)
    assert table(done) == [
        "A 6.67+0.00=6.67 from 10.00 less OTHER 3.33",
        "TABLERATE-Bestway 3.33+0.00=3.33 from 5.00 less OTHER 1.67",
    ]


def test_the_reading_is_judged_before_anything_is_taken_off() -> None:
    item = an_item(
        1, "A", 2, 0, price=20, row_total=34, row_total_incl_tax=40, discount_amount=6, qty_canceled=1
    )
    done = broken_down([item], 34, subtotal=40, total_canceled=17)
    assert (done.reading, table(done)) == ("A'", ["A 17.00+0.00=17.00 from 20.00 less Discount 3.00"])


def test_cards_count_in_full_while_anything_is_left_to_pay() -> None:
    done = broken_down(
        [an_item(1, "A", 1, 60), an_item(2, "B", 1, 40, qty_canceled=1)],
        70,
        subtotal=100,
        total_canceled=40,
        extension={"gift_cards": [{"id": 1, "code": "GC", "amount": 30}], "gift_cards_amount": 30},
    )
    assert table(done) == ["A 30.00+0.00=30.00 from 60.00 less GC 30.00"]


def test_cards_that_pay_alone_pay_what_is_left_and_no_more() -> None:
    """105.00 paid by two cards, credit and points; of 65.00 that are left the points pay nothing any more."""
    done = broken_down(
        [an_item(1, "A", 1, 60), an_item(2, "B", 1, 40, qty_canceled=1)],
        0,
        subtotal=100,
        shipping=5,
        extension={
            "gift_cards": [{"id": 1, "code": "G1", "amount": 50}, {"id": 2, "code": "G2", "amount": 10}],
            "gift_cards_amount": 60,
            "customer_balance_amount": 20,
            "reward_currency_amount": 25,
        },
    )
    assert str(done.total) == "0.00"
    assert table(done) == [
        "A 0.00+0.00=0.00 from 60.00 less G1 46.15, G2 9.23, STORE_CREDIT 4.62",
        "TABLERATE-Bestway 0.00+0.00=0.00 from 5.00 less G1 3.85, G2 0.77, STORE_CREDIT 0.38",
    ]
    assert done.order_attributes == (
        ("giftcard_1_code", "G1"),
        ("giftcard_1_amount", "50.00"),
        ("giftcard_1_id", "1"),
        ("giftcard_2_code", "G2"),
        ("giftcard_2_amount", "10.00"),
        ("giftcard_2_id", "2"),
    )


def test_a_dynamic_bundle_has_as_many_lines_as_its_children_still_need() -> None:
    items = [
        an_item(1, "KIT", 3, 90, product_type="bundle", qty_canceled=3),
        an_item(2, "A", 3, 30, parent_item_id=1, qty_canceled=2),
        an_item(3, "B", 6, 60, parent_item_id=1, qty_canceled=3),
    ]
    done = broken_down(items, 90, subtotal=90, total_canceled=50)
    assert [(line.sku, line.parent_line_number) for line in done.lines] == [
        ("KIT", None),
        ("A", 1),
        ("B", 1),
        ("B", 1),
        ("KIT", None),
        ("B", 5),
    ]


def test_a_fixed_bundle_goes_by_its_own_quantity() -> None:
    items = [
        an_item(1, "KIT", 2, 20, product_type="bundle", qty_canceled=1),
        a_child(2, 1, "A", 2, qty_canceled=0, original_price=1),
        a_child(3, 1, "B", 4, qty_canceled=4, original_price=2),
    ]
    done = broken_down(items, 20, subtotal=20, total_canceled=10)
    assert table(done) == [
        "KIT 0.00+0.00=0.00",
        "A 2.00+0.00=2.00",
        "B 4.00+0.00=4.00",
        "B 4.00+0.00=4.00",
    ]


def test_an_order_of_which_nothing_is_left_still_adds_up() -> None:
    done = broken_down(
        [an_item(1, "A", 2, 20, qty_canceled=2)], 25, subtotal=20, shipping=5, total_canceled=25
    )
    assert table(done) == ["TABLERATE-Bestway 0.00+0.00=0.00 from 5.00 less OTHER 5.00"]
