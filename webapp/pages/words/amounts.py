"""Amounts, counts and sizes as words. Money is `Decimal` with its currency, never a float, never rounded."""

from decimal import Decimal

from babel.numbers import format_decimal, get_currency_precision

LOCALE = "en_US"
MINUS = "\N{MINUS SIGN}"
SPACE = "\N{NO-BREAK SPACE}"


def money(amount: Decimal, currency: str) -> str:
    """`1,234.50 EUR`, `1,234 JPY`, `1.234 KWD`; finer amounts show all their decimals (F17.3).

    Raises `TypeError` for what is no `Decimal`.
    """
    if not isinstance(amount, Decimal):
        raise TypeError(f"money: expected a Decimal, got {type(amount).__name__}")
    exponent = amount.normalize().as_tuple().exponent
    decimals = max(get_currency_precision(currency), -int(exponent))
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    figure = format_decimal(abs(amount), format=pattern, locale=LOCALE)
    sign = MINUS if amount < 0 else ""
    return f"{sign}{figure}{SPACE}{currency}"


def count(number: int, limit: int | None = None) -> str:
    """`12,345`; above `limit`, which is where counting stopped, `10,000+`."""
    if limit is not None and number > limit:
        return f"{format_decimal(limit, locale=LOCALE)}+"
    return format_decimal(number, locale=LOCALE)


def plural(number: int, one: str, many: str | None = None) -> str:
    """`1 message`, `2 messages`."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def size(octets: int) -> str:
    """Bytes as `812 bytes`, `12.3 KB`, `1.9 MB` (powers of 1,000)."""
    if octets < 1000:
        return plural(octets, "byte")
    if octets < 1_000_000:
        return f"{octets / 1000:.1f} KB"
    return f"{octets / 1_000_000:.1f} MB"
