"""Numbers from outside are taken exactly or refused by name, never guessed."""

from decimal import Decimal
from typing import Any

import pytest

from webapp.domain.numbers import read_integer, read_money, read_quantity
from webapp.domain.refusals import ABSENT, Refused


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        (5, "5"),
        (Decimal("19.99"), "19.99"),
        ("19.99", "19.99"),
        ("-6.00", "-6"),
        ("+1", "1"),
        (Decimal("21.410000000000004"), "21.41"),
        (Decimal("0.00005"), "0.0001"),
        (Decimal("-0.00005"), "-0.0001"),
        (Decimal("0.000049"), "0"),
        ("1.0E-5", "0"),
        (Decimal("1E+2"), "100"),
        (Decimal("1E-999999999"), "0"),
        (Decimal("0E+999999999"), "0"),
        ("0.1234567891", "0.1235"),
        (9_999_999_999_999, "9999999999999"),
        ("1" + "0" * 12, "1000000000000"),
    ],
)
def test_money_is_read_exactly_to_four_decimals(value: object, amount: str) -> None:
    assert read_money(value, "grand_total") == Decimal(amount)


def test_no_amount_is_a_negative_zero() -> None:
    assert str(read_money(Decimal("-0.00"), "x")) == "0"
    assert str(read_money("-0.00001", "x")) == "0"


@pytest.mark.parametrize(
    "value",
    ids=lambda value: type(value).__name__,
    argvalues=[
        "NaN",
        Decimal("NaN"),
        Decimal("sNaN"),
        "Infinity",
        Decimal("-Infinity"),
        "1_000",
        " 5 ",
        "5,0",
        "٣",
        "",
        "0x10",
        ".5",
        "5.",
        "1" * 41,
        "1E+999999999",
        Decimal("1E+999999999"),
        "1E999",
        10**13,
        "-10000000000000",
        10**400,
        10**4999,
        True,
        None,
        [],
        {},
        ABSENT,
    ],
)
def test_what_is_no_amount_is_refused_by_name(value: object) -> None:
    with pytest.raises(Refused) as refusal:
        read_money(value, "items[0].price")
    assert refusal.value.field == "items[0].price"


def test_quantities_are_at_least_zero_and_bounded() -> None:
    assert read_quantity("2.5000", "qty") == Decimal("2.5")
    assert read_quantity(0, "qty") == 0
    for bad in ("-1", -1, Decimal("-0.0001"), 10**8, "100000000"):
        with pytest.raises(Refused):
            read_quantity(bad, "qty")


@pytest.mark.parametrize(
    ("value", "number"),
    [(5, 5), ("5", 5), ("5.0", 5), (Decimal("5.000"), 5), (Decimal("5E+1"), 50), ("-3", -3), ("0E+9", 0)],
)
def test_whole_numbers_in_every_dress(value: object, number: int) -> None:
    read = read_integer(value, "line_number")
    assert (type(read), read) == (int, number)


@pytest.mark.parametrize(
    "value", ["5.5", Decimal("0.1"), "1e-30", 2**63, -(2**63), str(2**63), True, None, "x", Decimal("1E+30")]
)
def test_fractions_and_monsters_are_no_whole_numbers(value: object) -> None:
    with pytest.raises(Refused):
        read_integer(value, "n")


@pytest.mark.parametrize(
    ("got", "words"),
    ids=lambda value: type(value).__name__,
    argvalues=[
        ("-1", '"-1"'),
        (-1, "-1"),
        (Decimal("1.50"), "1.50"),
        (None, "null"),
        (True, "true"),
        (False, "false"),
        ({}, "{}"),
        ({"a": 1}, "an object"),
        ([], "[]"),
        ([1], "a list"),
        (10**5000, "a number of very many digits"),
        ("é" * 100, '"' + "é" * 59 + '…"'),
        (ABSENT, "nothing"),
        (b"x", "bytes"),
    ],
)
def test_a_refusal_says_what_came(got: object, words: str) -> None:
    assert str(Refused("items[2].qty_ordered", "a number above 0", got)) == (
        f"items[2].qty_ordered: expected a number above 0, got {words}"
    )


def test_a_refusal_of_the_whole_document_has_no_field() -> None:
    assert str(Refused("", "a JSON object", [])) == "expected a JSON object, got []"


@pytest.mark.parametrize(
    ("read", "value", "words"),
    [
        (read_integer, 2**63, "n: expected a whole number below 2^63, got 9223372036854775808"),
        (read_integer, "9223372036854775808", 'n: expected a whole number, got "9223372036854775808"'),
        (read_integer, "5.5", 'n: expected a whole number, got "5.5"'),
        (read_integer, None, "n: expected a whole number, got null"),
        (read_money, 2**63, "n: expected a number, got 9223372036854775808"),
        (read_money, 10**13, "n: expected an amount below 10000000000000, got 10000000000000"),
        (read_money, "x", 'n: expected a number, got "x"'),
        (read_money, Decimal("NaN"), "n: expected a number, got NaN"),
        (read_money, Decimal("1E+21"), "n: expected a number, got 1E+21"),
        (read_money, Decimal("1E+20"), "n: expected an amount below 10000000000000, got 1E+20"),
        (read_quantity, "-1", 'n: expected a number of at least 0, got "-1"'),
        (read_quantity, 10**8, "n: expected a quantity below 100000000, got 100000000"),
    ],
)
def test_what_is_refused_says_what_was_expected_and_what_came(read: Any, value: object, words: str) -> None:
    with pytest.raises(Refused) as refusal:
        read(value, "n")
    assert str(refusal.value) == words


def test_the_bounds_themselves() -> None:
    assert read_integer(2**63 - 1, "n") == 2**63 - 1
    assert read_integer(-(2**63) + 1, "n") == -(2**63) + 1
    assert read_money(Decimal("9999999999999.99"), "n") == Decimal("9999999999999.99")
    assert read_money(-(10**13) + 1, "n") == -(10**13) + 1
    for bound in (10**13, -(10**13), Decimal(10**13), "10000000000000"):
        with pytest.raises(Refused):
            read_money(bound, "n")


def test_a_text_of_just_the_length_that_is_shown_is_shown_whole() -> None:
    whole, longer = "x" * 60, "x" * 61
    assert str(Refused("f", "a number", whole)).endswith(f'got "{whole}"')
    assert str(Refused("f", "a number", longer)).endswith(f'got "{"x" * 59}…"')
