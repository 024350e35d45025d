"""Money in whole smallest units: rounding, and dividing without losing any.

Inside the arithmetic amounts are integers, either ten-thousandths (as the store gave them) or smallest
units of the order's currency; `Decimal` stands at both ends.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Final

from babel.numbers import get_currency_precision, is_currency

from webapp.domain.refusals import Refused

TEN_THOUSAND: Final = 10_000
CENT: Final = 100
# ISO 4217 has codes for "no currency" and "for tests"; nobody pays in them.
NOT_MONEY: Final = frozenset({"XXX", "XTS"})


@lru_cache(maxsize=256)
def currency_unit(currency: str) -> Decimal:
    """The smallest unit of a currency: 0.01 for USD, 1 for JPY, 0.001 for KWD.

    Raises `Refused` for a code that is no currency's.
    """
    if not is_currency(currency) or currency in NOT_MONEY:
        raise Refused("order_currency_code", "the ISO 4217 code of a currency", currency)
    return Decimal(1).scaleb(-min(get_currency_precision(currency), 4))


def ten_thousandths(amount: Decimal) -> int:
    """An amount as a whole number of ten-thousandths, rounded half up."""
    if not amount:
        return 0
    return int((amount * TEN_THOUSAND).to_integral_value(ROUND_HALF_UP))


def from_ten_thousandths(tenths: int) -> Decimal:
    """Ten-thousandths as an amount, with at least two decimals."""
    return Decimal(tenths // CENT).scaleb(-2) if tenths % CENT == 0 else Decimal(tenths).scaleb(-4)


def plain(number: Decimal) -> Decimal:
    """The same number with no more digits than it needs, and never an exponent: 19, 8.25."""
    if number == number.to_integral_value():
        return number.quantize(Decimal(1))
    return number.normalize()


def in_units(tenths: int, unit: int) -> int:
    """Ten-thousandths as smallest units, rounded half up (away from zero); `unit` in ten-thousandths."""
    if tenths < 0:
        return -((2 * -tenths + unit) // (2 * unit))
    return (2 * tenths + unit) // (2 * unit)


def proportion(amount: int, part: int, whole: int) -> int:
    """`amount` × `part` ÷ `whole`, rounded half up; none may be negative, `whole` is above 0."""
    return (2 * amount * part + whole) // (2 * whole)


def apportion(amount: int, weights: Sequence[int]) -> list[int]:
    """Divide in proportion to weights by largest remainder, ties to the first; equally if all are 0.

    The shares add up to `amount`. With `amount` at most the sum of the weights, no share is above its weight.
    """
    if len(weights) == 1:
        return [amount]
    whole = sum(weights)
    if whole == 0:
        return [nth_share(amount, len(weights), place) for place in range(len(weights))]
    shares = []
    remainders = []
    for weight in weights:
        share, remainder = divmod(amount * weight, whole)
        shares.append(share)
        remainders.append(remainder)
    missing = amount - sum(shares)
    if missing:
        # sorted() is stable: among equal remainders the first comes first.
        for place in sorted(range(len(weights)), key=remainders.__getitem__, reverse=True)[:missing]:
            shares[place] += 1
    return shares


def nth_share(amount: int, count: int, place: int) -> int:
    """What the line at `place` (from 0) gets of `amount` divided equally, remainder to the first lines."""
    share, remainder = divmod(amount, count)
    return share + (place < remainder)


def round_to_sum(exact: Sequence[int], to_meet: int, unit: int) -> list[int]:
    """Ten-thousandths as smallest units that add up to `to_meet`: largest remainder, ties to the first."""
    rounded = [amount // unit for amount in exact]
    missing = to_meet - sum(rounded)
    if not exact or missing == 0:
        return rounded
    remainders = [amount % unit for amount in exact]
    places = sorted(range(len(exact)), key=remainders.__getitem__, reverse=True)
    if missing > 0:
        for turn in range(missing):
            rounded[places[turn % len(places)]] += 1
        return rounded
    # The total is less than the floors, by a fraction of a unit: whoever has most gives it up.
    rounded[max(range(len(exact)), key=rounded.__getitem__)] += missing
    return rounded
