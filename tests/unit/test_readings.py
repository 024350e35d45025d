"""What `row_total` means is told by the order's own totals (F17.1); each order computed by hand."""

from decimal import Decimal

import pytest

from tests.fixtures.breakdowns import broken_down, money, table
from tests.fixtures.magento_documents import Document, an_item, an_order
from webapp.domain.refusals import Refused
from webapp.domain.unit_lines import break_down
from webapp.store.magento_order import read_order


def an_item_of_119(**totals: object) -> Document:
    """119.00 with 19 % tax in it, 10 % off: 107.10 paid, of it 17.10 tax; 1.90 of tax hid in the discount."""
    return an_item(
        1,
        "A",
        1,
        100,
        price=100,
        price_incl_tax=119,
        tax_percent=19,
        tax_amount=money("17.10"),
        discount_amount=money("11.90"),
        discount_tax_compensation_amount=money("1.90"),
        **totals,
    )


EXPECTED_OF_119 = ["A 90.00+17.10=107.10 from 119.00 less Discount 11.90"]


def test_a_row_total_before_the_discount() -> None:
    item = an_item_of_119(row_total=100, row_total_incl_tax=119)
    done = broken_down([item], "107.10", subtotal=100, tax_amount=money("17.10"))
    assert (done.reading, table(done)) == ("A", EXPECTED_OF_119)


def test_a_prime_row_total_after_the_discount() -> None:
    item = an_item_of_119(row_total=money("88.10"), row_total_incl_tax=119)
    done = broken_down([item], "107.10", subtotal=100, tax_amount=money("17.10"))
    assert (done.reading, table(done)) == ("A'", EXPECTED_OF_119)


def test_b_row_total_incl_tax_is_what_was_paid() -> None:
    item = an_item_of_119(row_total=90, row_total_incl_tax=money("107.10"))
    done = broken_down([item], "107.10", subtotal=100, tax_amount=money("17.10"))
    assert (done.reading, table(done)) == ("B", EXPECTED_OF_119)


def test_b_with_fixed_product_taxes_on_top() -> None:
    item = an_item_of_119(
        row_total=90, row_total_incl_tax=money("107.10"), weee_tax_applied_row_amount=money("5.00")
    )
    done = broken_down([item], "112.10", subtotal=100, tax_amount=money("17.10"))
    assert done.reading == "B+weee"
    assert table(done) == ["A 95.00+17.10=112.10 from 124.00 less Discount 11.90"]


def test_b_with_fixed_product_taxes_inside() -> None:
    item = an_item_of_119(
        row_total=90, row_total_incl_tax=money("112.10"), weee_tax_applied_row_amount=money("5.00")
    )
    done = broken_down([item], "112.10", subtotal=100, tax_amount=money("17.10"))
    assert done.reading == "B"
    assert table(done) == ["A 95.00+17.10=112.10 from 124.00 less Discount 11.90"]


def test_c_row_total_is_a_piece_s_and_below_nothing() -> None:
    item = an_item(
        1, "A", 3, 0, price=10, price_incl_tax=10, discount_amount=15, row_total=-5, row_total_incl_tax=15
    )
    done = broken_down([item], 15, subtotal=30)
    assert done.reading == "C"
    assert table(done) == ["A 5.00+0.00=5.00 from 10.00 less Discount 5.00"] * 3
    assert done.lines[0].promotions[0].percentage == 50


def test_price_times_quantity_where_no_total_is_told() -> None:
    item = an_item(1, "A", 4, 0, price=money("12.50"), tax_amount=10, tax_percent=20, row_total_incl_tax=0)
    done = broken_down([item], 60, subtotal=50, tax_amount=10)
    assert (done.reading, table(done)) == ("price", ["A 12.50+2.50=15.00"] * 4)


def test_price_with_tax_where_the_price_without_misses_by_a_cent() -> None:
    item = an_item(
        1,
        "A",
        3,
        0,
        price=money("8.33"),
        price_incl_tax=10,
        tax_amount=5,
        tax_percent=20,
        row_total_incl_tax=0,
    )
    done = broken_down([item], 30, subtotal=25, tax_amount=5)
    assert done.reading == "price_incl_tax"
    with_weee = broken_down([item | {"weee_tax_applied_row_amount": 3}], 33, subtotal=25, tax_amount=5)
    assert (with_weee.reading, [str(line.gross) for line in with_weee.lines]) == (
        "price_incl_tax",
        ["11.00"] * 3,
    )
    assert table(done) == ["A 8.33+1.67=10.00", "A 8.33+1.67=10.00", "A 8.34+1.66=10.00"]


def test_one_reading_holds_for_all_rows() -> None:
    """Read by itself the second row fits A as well; the first says that the order is A'."""
    items = [
        an_item(1, "A", 1, 0, price=50, row_total=45, row_total_incl_tax=50, discount_amount=5),
        an_item(2, "B", 1, 20),
    ]
    done = broken_down(items, 65, subtotal=70)
    assert (done.reading, [str(line.gross) for line in done.lines]) == ("A'", ["45.00", "20.00"])


