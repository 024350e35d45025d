"""How the lines were arrived at, for whoever wants to check the sums (F17, F27, F29)."""

from collections.abc import Sequence

from webapp.domain.entries import Entry
from webapp.domain.line_writer import UnitAmounts
from webapp.domain.lines import EntrySum, ReadingSum, Reduced, Sums, UnitLine
from webapp.domain.money import from_ten_thousandths
from webapp.domain.readings import Choice


def sums_of(choice: Choice, entries: Sequence[Entry], lines: Sequence[UnitLine], by_cards: int) -> Sums:
    """The record of one breakdown; `by_cards` in smallest units."""
    amounts = UnitAmounts(choice.chosen.unit)
    numbers: dict[str, list[int]] = {}
    for line in lines:
        numbers.setdefault(line.id, []).append(line.line_number)
        # A bundle of fixed price shares its money with its children.
        if line.parent_line_id is not None:
            numbers[line.parent_line_id].append(line.line_number)
    return Sums(
        readings=tuple(_reading_sum(choice, place) for place in range(len(choice.tried))),
        entries=tuple(_entry_sum(entry, amounts, tuple(numbers.get(entry.id, ()))) for entry in entries),
        paid_by_cards=amounts[by_cards],
    )


def _reading_sum(choice: Choice, place: int) -> ReadingSum:
    one = choice.tried[place]
    return ReadingSum(
        name=choice.name if one is choice.chosen else one.name,
        net=from_ten_thousandths(one.net),
        gross=from_ten_thousandths(sum(one.grosses)),
        residual=from_ten_thousandths(one.residual),
        counts=one.counts,
        fits=one.fits,
        meets_subtotal=one.meets_subtotal,
    )


def _entry_sum(entry: Entry, amounts: UnitAmounts, lines: tuple[int, ...]) -> EntrySum:
    left = entry.before
    reductions = []
    for step in entry.steps:
        reductions.append(Reduced(step.code, step.name, amounts[left - step.left]))
        left = step.left
    return EntrySum(
        id=entry.id,
        sku=entry.sku,
        path=entry.path,
        ordered=from_ten_thousandths(entry.ordered),
        left=from_ten_thousandths(entry.left),
        net_before_discount=from_ten_thousandths(entry.given.net),
        gross=amounts[entry.rounded_gross],
        tax=amounts[entry.rounded_tax],
        tax_cut=amounts[entry.cut],
        before_discount=amounts[entry.before],
        reductions=tuple(reductions),
        gross_left=amounts[entry.gross],
        tax_left=amounts[entry.tax],
        lines=lines,
    )
