"""Numbers from outside, checked: money, quantities, whole numbers.

Taken are JSON numbers (as `int` or `Decimal`) and the same written as strings; not taken are
`NaN`, `Infinity`, `5,0`, `1_000`, padded or foreign digits, booleans, and whatever is larger than any
order or stock could be (protocol: Envelope, numbers). Every number that comes in goes through here.
"""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from webapp.domain.refusals import Refused

_MONEY_DIGITS: Final = 13
MONEY_LIMIT: Final = 10**_MONEY_DIGITS
QUANTITY_LIMIT: Final = Decimal(10) ** 8
INTEGER_LIMIT: Final = 2**63
DECIMALS: Final = Decimal("0.0001")
_ZERO: Final = Decimal(0)

_WRITTEN: Final = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?", re.ASCII)
# Beyond this the exponent alone says that it is out of every bound.
_LARGEST_EXPONENT: Final = 20


def read_money(value: object, path: str) -> Decimal:
    """An amount of either sign, below 10^13, rounded half up to four decimals (F17.3).

    Raises `Refused` naming `path`.
    """
    if (amount := plain_money(value)) is not None:
        return amount
    number = _read_number(value, path, "a number")
    if not -MONEY_LIMIT < number < MONEY_LIMIT:
        raise Refused(path, "an amount below 10000000000000", value)
    return _at_four_decimals(number)


def plain_money(value: object) -> Decimal | None:
    """The amount in a JSON number that is one without a doubt; None where `read_money` has to look."""
    if type(value) is Decimal and value.is_finite() and value.adjusted() < _MONEY_DIGITS:
        return _at_four_decimals(value)
    if type(value) is int and -MONEY_LIMIT < value < MONEY_LIMIT:
        return Decimal(value)
    return None


def read_quantity(value: object, path: str, *, expected: str = "a number of at least 0") -> Decimal:
    """A quantity of at least 0, below 10^8, rounded half up to four decimals.

    `expected` is said where it is none. Raises `Refused` naming `path`.
    """
    number = _read_number(value, path, expected)
    if number < 0:
        raise Refused(path, expected, value)
    if number >= QUANTITY_LIMIT:
        raise Refused(path, "a quantity below 100000000", value)
    return _at_four_decimals(number)


def read_integer(value: object, path: str) -> int:
    """A whole number of either sign below 2^63; `5.0` and `"5"` are 5, `5.5` is refused.

    Raises `Refused` naming `path`.
    """
    if type(value) is int:
        number = value
    else:
        exact = _read_number(value, path, "a whole number")
        if exact.copy_abs() >= INTEGER_LIMIT or exact != exact.to_integral_value():
            raise Refused(path, "a whole number", value)
        number = int(exact)
    if not -INTEGER_LIMIT < number < INTEGER_LIMIT:
        raise Refused(path, "a whole number below 2^63", value)
    return number


def _read_number(value: object, path: str, expected: str) -> Decimal:
    if type(value) is int:
        if not -INTEGER_LIMIT < value < INTEGER_LIMIT:
            raise Refused(path, expected, value)
        return Decimal(value)
    if isinstance(value, Decimal):
        number = value
    elif isinstance(value, str) and _WRITTEN.fullmatch(value):
        number = Decimal(value)
    else:
        raise Refused(path, expected, value)
    if not number.is_finite():
        raise Refused(path, expected, value)
    if not number:
        return _ZERO
    if number.adjusted() > _LARGEST_EXPONENT:
        raise Refused(path, expected, value)
    return number


def _at_four_decimals(number: Decimal) -> Decimal:
    # `or`: a zero with a sign would be written as "-0".
    return number.quantize(DECIMALS, ROUND_HALF_UP) or _ZERO