def test_the_subtotal_may_contain_fixed_product_taxes() -> None:
    item = an_item(1, "A", 1, 20, weee_tax_applied_row_amount=2, discount_amount=3)
    done = broken_down([item], 22, subtotal=22)
    assert (done.reading, done.residual) == ("A", Decimal("3.00"))


def test_where_no_reading_meets_the_subtotal_the_first_that_fits_is_taken() -> None:
    item = an_item(1, "A", 1, 0, price=20, row_total=20, row_total_incl_tax=20, discount_amount=3)
    done = broken_down([item], 20, subtotal=99)
    assert (done.reading, done.residual) == ("A'", Decimal("0.00"))


def test_a_whole_unit_s_difference_fits_no_more() -> None:
    item = an_item(1, "A", 1, 0, price=20, row_total=20, row_total_incl_tax=money("20.01"))
    assert broken_down([item], "20.01", subtotal=99).reading == "B"
    assert broken_down([item], "20.0099", subtotal=99).reading == "A"


def test_a_whole_unit_s_difference_meets_the_subtotal_no_more() -> None:
    item = an_item(1, "A", 1, 0, price=20, row_total=20, row_total_incl_tax=money("20.01"))
    assert broken_down([item], 50, subtotal=money("20.01")).reading == "B"
    assert broken_down([item], 50, subtotal=money("20.0099")).reading == "A"


def test_what_is_beside_the_rows_is_no_part_of_what_they_have_to_meet() -> None:
    item = an_item(1, "A", 1, 0, price=20, row_total=17, row_total_incl_tax=27, discount_amount=3)
    done = broken_down([item], 22, subtotal=99, shipping=5)
    assert (done.reading, str(done.residual)) == ("A'", "0.00")


def test_where_none_fits_either_the_one_that_is_nearest_is_taken() -> None:
    item = an_item(1, "A", 1, 0, price=20, row_total=20, row_total_incl_tax=30, discount_amount=3)
    done = broken_down([item], 31, subtotal=99)
    assert (done.reading, done.residual) == ("B", Decimal("1.00"))
    assert broken_down([item], 18, subtotal=99).reading == "A"


def test_where_the_subtotal_is_met_but_no_total_the_first_that_meets_it_is_taken() -> None:
    item = an_item(1, "A", 1, 0, price=20, row_total=17, row_total_incl_tax=17, discount_amount=3)
    done = broken_down([item], 16, subtotal=20)
    assert (done.reading, done.residual) == ("A'", Decimal("-1.00"))


def test_a_reading_that_makes_a_row_negative_does_not_count() -> None:
    """A would leave the second row -5.00, though its sum is right to the cent."""
    items = [
        an_item(1, "A", 1, 0, price=30, row_total=30, row_total_incl_tax=20),
        an_item(2, "B", 1, 0, price=5, row_total=5, row_total_incl_tax=5, discount_amount=10),
    ]
    done = broken_down(items, 25, subtotal=35)
    assert (done.reading, [str(line.gross) for line in done.lines]) == ("B", ["20.00", "5.00"])


def test_what_rounds_to_nothing_is_not_below_it() -> None:
    """3 × 16.8066 and 9.58 of tax in the discount, less 60.00: two hundredths of a cent below nothing."""
    item = an_item(
        1,
        "A",
        3,
        0,
        price=money("16.8066"),
        price_incl_tax=20,
        discount_amount=60,
        discount_tax_compensation_amount=money("9.58"),
        row_total_incl_tax=money("5.00"),
    )
    done = broken_down([item], 0, subtotal=money("50.42"))
    assert (done.reading, str(done.lines[0].gross)) == ("price", "0.00")


def test_an_order_that_leaves_a_row_negative_however_it_is_read_is_refused() -> None:
    bad = an_item(
        2, "B", 2, 0, price=5, price_incl_tax=5, row_total=-8, row_total_incl_tax=-8, discount_amount=18
    )
    order = read_order(an_order([an_item(1, "A", 1, 20), bad], 12, subtotal=30))
    with pytest.raises(Refused, match=r"^items\[1\]\.row_total: expected amounts that leave at least 0"):
        break_down(order)


def test_the_record_tells_every_reading_that_was_tried() -> None:
    item = an_item_of_119(row_total=90, row_total_incl_tax=money("107.10"))
    order = read_order(an_order([item], "107.10", subtotal=100, tax_amount=money("17.10")))
    sums = break_down(order, show_sums=True).sums

    assert sums is not None
    assert [
        (one.name, str(one.net), str(one.residual), one.fits, one.meets_subtotal) for one in sums.readings
    ] == [
        ("A", "90.00", "10.00", False, False),
        ("A'", "101.90", "-1.90", False, False),
        ("B", "100.00", "0.00", True, True),
        ("B+weee", "100.00", "0.00", True, True),
        ("price", "100.00", "0.00", True, True),
        ("price_incl_tax", "100.00", "0.00", True, True),
    ]
    assert break_down(order).sums is None
