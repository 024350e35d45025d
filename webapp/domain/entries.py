"""What an order has money for, in smallest units: its rows, services and shipping (F17.2, F17.3)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, NamedTuple

from webapp.domain.lines import ProductType
from webapp.domain.money import (
    TEN_THOUSAND,
    from_ten_thousandths,
    in_units,
    plain,
    proportion,
    round_to_sum,
    ten_thousandths,
)
from webapp.domain.order import RowDiscount, RowTax, Service, Shipping, StoreOrder
from webapp.domain.readings import Choice, RowMoney
from webapp.domain.rows import Item
from webapp.domain.shipping_sku import shipping_sku

ONE_PIECE: Final = TEN_THOUSAND


class Given(NamedTuple):
    """What the store said, in ten-thousandths: the part of it that lines are told from.

    `net` is before the discount; `incl_tax` the total with tax that the store gives (row or shipping);
    `gross` what was paid.
    """

    net: int
    tax: int
    compensation: int
    weee: int
    discount: int
    gross: int
    incl_tax: int


class Step(NamedTuple):
    """A reduction: who took it, and what was left of the gross after it."""

    code: str
    name: str
    left: int


@dataclass(slots=True)
class Entry:
    """One thing with a price of its own, in smallest units, as the arithmetic goes through its steps.

    `ordered` and `left` are quantities in ten-thousandths; `cut` is the tax above what was paid, not told.
    `before` is the gross before any discount, `steps` lead from there to `gross`.
    """

    id: str
    sku: str
    name: str
    path: str
    product_type: ProductType
    given: Given
    rate: Decimal
    taxes: tuple[RowTax, ...] = ()
    discounts: tuple[RowDiscount, ...] = ()
    rule_ids: str = ""
    item: Item | None = None
    ordered: int = ONE_PIECE
    left: int = ONE_PIECE
    gross: int = 0
    tax: int = 0
    cut: int = 0
    before: int = 0
    rounded_gross: int = 0
    rounded_tax: int = 0
    steps: list[Step] = field(default_factory=list)

    @property
    def is_cancelled_in_part(self) -> bool:
        return self.left < self.ordered

    def take(self, code: str, name: str, amount: int) -> None:
        """Reduce the gross by a promotion."""
        self.gross -= amount
        self.steps.append(Step(code, name, self.gross))


def build_entries(order: StoreOrder, items: Sequence[Item], choice: Choice) -> list[Entry]:
    """Every entry with its gross and tax in whole smallest units, in the order of the lines.

    Rounded amounts add up to the rounded total; tax is at least 0 and at most the gross, `cut` says by
    how much it was above.
    """
    entries = [
        _row_entry(item, money, gross)
        for item, money, gross in zip(items, choice.rows, choice.chosen.grosses, strict=True)
    ]
    entries += [_service_entry(service) for service in order.services]
    if order.shipping is not None:
        entries.append(_shipping_entry(order.shipping, order.applied_rule_ids))
    unit = choice.chosen.unit
    _round_grosses(entries, choice.total, unit)
    _round_taxes(entries, ten_thousandths(order.tax_amount), unit)
    for entry in entries:
        entry.rounded_gross, entry.rounded_tax = entry.gross, entry.tax
        entry.rate = plain(entry.rate or _rate_of(entry, items))
    return entries


def _row_entry(item: Item, money: RowMoney, gross: int) -> Entry:
    row, goods = item.row, item.goods
    ordered = ten_thousandths(row.qty_ordered)
    return Entry(
        id=row.item_id,
        sku=goods.sku,
        name=goods.name,
        path=item.path,
        product_type="VIRTUAL" if item.is_virtual else "PHYSICAL",
        given=Given(
            net=gross - money.beyond_net,
            tax=money.tax,
            compensation=money.compensation,
            weee=money.weee,
            discount=money.discount,
            gross=gross,
            incl_tax=money.row_total_incl_tax,
        ),
        rate=row.tax_percent,
        taxes=row.taxes,
        discounts=row.discounts,
        rule_ids=row.applied_rule_ids,
        item=item,
        ordered=ordered,
        left=ordered - ten_thousandths(row.qty_canceled),
    )


def _service_entry(service: Service) -> Entry:
    net, tax = ten_thousandths(service.net), ten_thousandths(service.tax)
    return Entry(
        id=service.id,
        sku=service.id,
        name=service.name,
        path=service.id,
        product_type="SERVICE",
        given=Given(net, tax, 0, 0, 0, net + tax, net + tax),
        rate=Decimal(0),
    )


def surcharge_entry(gross: int, tax: int, unit: int, items: Sequence[Item]) -> Entry:
    """The residual as a service of its own (F17.4); `gross` and `tax` in smallest units."""
    entry = _service_entry(
        Service(
            "SURCHARGE",
            "Surcharge",
            from_ten_thousandths((gross - tax) * unit),
            from_ten_thousandths(tax * unit),
        )
    )
    entry.gross = entry.rounded_gross = gross
    entry.tax = entry.rounded_tax = tax
    entry.rate = plain(_rate_of(entry, items))
    return entry


def _shipping_entry(shipping: Shipping, rule_ids: str) -> Entry:
    net, tax = ten_thousandths(shipping.amount), ten_thousandths(shipping.tax_amount)
    compensation = ten_thousandths(shipping.compensation)
    discount = ten_thousandths(shipping.discount_amount)
    incl_tax = ten_thousandths(shipping.incl_tax)
    return Entry(
        id="SHIPPING",
        sku=shipping_sku(shipping.method) or "SHIPPING",
        name=shipping.description or shipping.method or "Shipping",
        path="shipping_amount",
        product_type="SHIPPING",
        given=Given(net, tax, compensation, 0, discount, net + tax + compensation - discount, incl_tax),
        rate=Decimal(0),
        taxes=shipping.taxes,
        rule_ids=rule_ids,
    )


def _round_grosses(entries: Sequence[Entry], total: int, unit: int) -> None:
    exact = [max(entry.given.gross, 0) for entry in entries]
    whole = sum(exact)
    # Where the reading fits, the order's total is the one to meet; else what it lacks is a residual.
    to_meet = in_units(total if abs(total - whole) < unit else whole, unit)
    for entry, gross in zip(entries, round_to_sum(exact, to_meet, unit), strict=True):
        entry.gross = gross


def _round_taxes(entries: Sequence[Entry], told: int, unit: int) -> None:
    exact = [max(entry.given.tax, 0) for entry in entries]
    whole = sum(exact)
    to_meet = in_units(told if abs(told - whole) < unit else whole, unit)
    spare = 0
    for entry, tax in zip(entries, round_to_sum(exact, to_meet, unit), strict=True):
        above = max(in_units(entry.given.tax - max(entry.given.gross, 0), unit), 0)
        entry.tax = min(tax, entry.gross)
        entry.cut = min(above, tax - entry.tax)
        spare += tax - entry.tax - entry.cut
    # Rounding alone may leave a row's tax one unit above its gross: that unit is another row's.
    for entry in entries:
        given = min(spare, entry.gross - entry.tax)
        entry.tax += given
        spare -= given


def _rate_of(entry: Entry, items: Sequence[Item]) -> Decimal:
    """The percent of a tax told without one: a row's that fits the amounts, else reckoned from them."""
    if entry.taxes:
        return sum((tax.percent for tax in entry.taxes), Decimal(0))
    net = entry.gross - entry.tax
    if entry.tax == 0 or net <= 0:
        return Decimal(0)
    for rate in dict.fromkeys(item.row.tax_percent for item in items if item.row.tax_percent):
        if abs(proportion(net, ten_thousandths(rate), 100 * TEN_THOUSAND) - entry.tax) <= 1:
            return rate
    return Decimal(proportion(10_000, entry.tax, net)).scaleb(-2)
