"""Currencies without decimals, with three of them, and amounts finer than money (F17.3); by hand."""

import pytest

from tests.fixtures.breakdowns import broken_down, money, table
from tests.fixtures.magento_documents import an_item
from webapp.domain.refusals import Refused


def test_yen_are_divided_whole() -> None:
    done = broken_down(
        [an_item(1, "A", 3, 926, tax_amount=74, tax_percent=8)],
        1000,
        subtotal=926,
        tax_amount=74,
        order_currency_code="JPY",
    )
    assert table(done) == ["A 309+25=334", "A 308+25=333", "A 309+24=333"]
    assert str(done.unit) == "1"


def test_yen_reckoned_with_decimals_keep_them() -> None:
    done = broken_down(
        [an_item(1, "A", 2, 999, tax_amount=money("79.92"), tax_percent=8)],
        money("1078.92"),
        subtotal=999,
        tax_amount=money("79.92"),
        order_currency_code="JPY",
    )
    assert table(done) == ["A 499.50+39.96=539.46"] * 2
    assert str(done.unit) == "0.01"


@pytest.mark.parametrize("name", ["tax_amount", "weee_tax_applied_row_amount", "row_total"])
def test_one_fine_amount_of_a_row_is_enough_though_all_sums_are_whole(name: str) -> None:
    items = [an_item(place, sku, 1, 10, row_total_incl_tax=0) for place, sku in ((1, "A"), (2, "B"))]
    for item in items:
        item[name] = item.get(name, 0) + money("0.5")
    subtotal = sum(item["row_total"] for item in items)
    done = broken_down(items, 21, subtotal=subtotal, order_currency_code="JPY")
    assert [str(line.gross) for line in done.lines] == ["10.50", "10.50"]


def test_one_fine_discount_is_enough_too() -> None:
    items = [an_item(place, sku, 1, 10, discount_amount=money("0.5")) for place, sku in ((1, "A"), (2, "B"))]
    done = broken_down(items, 19, subtotal=20, order_currency_code="JPY")
    assert [str(line.gross) for line in done.lines] == ["9.50", "9.50"]


def test_a_price_with_decimals_alone_does_not_make_yen_finer() -> None:
    done = broken_down(
        [an_item(1, "A", 3, 1000, price=money("333.3333"), price_incl_tax=money("333.3333"))],
        1000,
        subtotal=1000,
        order_currency_code="JPY",
    )
    assert table(done) == ["A 334+0=334", "A 333+0=333", "A 333+0=333"]


def test_dinars_have_three_decimals() -> None:
    done = broken_down(
        [an_item(1, "A", 3, "10.000", tax_amount=money("0.500"), tax_percent=5)],
        money("10.500"),
        subtotal=10,
        tax_amount=money("0.500"),
        order_currency_code="KWD",
    )
    assert table(done) == ["A 3.333+0.167=3.500", "A 3.333+0.167=3.500", "A 3.334+0.166=3.500"]


def test_the_cents_of_a_cancellation_are_two_hundredths_in_a_finer_unit() -> None:
    done = broken_down(
        [an_item(1, "A", 2, 20, qty_canceled=1)],
        20,
        subtotal=20,
        total_canceled=money("9.979"),
        order_currency_code="BHD",
    )
    assert table(done) == ["A 10.020+0.000=10.020", "SURCHARGE 0.001+0.000=0.001"]


def test_amounts_finer_than_a_cent_are_rounded_so_that_rows_add_up() -> None:
    """10.004 + 10.004 + 10.004 = 30.012, told as 30.01: the first row has the cent."""
    items = [an_item(place, sku, 1, "10.004") for place, sku in enumerate("ABC", start=1)]
    done = broken_down(items, "30.012", subtotal=money("30.012"))
    assert table(done) == ["A 10.01+0.00=10.01", "B 10.00+0.00=10.00", "C 10.00+0.00=10.00"]
    assert str(done.total) == "30.01"


def test_the_largest_remainder_has_the_cent_and_tax_likewise() -> None:
    """Gross 10.5037 and 10.5083 make 21.012; tax 0.5037 and 0.5083 make 1.012."""
    items = [
        an_item(1, "A", 1, 10, tax_amount=money("0.5037")),
        an_item(2, "B", 1, 10, tax_amount=money("0.5083")),
    ]
    done = broken_down(items, "21.012", subtotal=20, tax_amount=money("1.012"))
    assert table(done) == ["A 10.00+0.50=10.50", "B 10.00+0.51=10.51"]


def test_the_total_the_store_says_is_the_one_to_meet() -> None:
    """The rows make 10.0049, the store says 10.005: less than a cent apart, and 10.01 is due."""
    done = broken_down([an_item(1, "A", 1, "10.0049")], "10.005", subtotal=money("10.0049"))
    assert (table(done), str(done.residual)) == (["A 10.01+0.00=10.01"], "0.00")


def test_the_tax_the_store_says_is_the_one_to_meet_too() -> None:
    items = [an_item(1, "A", 1, 10, tax_amount=money("1.0049"))]
    done = broken_down(items, "11.005", subtotal=10, tax_amount=money("1.005"))
    assert table(done) == ["A 10.00+1.01=11.01"]


def test_a_fine_amount_beside_the_rows_is_enough_for_a_finer_unit() -> None:
    done = broken_down(
        [an_item(1, "A", 1, 10)], "10.5", subtotal=10, shipping="0.5", order_currency_code="JPY"
    )
    assert table(done) == ["A 10.00+0.00=10.00", "TABLERATE-Bestway 0.50+0.00=0.50"]


def test_a_total_below_the_rows_by_less_than_a_cent_takes_it_from_the_largest() -> None:
    done = broken_down([an_item(1, "A", 1, 5), an_item(2, "B", 1, 10)], "14.994", subtotal=15)
    assert (table(done), str(done.residual)) == (["A 5.00+0.00=5.00", "B 9.99+0.00=9.99"], "0.00")


def test_the_noise_of_floating_point_is_no_amount() -> None:
    done = broken_down(
        [an_item(1, "A", 1, "19.989999999999998")], "19.990000000000002", subtotal=money("19.9899999999")
    )
    assert (table(done), str(done.unit)) == (["A 19.99+0.00=19.99"], "0.01")


def test_rounding_alone_never_lifts_a_tax_above_what_was_paid() -> None:
    """B and C have 0.006 and 0.004, of it 0.003 and 0.004 tax: B has the cent of gross, and of tax."""
    items = [
        an_item(1, "A", 1, 0, tax_amount=money("0.01")),
        an_item(2, "B", 1, "0.003", tax_amount=money("0.003")),
        an_item(3, "C", 1, 0, tax_amount=money("0.004")),
    ]
    done = broken_down(items, "0.02", subtotal=money("0.003"), tax_amount=money("0.017"))
    assert table(done) == ["A 0.00+0.01=0.01", "B 0.00+0.01=0.01", "C 0.00+0.00=0.00"]
    assert done.warnings == ()


@pytest.mark.parametrize("currency", ["ZZZ", "usd", "", "XXX", "XTS", "DOLLAR"])
def test_a_currency_nobody_has_is_refused(currency: str) -> None:
    with pytest.raises(Refused, match=r"^order_currency_code: expected the ISO 4217 code of a currency"):
        broken_down([an_item(1, "A", 1, 10)], 10, subtotal=10, order_currency_code=currency)
