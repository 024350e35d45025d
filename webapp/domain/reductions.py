"""Gift cards, store credit and points used at checkout: promotions over the whole order (F29).

The OMS knows promotions on lines only and one payment; so what was paid by these comes off the lines,
until they add up to what is paid otherwise.
"""

from collections.abc import Sequence
from typing import NamedTuple

from webapp.domain.cancelled import Due
from webapp.domain.entries import Entry
from webapp.domain.money import from_ten_thousandths, in_units, proportion, round_to_sum, ten_thousandths
from webapp.domain.order import StoreOrder
from webapp.domain.residual import divide_reduction


class Reduction(NamedTuple):
    """One of them: `amount` in ten-thousandths, then in smallest units; `account_id` is a card's, "" else."""

    code: str
    name: str
    amount: int
    account_id: str = ""
    is_card: bool = False


def used_at_checkout(order: StoreOrder, due: Due, unit: int) -> tuple[list[Reduction], list[str]]:
    """Cards as listed, store credit, points, in smallest units, together `due.by_cards`; with warnings.

    `gift_cards_amount` is the truth: cards that add up to more are cut from the last; what they lack is
    one more card, without a code. Where the order is paid by them alone and less of it is left, they are
    cut from the last: points, credit, cards.
    """
    used, warnings = _cards(order)
    if order.store_credit:
        used.append(Reduction("STORE_CREDIT", "Store credit", ten_thousandths(order.store_credit)))
    if order.points:
        used.append(Reduction("REWARD_POINTS", "Reward points", ten_thousandths(order.points)))
    exact = [one.amount for one in used]
    rounded = round_to_sum(exact, max(in_units(sum(exact), unit), due.by_cards), unit)
    _cut_from_last(rounded, due.by_cards)
    in_smallest = (one._replace(amount=amount) for one, amount in zip(used, rounded, strict=True))
    return [one for one in in_smallest if one.amount], warnings


def take_off(entries: Sequence[Entry], reductions: Sequence[Reduction]) -> None:
    """Divide one after the other over the entries; then, once, bring their taxes to what is left."""
    if not reductions:
        return
    grosses = [entry.gross for entry in entries]
    for reduction in reductions:
        divide_reduction(entries, reduction.code, reduction.name, reduction.amount)
    for entry, before in zip(entries, grosses, strict=True):
        if before:
            entry.tax = proportion(entry.tax, entry.gross, before)


def _cards(order: StoreOrder) -> tuple[list[Reduction], list[str]]:
    """The cards listed, in ten-thousandths, brought to what was used of them."""
    amounts = [ten_thousandths(card.amount) for card in order.gift_cards]
    truth, listed = ten_thousandths(order.gift_cards_amount), sum(amounts)
    sums = (
        f"The gift cards listed add up to {from_ten_thousandths(listed)}, and gift_cards_amount is "
        f"{from_ten_thousandths(truth)}"
    )
    warnings = []
    if listed > truth:
        _cut_from_last(amounts, truth)
        warnings.append(f"{sums}; the last were cut.")
    cards = [
        Reduction(card.code, "Gift card", amount, card.account_id, is_card=True)
        for card, amount in zip(order.gift_cards, amounts, strict=True)
    ]
    if listed < truth:
        cards.append(Reduction("", "Gift card", truth - listed, is_card=True))
        warnings.append(f"{sums}; the rest goes out as a card without a code.")
    return cards, warnings


def _cut_from_last(amounts: list[int], most: int) -> None:
    above = sum(amounts) - most
    for place in range(len(amounts) - 1, -1, -1):
        if above <= 0:
            return
        cut = min(above, amounts[place])
        amounts[place] -= cut
        above -= cut
