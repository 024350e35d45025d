"""What is left to export of an order from which pieces were cancelled before (F17.5)."""

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.domain.entries import Entry
from webapp.domain.money import CENT, in_units, proportion, ten_thousandths
from webapp.domain.order import StoreOrder


@dataclass(frozen=True, slots=True)
class Due:
    """What the lines have to add up to, in smallest units.

    `grand_total` is what is still to be paid, `by_cards` what gift cards, store credit and points pay,
    `residual` and `residual_tax` what the entries lack (or, below 0, have beyond both).
    """

    grand_total: int
    by_cards: int
    residual: int
    residual_tax: int


def due_in_full(order: StoreOrder, entries: Sequence[Entry], total: int, unit: int) -> Due:
    """What is due for the whole order as it was placed; `total` in ten-thousandths."""
    grand_total = in_units(ten_thousandths(order.grand_total), unit)
    in_all = in_units(total, unit)
    residual = in_all - sum(entry.gross for entry in entries)
    told = in_units(ten_thousandths(order.tax_amount), unit)
    lacking = told - sum(entry.tax + entry.cut for entry in entries)
    return Due(grand_total, in_all - grand_total, residual, _within(lacking, 0, residual))


def take_off_cancelled(order: StoreOrder, entries: Sequence[Entry], full: Due, unit: int) -> Due:
    """Take what was cancelled off the entries and give what is due for the rest.

    Where proportions miss the store's own figures by cents, the cancelled rows take the difference.
    """
    if not order.total_canceled and not any(entry.is_cancelled_in_part for entry in entries):
        return full
    _scale(entries)
    grand_total = max(in_units(ten_thousandths(order.grand_total - order.total_canceled), unit), 0)
    left = max(sum(entry.gross for entry in entries) + full.residual, 0)
    by_cards = min(full.by_cards, left) if grand_total == 0 else full.by_cards
    _meet_gross(entries, grand_total + by_cards - left, unit)
    residual = grand_total + by_cards - sum(entry.gross for entry in entries)
    told = in_units(ten_thousandths(order.tax_amount - order.tax_canceled), unit)
    lacking = told - sum(entry.tax + entry.cut for entry in entries) - full.residual_tax
    taken = _meet_tax(entries, lacking, unit)
    residual_tax = _within(full.residual_tax + lacking - taken, 0, residual)
    return Due(grand_total, by_cards, residual, residual_tax)


def _scale(entries: Sequence[Entry]) -> None:
    for entry in entries:
        if entry.is_cancelled_in_part:
            entry.gross = proportion(entry.gross, entry.left, entry.ordered)
            entry.tax = proportion(entry.tax, entry.left, entry.ordered)
            entry.cut = proportion(entry.cut, entry.left, entry.ordered)


def _meet_gross(entries: Sequence[Entry], difference: int, unit: int) -> None:
    """Let the cancelled rows take the cents, largest first: two units each, more only within their sum."""
    takers, each, allowed = _takers(entries, unit)
    left = min(difference, allowed) if difference > 0 else max(difference, -allowed)
    for most in (each, allowed):
        for entry in takers:
            change = _within(left, -min(most, entry.gross), most)
            entry.gross += change
            left -= change
    for entry in entries:
        entry.tax = min(entry.tax, entry.gross)


def _meet_tax(entries: Sequence[Entry], difference: int, unit: int) -> int:
    """The same for tax, never below 0 nor above the gross; gives what was taken."""
    takers, each, allowed = _takers(entries, unit)
    left = wanted = min(difference, allowed) if difference > 0 else max(difference, -allowed)
    for most in (each, allowed):
        for entry in takers:
            change = _within(left, -min(most, entry.tax), min(most, entry.gross - entry.tax))
            entry.tax += change
            left -= change
    return wanted - left


def _takers(entries: Sequence[Entry], unit: int) -> tuple[list[Entry], int, int]:
    """Who takes the cents, largest first, how many units each, and how many in all."""
    cancelled = [entry for entry in entries if entry.is_cancelled_in_part]
    each = 2 if unit >= CENT else 2 * CENT // unit
    left = [entry for entry in entries if entry.left and entry.item is not None]
    takers = [entry for entry in left if entry.is_cancelled_in_part] or left
    return sorted(takers, key=lambda entry: entry.gross, reverse=True), each, each * len(cancelled)


def _within(amount: int, least: int, most: int) -> int:
    return max(least, min(amount, most)) if most >= least else least
