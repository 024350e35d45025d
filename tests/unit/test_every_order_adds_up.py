"""Whatever a shop sells by Magento's rules, its unit lines add up (F17; generated orders)."""

from collections import defaultdict
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fixtures.magento_orders import VERSIONS, Known, Wanted, make_order, order_of
from tests.fixtures.magento_shop import Version
from webapp.domain.lines import Breakdown, UnitLine
from webapp.domain.unit_lines import break_down
from webapp.store.magento_order import read_order

ZERO = Decimal(0)
SEEDS = range(400)
PLAIN = Wanted(cards=False, surcharge=False)


def by_item(done: Breakdown) -> dict[str, list[UnitLine]]:
    items: dict[str, list[UnitLine]] = defaultdict(list)
    for line in done.lines:
        items[line.id].append(line)
    return items


def assert_lines_are_sound(done: Breakdown, due: Decimal) -> None:
    """What holds of every line of every order."""
    assert [line.line_number for line in done.lines] == list(range(1, len(done.lines) + 1))
    assert sum(line.gross for line in done.lines) == done.total == due
    for line in done.lines:
        assert line.net + line.tax == line.gross
        assert line.original_price - sum(one.discount for one in line.promotions) == line.gross
        assert sum(tax.amount for tax in line.taxes) == line.tax
        figures = (line.net, line.tax, line.gross, line.original_price)
        assert min(*figures, *(one.discount for one in line.promotions)) >= 0
        assert all(figure % done.unit == 0 for figure in figures)
        assert all(0 <= one.percentage <= 100 for one in line.promotions)
        assert all(one.discount > 0 for one in line.promotions)


def assert_pieces_are_alike(done: Breakdown, known: Known) -> None:
    """A line for each piece; those of one item differ by one smallest unit at most."""
    items = by_item(done)
    assert {key: len(items[key]) for key in known.pieces} == known.pieces
    parents = {line.line_number: line for line in done.lines if line.product_type == "BUNDLE"}
    for lines in items.values():
        parent = parents.get(lines[0].parent_line_number or 0) if lines else None
        if parent is not None and parent.id in known.fixed_bundles:
            continue
        for name in ("net", "tax", "gross", "original_price"):
            figures = [getattr(line, name) for line in lines]
            assert max(figures, default=ZERO) - min(figures, default=ZERO) <= done.unit


def assert_taxes_are_the_order_s(done: Breakdown, known: Known) -> None:
    """Where nothing but the rows, services and shipping makes up the order, the tax is the store's own."""
    told = known.document["tax_amount"] - known.document.get("tax_canceled", ZERO)
    untold = any("tax is" in warning for warning in done.warnings)
    if not (known.by_cards or known.hidden or done.residual or untold):
        assert sum(line.tax for line in done.lines) == told


def check(known: Known) -> Breakdown:
    done = break_down(read_order(known.document))
    document = known.document
    assert_taxes_are_the_order_s(done, known)
    assert done.unit in (known.shop.unit, Decimal(1 if known.shop.currency == "JPY" else known.shop.unit))
    assert_lines_are_sound(done, document["grand_total"] - document.get("total_canceled", ZERO))
    assert_pieces_are_alike(done, known)
    return done


def check_rows(known: Known, done: Breakdown) -> None:
    """Nothing hidden, nothing cancelled, no cards: each row gets exactly what it was sold for."""
    items = by_item(done)
    assert done.residual == 0
    assert sum(line.gross for line in items["SHIPPING"]) == known.shipping_gross
    for key, gross in known.gross.items():
        lines = items[key]
        if key in known.fixed_bundles:
            numbers = {line.line_number for line in lines}
            lines = [line for line in done.lines if line.parent_line_number in numbers]
        assert sum(line.gross for line in lines) == gross, done.reading
        assert sum(line.tax for line in lines) == min(known.tax[key], gross)


@given(st.randoms(use_true_random=False), st.booleans(), st.booleans(), st.booleans())
@settings(max_examples=150, deadline=None)
def test_the_lines_of_any_order_add_up_to_what_is_paid(
    dice: Random, cards: bool, surcharge: bool, cancelled: bool
) -> None:
    check(make_order(dice, None, Wanted(cards, surcharge, cancelled)))


@pytest.mark.parametrize("version", VERSIONS)
def test_thousands_of_orders_add_up_in_every_reading(version: Version) -> None:
    for seed in SEEDS:
        known = order_of(seed, version, Wanted(cards=seed % 2 == 0, surcharge=seed % 3 == 0))
        try:
            check(known)
        except Exception as error:
            raise AssertionError(f"seed {seed}, version {version}") from error


@pytest.mark.parametrize("version", VERSIONS)
def test_orders_cancelled_in_part_add_up_in_every_reading(version: Version) -> None:
    for seed in SEEDS:
        known = order_of(seed, version, Wanted(seed % 2 == 0, seed % 3 == 0, cancelled=True))
        try:
            check(known)
        except Exception as error:
            raise AssertionError(f"seed {seed}, version {version}") from error


@pytest.mark.parametrize("version", VERSIONS)
def test_each_row_gets_exactly_what_it_was_sold_for(version: Version) -> None:
    for seed in SEEDS:
        known = order_of(seed, version, PLAIN)
        try:
            check_rows(known, check(known))
        except Exception as error:
            raise AssertionError(f"seed {seed}, version {version}") from error
