"""Unit lines: what the OMS is told of an order, one line for exactly one piece (F17).

Amounts are `Decimal` in the order's currency, multiples of the order's smallest unit. `rate` and
`percentage` are percent (19, 8.25).
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

ProductType = Literal["PHYSICAL", "VIRTUAL", "BUNDLE", "SHIPPING", "SERVICE"]


@dataclass(frozen=True, slots=True)
class Tax:
    """One tax inside a line's gross; an untaxed line has one of type `NO TAX` at 0."""

    type: str
    amount: Decimal
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Promotion:
    """One reduction, told in gross: all of a line's add up to `original_price - gross`."""

    code: str
    name: str
    discount: Decimal
    percentage: Decimal


@dataclass(frozen=True, slots=True)
class UnitLine:
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
class Breakdown:
    """An order as unit lines, with how it was arrived at.

    `reading` names which meaning of Magento's `row_total` was chosen (A, A', B, C, ...; magento.md);
    `unit` is the smallest unit of all amounts; `warnings` are sentences for the journal and the
    order page; `hold` is the reason for which such an order waits for review instead, or None.
    """

    lines: tuple[UnitLine, ...]
    total: Decimal
    unit: Decimal
    reading: str
    residual: Decimal
    warnings: tuple[str, ...] = ()
    hold: str | None = None
    order_attributes: tuple[tuple[str, str], ...] = ()
