"""An order as unit lines: the story of F17 from beginning to end.

Arrange the rows, choose a reading, round to the smallest unit, take off what was cancelled, tell the
discounts, a residual, gift cards and the like; then divide what is left among lines of one piece each.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from decimal import Decimal
from typing import Literal

from webapp.domain.before_discount import tell_discounts
from webapp.domain.cancelled import due_in_full, take_off_cancelled
from webapp.domain.entries import Entry, build_entries
from webapp.domain.line_order import Catalog, check_length, write_order
from webapp.domain.line_writer import LineWriter, UnitAmounts
from webapp.domain.lines import Breakdown
from webapp.domain.order import StoreOrder
from webapp.domain.readings import choose_reading
from webapp.domain.reductions import Reduction, take_off, used_at_checkout
from webapp.domain.residual import residual_in_words, with_residual
from webapp.domain.rows import arrange, money_rows
from webapp.domain.sums import sums_of

Residual = Literal["service_line", "hold"]


def break_down(
    order: StoreOrder,
    *,
    residual: Residual = "service_line",
    bundle_rules: Mapping[str, str] | None = None,
    backorder_skus: Set[str] = frozenset(),
    child_prices: Mapping[str, Decimal] | None = None,
    show_sums: bool = False,
) -> Breakdown:
    """Break an order down into unit lines whose gross adds up to its grand total, to the smallest unit.

    `bundle_rules` by a bundle row's `product_id`, `child_prices` by SKU: see `Catalog`. `residual` = `hold`
    fills `hold`, `show_sums` fills `sums`. Raises `Refused` naming what makes no sense.
    """
    items = arrange(order.rows)
    check_length(items)
    sold = list(money_rows(items))
    choice = choose_reading(order, sold, every=show_sums)
    unit = choice.chosen.unit
    entries = build_entries(order, sold, choice)
    due = take_off_cancelled(order, entries, due_in_full(order, entries, choice.total, unit), unit)
    tell_discounts(order, entries, choice)
    left = with_residual([entry for entry in entries if entry.left], due, unit, sold)
    reductions, card_warnings = used_at_checkout(order, due, unit)
    take_off(left, reductions)
    writer = LineWriter(unit)
    write_order(writer, items, left, Catalog(bundle_rules or {}, backorder_skus, child_prices or {}))
    lacking, held = writer.amounts[due.residual], residual == "hold"
    words = [residual_in_words(lacking, order.currency, held=held)] if lacking else []
    return Breakdown(
        lines=tuple(writer.lines),
        total=writer.amounts[due.grand_total],
        unit=writer.amounts.unit,
        reading=choice.name,
        residual=lacking,
        warnings=(*_taxes_cut(entries, writer.amounts), *words, *card_warnings),
        hold=words[0] if words and held else None,
        order_attributes=_card_attributes(reductions, writer.amounts),
        sums=sums_of(choice, left, writer.lines, due.by_cards) if show_sums else None,
    )


def _taxes_cut(entries: Iterable[Entry], amounts: UnitAmounts) -> Iterable[str]:
    for entry in entries:
        if entry.cut:
            yield (
                f"{entry.path}: its tax is {amounts[entry.cut]:f} above what was paid for it; "
                "the lines carry no more tax than was paid."
            )
        if entry.given.tax < 0:
            yield f"{entry.path}: its tax is below 0; the lines carry none."


def _card_attributes(reductions: Sequence[Reduction], amounts: UnitAmounts) -> tuple[tuple[str, str], ...]:
    attributes: list[tuple[str, str]] = []
    cards = [reduction for reduction in reductions if reduction.is_card]
    for number, card in enumerate(cards, start=1):
        if card.code:
            attributes.append((f"giftcard_{number}_code", card.code))
        attributes.append((f"giftcard_{number}_amount", f"{amounts[card.amount]:f}"))
        if card.account_id:
            attributes.append((f"giftcard_{number}_id", card.account_id))
    return tuple(attributes)
