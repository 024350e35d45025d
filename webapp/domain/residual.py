"""What an order's total has beyond all its fields, or lacks (F17.4): told as it is, never hidden."""

from collections.abc import Sequence
from decimal import Decimal

from webapp.domain.cancelled import Due
from webapp.domain.entries import Entry, surcharge_entry
from webapp.domain.money import apportion
from webapp.domain.rows import Item

OTHER_DISCOUNT = ("OTHER", "Other discount")


def with_residual(entries: Sequence[Entry], due: Due, unit: int, items: Sequence[Item]) -> list[Entry]:
    """The entries with a surcharge as a service of its own, or less a discount that no field explains."""
    if due.residual > 0:
        surcharge = surcharge_entry(due.residual, due.residual_tax, unit, items)
        surcharge.before = surcharge.gross
        shipping = [entry for entry in entries if entry.product_type == "SHIPPING"]
        return [*(entry for entry in entries if entry.product_type != "SHIPPING"), surcharge, *shipping]
    if due.residual < 0:
        divide_reduction(entries, *OTHER_DISCOUNT, -due.residual)
        for entry in entries:
            entry.tax = min(entry.tax, entry.gross)
    return list(entries)


def divide_reduction(entries: Sequence[Entry], code: str, name: str, amount: int) -> None:
    """Divide a promotion over the entries in proportion to the gross still left (protocol: the order)."""
    for entry, share in zip(entries, apportion(amount, [one.gross for one in entries]), strict=True):
        if share:
            entry.take(code, name, share)


def residual_in_words(residual: Decimal, currency: str, *, held: bool) -> str:
    """The warning that goes with it, and what becomes of it; `residual` as an amount, not 0."""
    side = "above" if residual > 0 else "below"
    sentence = (
        f"The order's total is {abs(residual):f} {currency} {side} the sum of its rows, services and shipping"
    )
    if held:
        return f"{sentence}; it waits for review (orders.residual)."
    if residual > 0:
        return f"{sentence}; the difference goes out as a line of its own, SURCHARGE."
    return f'{sentence}; the difference goes out as the promotion "Other discount".'
