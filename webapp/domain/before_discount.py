"""What each entry would have cost without its discounts, and which promotions took them (F17.8)."""

from collections.abc import Sequence

from webapp.domain.entries import Entry
from webapp.domain.money import TEN_THOUSAND, apportion, in_units, proportion, ten_thousandths
from webapp.domain.order import StoreOrder
from webapp.domain.readings import BEFORE_DISCOUNT_TOLD, Choice, at_price

_WHOLE: int = 100 * TEN_THOUSAND


def tell_discounts(order: StoreOrder, entries: Sequence[Entry], choice: Choice) -> None:
    """Set `before` of each entry, and the steps that lead from there to what was paid."""
    for entry in entries:
        entry.before = _gross_before_discount(entry, choice.name, choice.chosen.unit)
        _tell_promotions(entry, order)


def _gross_before_discount(entry: Entry, reading: str, unit: int) -> int:
    given = entry.given
    if given.discount == 0:
        return entry.gross
    least = entry.gross + proportion(in_units(given.discount, unit), entry.left, entry.ordered)
    with_discount = given.gross + given.discount
    if given.compensation > 0 or abs(_on_the_shelf(entry) + given.weee - with_discount) < unit:
        return least
    if entry.product_type == "SHIPPING":
        return max(least, _part(given.incl_tax, entry, unit))
    told = given.incl_tax + given.weee
    if reading in BEFORE_DISCOUNT_TOLD and told > given.gross and given.incl_tax != given.gross:
        return max(least, _part(told, entry, unit))
    taxed = given.net * (_WHOLE + ten_thousandths(entry.rate)) + given.weee * _WHOLE
    return max(least, _part(taxed, entry, unit * _WHOLE))


def _on_the_shelf(entry: Entry) -> int:
    """What the entry costs by its price with tax, in ten-thousandths."""
    if entry.item is None:
        return entry.given.incl_tax
    return at_price(entry.item.row, entry.item.row.price_incl_tax)


def _part(amount: int, entry: Entry, unit: int) -> int:
    """An amount for all that was ordered, for what is left of it, in units, rounded once."""
    return proportion(amount, entry.left, entry.ordered * unit)


def _tell_promotions(entry: Entry, order: StoreOrder) -> None:
    taken, told = entry.before - entry.gross, entry.discounts
    if taken == 0:
        return
    entry.gross = entry.before
    weights = [ten_thousandths(one.amount) for one in told]
    if not any(weights):
        code = order.coupon_code or entry.rule_ids
        entry.take(code, order.discount_description or "Discount", taken)
        return
    for one, amount in zip(told, apportion(taken, weights), strict=True):
        entry.take(one.code, one.name, amount)
