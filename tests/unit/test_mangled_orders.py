"""Whatever is done to an order on its way, it is read or refused by name, never anything else."""

from decimal import Decimal
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fixtures.magento_orders import make_order
from webapp.domain.unit_lines import break_down
from webapp.store.magento_order import read_order
from webapp.store.refusal import Refused

GARBAGE: tuple[object, ...] = (
    None,
    "",
    "x",
    -1,
    0,
    "0",
    "NaN",
    Decimal("NaN"),
    Decimal("sNaN"),
    Decimal("1E+400"),
    Decimal("0.00001"),
    Decimal("-0.0"),
    10**12,
    10**30,
    "9999999999999.9999",
    "1_000",
    "\x00",
    "\ud800",
    "ü" * 300,
    "2024-05-01",
    True,
    [],
    {},
    [[]],
    [{}],
    {"a": {}},
)


def mangled(value: object, dice: Random) -> object:
    """The document with something in it replaced, left out or repeated."""
    if dice.random() < 0.01:
        return dice.choice(GARBAGE)
    if isinstance(value, dict):
        return {key: mangled(inner, dice) for key, inner in value.items() if dice.random() > 0.005}
    if isinstance(value, list):
        items = [mangled(inner, dice) for inner in value]
        return items + items[:1] if dice.random() < 0.03 else items
    return value


@settings(max_examples=800, deadline=None)
@given(st.integers(0, 10**9))
def test_a_mangled_order_is_refused_by_name_or_adds_up_all_the_same(seed: int) -> None:
    dice = Random(seed)  # noqa: S311 - dice, not secrets
    document = mangled(make_order(dice).document, dice)
    try:
        order = read_order(document)
        done = break_down(order)
    except Refused:
        return
    assert sum(line.gross for line in done.lines) == done.total
    for line in done.lines:
        assert min(line.net, line.tax, line.gross, line.original_price) >= 0
        assert line.net + line.tax == line.gross
        assert line.original_price - sum(one.discount for one in line.promotions) == line.gross
