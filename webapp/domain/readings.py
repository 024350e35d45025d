"""Which meaning of Magento's `row_total` an order follows, told by the order's own totals (F17.1).

`row_total` is before the discount in some versions of Magento (A), after it in others (A'); later ones
say what was paid in `row_total_incl_tax` (B, C), with or without fixed product taxes in it; where neither
adds up, the prices per piece decide. One reading holds for the whole order. All sums in ten-thousandths.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from webapp.domain.money import CENT, TEN_THOUSAND, currency_unit, in_units, ten_thousandths
from webapp.domain.order import Row, StoreOrder
from webapp.domain.refusals import Refused
from webapp.domain.rows import Item


class RowMoney(NamedTuple):
    """A row's amounts in ten-thousandths; `beyond_net` is what gross has beyond the net before discount."""

    row: Row
    row_total: int
    row_total_incl_tax: int
    tax: int
    compensation: int
    weee: int
    discount: int
    beyond_net: int


def at_price(row: Row, price: Decimal) -> int:
    """A price × the row's quantity, in ten-thousandths."""
    return in_units(ten_thousandths(price) * ten_thousandths(row.qty_ordered), TEN_THOUSAND)


@dataclass(frozen=True, slots=True)
class Reading:
    """A meaning of the row's totals: `gross` says what was paid, `told` which total it takes on trust."""

    name: str
    gross: Callable[[RowMoney], int]
    told: Callable[[RowMoney], int] = lambda _: 0


READINGS: tuple[Reading, ...] = (
    Reading("A", lambda row: row.row_total + row.beyond_net, lambda row: row.row_total),
    Reading("A'", lambda row: row.row_total + row.discount + row.beyond_net, lambda row: row.row_total),
    Reading("B", lambda row: row.row_total_incl_tax, lambda row: row.row_total_incl_tax),
    Reading("B+weee", lambda row: row.row_total_incl_tax + row.weee, lambda row: row.row_total_incl_tax),
    Reading("price", lambda row: at_price(row.row, row.row.price) + row.beyond_net),
    Reading(
        "price_incl_tax",
        lambda row: at_price(row.row, row.row.price_incl_tax) + row.weee - row.discount,
    ),
)
BEFORE_DISCOUNT_TOLD = ("A", "A'")


@dataclass(frozen=True, slots=True)
class Tried:
    """One reading tried on an order; `counts` is false where it would make a row negative."""

    name: str
    grosses: tuple[int, ...]
    net: int
    residual: int
    unit: int
    counts: bool
    fits: bool
    meets_subtotal: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """The reading an order follows, and all that were tried.

    `rows` are the rows' amounts and `chosen.grosses` what was paid for each, in the order of the items
    given; `total` is what was to be paid in all, gift cards, store credit and points included.
    """

    chosen: Tried
    tried: tuple[Tried, ...]
    rows: tuple[RowMoney, ...]
    total: int

    @property
    def name(self) -> str:
        """The reading's name; B and C differ in `row_total`, which neither uses: in C it is a piece's."""
        if self.chosen.name != "B":
            return self.chosen.name
        for money in self.rows:
            a_piece_s = ten_thousandths(money.row.price) - money.discount
            if money.discount and money.row_total == a_piece_s:
                return "C"
        return "B"


def choose_reading(order: StoreOrder, items: Sequence[Item], *, every: bool = False) -> Choice:
    """Try readings on the rows that carry money and choose one (magento.md's order of preference).

    With `every`, those too that come after the one chosen, for the record. Raises `Refused` where every
    reading leaves a row with less than nothing.
    """
    rows = tuple(_row_money(item.row) for item in items)
    total = sum(map(ten_thousandths, _paid(order)))
    beside = sum(map(ten_thousandths, _beside_rows(order)))
    tried = _try_readings(order, rows, total - beside, every=every)
    counting = [one for one in tried if one.counts]
    if not counting:
        _refuse_negative(tried, items)
    return Choice(_best(counting), tried, rows, total)


