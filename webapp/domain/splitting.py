"""An entry's money divided among its unit lines, nothing lost (F17.7, F17.8).

Every figure is divided the same way, remainder to the first lines; so lines next to each other differ
only where some figure's remainder ends, and one `Share` serves all lines between two such places.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from webapp.domain.entries import Entry
from webapp.domain.money import apportion, nth_share, plain, ten_thousandths


class Cut(NamedTuple):
    """One promotion's part of a line: code, name, amount in smallest units."""

    code: str
    name: str
    amount: int


class TaxPart(NamedTuple):
    """One tax's part of a line: code, percent, amount in smallest units."""

    code: str
    percent: Decimal
    amount: int


class Share(NamedTuple):
    """What one line gets, in smallest units: `original` less all `cuts` is `gross`; `taxes` make `tax`."""

    gross: int
    tax: int
    original: int
    cuts: tuple[Cut, ...]
    taxes: tuple[TaxPart, ...]


def split(entry: Entry, count: int) -> Iterator[tuple[Share, int]]:
    """The entry's shares for `count` lines, first to last, each with how many lines in a row have it."""
    taxes = _tax_sums(entry)
    if count == 1:
        yield _share(entry, taxes, 1, 0), 1
        return
    figures = [
        entry.before,
        entry.tax,
        *(step.left for step in entry.steps),
        *(after for _, _, after in taxes),
    ]
    ends = sorted({figure % count for figure in figures} - {0})
    for start, end in zip([0, *ends], [*ends, count], strict=True):
        yield _share(entry, taxes, count, start), end - start


def _share(entry: Entry, taxes: Sequence[tuple[str, Decimal, int]], count: int, place: int) -> Share:
    original = left = nth_share(entry.before, count, place)
    cuts = []
    for step in entry.steps:
        after = nth_share(step.left, count, place)
        if after != left:
            cuts.append(Cut(step.code, step.name, left - after))
        left = after
    parts = []
    told = 0
    for code, percent, after in taxes:
        so_far = nth_share(after, count, place)
        parts.append(TaxPart(code, percent, so_far - told))
        told = so_far
    return Share(left, told, original, tuple(cuts), tuple(parts))


def _tax_sums(entry: Entry) -> list[tuple[str, Decimal, int]]:
    """The entry's taxes, each with the running sum up to it; the last sum is the entry's whole tax."""
    if not entry.taxes:
        if not entry.tax and not entry.rate:
            return []
        return [("TAX", entry.rate, entry.tax)]
    parts = apportion(entry.tax, [max(ten_thousandths(tax.amount), 0) for tax in entry.taxes])
    sums = []
    so_far = 0
    for tax, part in zip(entry.taxes, parts, strict=True):
        so_far += part
        sums.append((tax.code or "TAX", plain(tax.percent), so_far))
    return sums


def divide_share(share: Share, weights: Sequence[int]) -> list[Share]:
    """One bundle's share divided among its pieces in proportion to their weights (F27)."""
    grosses = apportion(share.gross, weights)
    taxes = _within_room(apportion(share.tax, weights), grosses)
    cuts = [(cut, apportion(cut.amount, weights)) for cut in share.cuts]
    parts = _tax_parts(share.taxes, taxes)
    pieces = []
    for place, gross in enumerate(grosses):
        mine = tuple(Cut(cut.code, cut.name, dealt[place]) for cut, dealt in cuts if dealt[place])
        original = gross + sum(cut.amount for cut in mine)
        pieces.append(Share(gross, taxes[place], original, mine, parts[place]))
    return pieces


def _within_room(amounts: Sequence[int], room: Sequence[int]) -> list[int]:
    """Amounts capped at the room there is, the rest to the next piece with room, then from the first."""
    held = list(amounts)
    spare = 0
    # Twice round: what is over at the last pieces finds room at the first.
    for place in (*range(len(held)), *range(len(held))):
        held[place] += spare
        spare = max(held[place] - room[place], 0)
        held[place] -= spare
    return held


def _tax_parts(taxes: Sequence[TaxPart], dealt: Sequence[int]) -> list[tuple[TaxPart, ...]]:
    """Several taxes dealt to pieces: each piece's parts make its tax, each tax's parts its amount."""
    left = [tax.amount for tax in taxes]
    rows = []
    for amount in dealt:
        parts = apportion(amount, left) if taxes else []
        left = [before - part for before, part in zip(left, parts, strict=True)]
        rows.append(
            tuple(TaxPart(tax.code, tax.percent, part) for tax, part in zip(taxes, parts, strict=True))
        )
    return rows
