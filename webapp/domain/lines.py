"""Unit lines: what the OMS is told of an order, one line for exactly one piece (F17).

Amounts are `Decimal` in the order's currency, multiples of the order's smallest unit. `rate` and
`percentage` are percent (19, 8.25).
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple

ProductType = Literal["PHYSICAL", "VIRTUAL", "BUNDLE", "SHIPPING", "SERVICE"]


class Tax(NamedTuple):
    """One tax inside a line's gross; an untaxed line has one of type `NO TAX` at 0."""

    type: str
    amount: Decimal
    rate: Decimal


class Promotion(NamedTuple):
    """One reduction, told in gross: all of a line's add up to `original_price - gross`."""

    code: str
    name: str
    discount: Decimal
    percentage: Decimal


class UnitLine(NamedTuple):
    """One OMS order line.

    `line_number` is 1..N and unique; `id` is Magento's order item id, the same on all lines of an
    item, or `SHIPPING`, `SURCHARGE`, `GIFTWRAP`, `FEE-code`. `net + tax == gross`, and
    `original_price - sum(promotions) == gross`.
    """

    line_number: int
    id: str
    product_type: ProductType
    sku: str
    product_name: str
    net: Decimal
    tax: Decimal
    gross: Decimal
    tax_rate: Decimal
    taxes: tuple[Tax, ...]
    original_price: Decimal
    promotions: tuple[Promotion, ...] = ()
    parent_line_number: int | None = None
    parent_line_id: str | None = None
    image_url: str = ""
    custom_attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ReadingSum:
    """One meaning of `row_total` tried on the order (F17.1).

    `net` is what the rows add up to before discounts, `residual` what the order's total has beyond it all.
    `counts` is false where it would leave a row below 0; `fits` where the residual is 0 to the smallest unit.
    """

    name: str
    net: Decimal
    gross: Decimal
    residual: Decimal
    counts: bool
    fits: bool
    meets_subtotal: bool


@dataclass(frozen=True, slots=True)
class Reduced:
    """A promotion and what it took of an entry."""

    code: str
    name: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class EntrySum:
    """A row, service or shipping on its way to lines; `path` is where it stands in the store's order.

    `ordered` and `left` are pieces. `gross` and `tax` are for all that was ordered, rounded; `tax_cut` the
    tax above the gross, not told. `before_discount`, `reductions`, `gross_left` and `tax_left` are for
    what is left; the lines numbered in `lines` share them.
    """

    id: str
    sku: str
    path: str
    ordered: Decimal
    left: Decimal
    net_before_discount: Decimal
    gross: Decimal
    tax: Decimal
    tax_cut: Decimal
    before_discount: Decimal
    reductions: tuple[Reduced, ...]
    gross_left: Decimal
    tax_left: Decimal
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sums:
    """The whole reckoning: every reading tried, every entry, what gift cards and the like paid."""

    readings: tuple[ReadingSum, ...]
    entries: tuple[EntrySum, ...]
    paid_by_cards: Decimal


@dataclass(frozen=True, slots=True)
class Breakdown:
    """An order as unit lines, with how it was arrived at.

    `reading` names which meaning of Magento's `row_total` was chosen (A, A', B, C, ...; magento.md);
    `unit` is the smallest unit of all amounts; `total` is what the lines add up to, the order's grand total
    less what was cancelled; `sums` how it was arrived at, where that was asked for; `warnings` are
    sentences for the journal and the order page; `hold` is the reason for which such an order waits for
    review instead, or None.
    """

    lines: tuple[UnitLine, ...]
    total: Decimal
    unit: Decimal
    reading: str
    residual: Decimal
    warnings: tuple[str, ...] = ()
    hold: str | None = None
    order_attributes: tuple[tuple[str, str], ...] = ()
    sums: Sums | None = None