def _best(counting: Sequence[Tried]) -> Tried:
    meeting = [one for one in counting if one.meets_subtotal]
    for one in meeting or counting:
        if one.fits:
            return one
    return meeting[0] if meeting else min(counting, key=lambda one: abs(one.residual))


def _refuse_negative(tried: Sequence[Tried], items: Sequence[Item]) -> None:
    nearest = min(tried, key=lambda one: abs(one.residual))
    place = min(range(len(items)), key=nearest.grosses.__getitem__)
    left = Decimal(nearest.grosses[place]) / TEN_THOUSAND
    raise Refused(f"{items[place].path}.row_total", "amounts that leave at least 0 to pay for the row", left)


def _try_readings(
    order: StoreOrder, rows: Sequence[RowMoney], to_meet: int, *, every: bool
) -> tuple[Tried, ...]:
    tried = []
    for reading in READINGS:
        one = _try_reading(reading, order, rows, to_meet)
        tried.append(one)
        # Nothing that comes after a reading that agrees with both sums is preferred to it.
        if one.counts and one.fits and one.meets_subtotal and not every:
            break
    return tuple(tried)


def _try_reading(reading: Reading, order: StoreOrder, rows: Sequence[RowMoney], to_meet: int) -> Tried:
    unit = _unit(order, rows, reading)
    grosses = tuple(map(reading.gross, rows))
    gross = sum(grosses)
    net = gross - sum(row.beyond_net for row in rows)
    lacking = ten_thousandths(order.subtotal) - net
    residual = to_meet - gross
    return Tried(
        reading.name,
        grosses,
        net,
        residual,
        unit,
        # What rounds to nothing is not below it.
        counts=min(grosses, default=0) >= 0 or all(in_units(gross, unit) >= 0 for gross in grosses),
        fits=abs(residual) < unit,
        # A store that leaves the subtotal out says nothing by it.
        meets_subtotal=bool(order.subtotal)
        and (abs(lacking) < unit or abs(lacking - sum(row.weee for row in rows)) < unit),
    )


def _unit(order: StoreOrder, rows: Sequence[RowMoney], reading: Reading) -> int:
    """The smallest unit in ten-thousandths: the currency's if all amounts that count are multiples of it."""
    unit = ten_thousandths(currency_unit(order.currency))
    if unit <= 1:
        return unit
    for row in rows:
        if (
            reading.told(row) % unit
            or row.tax % unit
            or row.discount % unit
            or row.compensation % unit
            or row.weee % unit
        ):
            return min(unit, CENT)
    amounts = (
        *_paid(order),
        *_beside_rows(order),
        order.tax_amount,
        order.total_canceled,
        order.tax_canceled,
    )
    return min(unit, CENT) if any(ten_thousandths(amount) % unit for amount in amounts) else unit


def _row_money(row: Row) -> RowMoney:
    tax, compensation = ten_thousandths(row.tax_amount), ten_thousandths(row.compensation)
    weee, discount = ten_thousandths(row.weee), ten_thousandths(row.discount_amount)
    return RowMoney(
        row=row,
        row_total=ten_thousandths(row.row_total),
        row_total_incl_tax=ten_thousandths(row.row_total_incl_tax),
        tax=tax,
        compensation=compensation,
        weee=weee,
        discount=discount,
        beyond_net=tax + compensation + weee - discount,
    )


def _paid(order: StoreOrder) -> Iterable[Decimal]:
    return order.grand_total, order.gift_cards_amount, order.store_credit, order.points


def _beside_rows(order: StoreOrder) -> Iterable[Decimal]:
    for service in order.services:
        yield from (service.net, service.tax)
    if order.shipping is not None:
        shipping = order.shipping
        yield from (shipping.amount, shipping.tax_amount, shipping.compensation, -shipping.discount_amount)
