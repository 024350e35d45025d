"""Gift cards, store credit and points: promotions over the order until it adds up to what is paid (F29)."""

from tests.fixtures.breakdowns import broken_down, money, table
from tests.fixtures.magento_documents import Document, an_item


def used(amount: object, *cards: tuple[str, object], credit: object = 0, points: object = 0) -> Document:
    """The extension attributes of an order partly paid by these."""
    return {
        "gift_cards": [
            {"id": place, "code": code, "amount": money(of)} for place, (code, of) in enumerate(cards, 1)
        ],
        "gift_cards_amount": money(amount),
        "customer_balance_amount": money(credit),
        "reward_currency_amount": money(points),
    }


def test_a_row_s_tax_goes_down_with_its_gross() -> None:
    """119.00, of it 19.00 tax; a card pays 59.50, half of it, and so half of the tax: 9.50."""
    done = broken_down(
        [an_item(1, "A", 1, 100, tax_amount=19, tax_percent=19)],
        "59.50",
        subtotal=100,
        tax_amount=19,
        extension=used("59.5", ("GC", "59.5")),
    )
    assert table(done) == ["A 50.00+9.50=59.50 from 119.00 less GC 59.50"]
    line = done.lines[0]
    assert [(one.name, str(one.percentage)) for one in line.promotions] == [("Gift card", "50.00")]
    assert [(tax.type, str(tax.amount), str(tax.rate)) for tax in line.taxes] == [("TAX", "9.50", "19")]


def test_the_tax_is_brought_down_once_after_all_of_them() -> None:
    """100.00 with 0.07 tax; three times 33.33 leave 0.01: 0.07 × 0.01 ÷ 100.00 rounds to 0.00, at once."""
    done = broken_down(
        [an_item(1, "A", 1, "99.93", tax_amount=money("0.07"))],
        "0.01",
        subtotal=money("99.93"),
        tax_amount=money("0.07"),
        extension=used("66.66", ("G1", "33.33"), ("G2", "33.33"), credit="33.33"),
    )
    assert table(done) == ["A 0.01+0.00=0.01 from 100.00 less G1 33.33, G2 33.33, STORE_CREDIT 33.33"]


def test_cards_then_credit_then_points_each_over_what_is_left() -> None:
    """60, 40: a card of 50 takes 30 and 20; credit of 25 takes 15 and 10; points of 5 take 3 and 2."""
    done = broken_down(
        [an_item(1, "A", 1, 60), an_item(2, "B", 2, 40)],
        20,
        subtotal=100,
        extension=used(50, ("GC", 50), credit=25, points=5),
    )
    assert table(done) == [
        "A 12.00+0.00=12.00 from 60.00 less GC 30.00, STORE_CREDIT 15.00, REWARD_POINTS 3.00",
        "B 4.00+0.00=4.00 from 20.00 less GC 10.00, STORE_CREDIT 5.00, REWARD_POINTS 1.00",
        "B 4.00+0.00=4.00 from 20.00 less GC 10.00, STORE_CREDIT 5.00, REWARD_POINTS 1.00",
    ]
    assert [one.name for one in done.lines[0].promotions] == ["Gift card", "Store credit", "Reward points"]


def test_a_line_s_share_is_the_difference_of_the_two_divisions() -> None:
    """10.00 over three lines is 3.34 3.33 3.33; 8.99 that are left are 3.00 3.00 2.99."""
    done = broken_down([an_item(1, "A", 3, 10)], "8.99", subtotal=10, extension=used("1.01", ("GC", "1.01")))
    assert table(done) == [
        "A 3.00+0.00=3.00 from 3.34 less GC 0.34",
        "A 3.00+0.00=3.00 from 3.33 less GC 0.33",
        "A 2.99+0.00=2.99 from 3.33 less GC 0.34",
    ]


def test_the_shop_s_own_discount_comes_first_and_the_price_stays() -> None:
    done = broken_down(
        [an_item(1, "A", 2, 50, price_incl_tax=25, discount_amount=10)],
        30,
        subtotal=50,
        coupon_code="TEN",
        extension=used(10, ("GC", 10)),
    )
    assert table(done) == ["A 15.00+0.00=15.00 from 25.00 less TEN 5.00, GC 5.00"] * 2


def test_services_and_shipping_take_their_share() -> None:
    """10 + fee 6 + shipping 4 = 20; the card pays half of each."""
    fee = {"custom_fees": [{"custom_fee_code": "cod", "custom_fee_amount": 6}]}
    done = broken_down(
        [an_item(1, "A", 1, 10)], 10, subtotal=10, shipping=4, extension=used(10, ("GC", 10)) | fee
    )
    assert [str(line.gross) for line in done.lines] == ["5.00", "3.00", "2.00"]


def test_an_order_paid_by_gift_card_alone_has_no_amounts_left() -> None:
    done = broken_down(
        [an_item(1, "A", 2, 100, tax_amount=19, tax_percent=19)],
        0,
        subtotal=100,
        tax_amount=19,
        shipping=5,
        extension=used(124, ("GC", 124)),
    )
    assert table(done) == [
        "A 0.00+0.00=0.00 from 59.50 less GC 59.50",
        "A 0.00+0.00=0.00 from 59.50 less GC 59.50",
        "TABLERATE-Bestway 0.00+0.00=0.00 from 5.00 less GC 5.00",
    ]
    assert str(done.total) == "0.00"


def test_cards_that_add_up_to_more_than_was_used_are_cut_from_the_last() -> None:
    done = broken_down(
        [an_item(1, "A", 1, 100)], 65, subtotal=100, extension=used(35, ("G1", 30), ("G2", 20), ("G3", 50))
    )
    assert table(done) == ["A 65.00+0.00=65.00 from 100.00 less G1 30.00, G2 5.00"]
    assert done.order_attributes == (
        ("giftcard_1_code", "G1"),
        ("giftcard_1_amount", "30.00"),
        ("giftcard_1_id", "1"),
        ("giftcard_2_code", "G2"),
        ("giftcard_2_amount", "5.00"),
        ("giftcard_2_id", "2"),
    )
    assert done.warnings == (
        "The gift cards listed add up to 100.00, and gift_cards_amount is 35.00; the last were cut.",
    )


def test_what_the_cards_lack_is_a_card_without_a_code() -> None:
    done = broken_down([an_item(1, "A", 1, 100)], 65, subtotal=100, extension=used(35, ("G1", 30)))
    assert table(done) == ["A 65.00+0.00=65.00 from 100.00 less G1 30.00, Gift card 5.00"]
    assert done.order_attributes[3:] == (("giftcard_2_amount", "5.00"),)
    assert done.warnings == (
        "The gift cards listed add up to 30.00, and gift_cards_amount is 35.00; the rest goes out as a card "
        "without a code.",
    )


def test_the_card_without_a_code_leaves_store_credit_what_it_paid() -> None:
    extension = used(35, ("G1", 30), credit=10)
    done = broken_down([an_item(1, "A", 1, 100)], 55, subtotal=100, extension=extension)
    assert table(done) == ["A 55.00+0.00=55.00 from 100.00 less G1 30.00, Gift card 5.00, STORE_CREDIT 10.00"]


def test_a_card_larger_than_the_order_is_told_with_what_it_paid_beyond_it() -> None:
    done = broken_down([an_item(1, "A", 1, 10)], 0, subtotal=10, extension=used(25, ("GC", 25)))
    assert table(done) == [
        "A 0.00+0.00=0.00 from 10.00 less GC 10.00",
        "SURCHARGE 0.00+0.00=0.00 from 15.00 less GC 15.00",
    ]
    assert "15.00 USD above" in done.warnings[0]
