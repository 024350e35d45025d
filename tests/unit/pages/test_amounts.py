"""Money is shown to the last digit there is, with its currency; counts say when they stopped."""

from decimal import Decimal

import pytest

from webapp.pages.words.amounts import count, money, plural, size


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("1234.5", "EUR", "1,234.50 EUR"),
        ("0", "EUR", "0.00 EUR"),
        ("1E+3", "USD", "1,000.00 USD"),
        ("18400", "JPY", "18,400 JPY"),
        ("1.2", "KWD", "1.200 KWD"),
        ("44.995", "EUR", "44.995 EUR"),
        ("0.5", "JPY", "0.5 JPY"),
        ("1234567890123.4567", "EUR", "1,234,567,890,123.4567 EUR"),
        ("-12", "EUR", "−12.00 EUR"),
    ],
)
def test_money_keeps_every_digit_and_names_its_currency(amount: str, currency: str, shown: str) -> None:
    assert money(Decimal(amount), currency).replace("\N{NO-BREAK SPACE}", " ") == shown


def test_money_refuses_a_float() -> None:
    with pytest.raises(TypeError, match="expected a Decimal, got float"):
        money(19.99, "EUR")  # type: ignore[arg-type]  # the wrong type is what is tested


@pytest.mark.parametrize(
    ("number", "limit", "shown"),
    [(12345, None, "12,345"), (10000, 10000, "10,000"), (10001, 10000, "10,000+")],
)
def test_a_count_says_where_counting_stopped(number: int, limit: int | None, shown: str) -> None:
    assert count(number, limit) == shown


def test_one_is_not_many() -> None:
    assert [plural(n, "try", "tries") for n in (0, 1, 2)] == ["0 tries", "1 try", "2 tries"]


@pytest.mark.parametrize(
    ("octets", "shown"), [(1, "1 byte"), (999, "999 bytes"), (1000, "1.0 KB"), (1_900_000, "1.9 MB")]
)
def test_sizes(octets: int, shown: str) -> None:
    assert size(octets) == shown
