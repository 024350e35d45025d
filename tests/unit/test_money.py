"""Money in whole units: rounded half up, divided without losing any."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.money import (
    apportion,
    currency_unit,
    from_ten_thousandths,
    in_units,
    nth_share,
    plain,
    proportion,
    round_to_sum,
    ten_thousandths,
)
from webapp.domain.refusals import Refused

AMOUNT = st.integers(0, 10**12)
WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("currency", "unit"),
    [("USD", "0.01"), ("EUR", "0.01"), ("JPY", "1"), ("KWD", "0.001"), ("BHD", "0.001"), ("CLF", "0.0001")],
)
def test_each_currency_has_its_smallest_unit(currency: str, unit: str) -> None:
    assert str(currency_unit(currency)) == unit


def test_a_code_of_no_currency_is_refused() -> None:
    with pytest.raises(Refused, match=r'^order_currency_code: expected .*, got "QQQ"$'):
        currency_unit("QQQ")


@pytest.mark.parametrize(
    ("amount", "tenths"),
    [
        ("1", 10_000),
        ("0.00005", 1),
        ("0.000049", 0),
        ("-0.00005", -1),
        ("9999999999999.9999", 10**17 - 1),
        ("0", 0),
    ],
)
def test_amounts_are_ten_thousandths_rounded_half_up(amount: str, tenths: int) -> None:
    assert ten_thousandths(Decimal(amount)) == tenths


@pytest.mark.parametrize(
    ("tenths", "text"),
    [(100, "0.01"), (10_000, "1.00"), (10_050, "1.0050"), (-100, "-0.01"), (-5, "-0.0005"), (0, "0.00")],
)
def test_ten_thousandths_are_written_with_two_decimals_or_all_four(tenths: int, text: str) -> None:
    assert str(from_ten_thousandths(tenths)) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [("19.0000", "19"), ("8.2500", "8.25"), ("20", "20"), ("1E+2", "100"), ("0.0000", "0")],
)
def test_numbers_are_written_without_what_they_do_not_need(number: str, text: str) -> None:
    assert str(plain(Decimal(number))) == text


@pytest.mark.parametrize(
    ("tenths", "unit", "units"),
    [
        (149, 100, 1),
        (150, 100, 2),
        (-149, 100, -1),
        (-150, 100, -2),
        (0, 100, 0),
        (5_000, 10_000, 1),
        (4_999, 10_000, 0),
    ],
)
def test_units_are_rounded_half_away_from_nothing(tenths: int, unit: int, units: int) -> None:
    assert in_units(tenths, unit) == units


@pytest.mark.parametrize(
    ("amount", "part", "whole", "share"),
    [(10, 1, 3, 3), (10, 1, 4, 3), (9, 1, 4, 2), (7, 3, 3, 7), (5, 0, 9, 0)],
)
def test_a_proportion_is_rounded_half_up(amount: int, part: int, whole: int, share: int) -> None:
    assert proportion(amount, part, whole) == share


@pytest.mark.parametrize(
    ("amount", "weights", "shares"),
    [
        (1000, [5, 5, 5], [334, 333, 333]),
        (10000, [30, 25, 25], [3750, 3125, 3125]),
        (3000, [6000, 4000, 500], [1714, 1143, 143]),
        (2, [1, 2, 1], [1, 1, 0]),
        (1, [1, 2], [0, 1]),
        (7, [0, 0], [4, 3]),
        (7, [0], [7]),
        (5, [0, 3], [0, 5]),
    ],
)
def test_the_largest_remainder_has_the_odd_unit_and_of_equals_the_first(
    amount: int, weights: list[int], shares: list[int]
) -> None:
    assert apportion(amount, weights) == shares


@given(AMOUNT, WEIGHTS)
def test_shares_add_up_and_are_within_one_of_their_proportion(amount: int, weights: list[int]) -> None:
    shares = apportion(amount, weights)
    assert sum(shares) == amount
    whole = sum(weights)
    if whole and len(weights) > 1:
        for share, weight in zip(shares, weights, strict=True):
            assert abs(share * whole - amount * weight) < whole


@given(WEIGHTS, st.data())
def test_no_share_is_above_its_weight_while_all_together_are_not(
    weights: list[int], data: st.DataObject
) -> None:
    amount = data.draw(st.integers(0, sum(weights)))
    assert all(share <= weight for share, weight in zip(apportion(amount, weights), weights, strict=True))


@given(AMOUNT, st.integers(1, 50))
def test_equal_shares_add_up_and_the_first_have_the_rest(amount: int, count: int) -> None:
    shares = [nth_share(amount, count, place) for place in range(count)]
    assert sum(shares) == amount
    assert shares == sorted(shares, reverse=True)
    assert shares[0] - shares[-1] <= 1


@pytest.mark.parametrize(
    ("exact", "to_meet", "rounded"),
    [
        ([10_040, 10_040, 10_040], 301, [101, 100, 100]),
        ([10_040, 10_060], 201, [100, 101]),
        ([10_000, 20_000], 300, [100, 200]),
        ([10_000, 20_000], 301, [101, 200]),
        ([10_000, 20_000], 299, [100, 199]),
        ([10_000, 10_000], 203, [102, 101]),
        ([], 0, []),
    ],
)
def test_rounded_amounts_meet_the_sum(exact: list[int], to_meet: int, rounded: list[int]) -> None:
    assert round_to_sum(exact, to_meet, 100) == rounded
