"""A store's order in the connector's own words: what `store/` reads and `oms/` writes.

Amounts are `Decimal` in the order's currency as the store gave them, rounded to four decimals and no
further (F17.3); quantities are `Decimal`. Times are aware UTC. Absent amounts are 0, absent texts "".
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True, slots=True)
class Address:
    """Where it goes or who pays; `reference` is Magento's address id, `region` its region code."""

    reference: str
    first_name: str
    last_name: str
    street: tuple[str, ...]
    city: str
    region: str
    postcode: str
    country: str
    phone: str
    email: str


@dataclass(frozen=True, slots=True)
class Customer:
    """`id` is `anonymous` for a guest; a company order is of segment B2B."""

    id: str
    type: Literal["GUEST", "REGISTERED"]
    segment: Literal["B2C", "B2B"]
    email: str
    name: str


@dataclass(frozen=True, slots=True)
class RowTax:
    """A tax the store applied to one row (or to shipping): its code, percent and amount."""

    code: str
    percent: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class RowDiscount:
    """What one rule took off a row, where the store says so."""

    code: str
    name: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Row:
    """One Magento order item, parent or child, its amounts as Magento's `row_total` and company.

    `path` is where the row stands in the store's document (`items[2]`), for whoever has to name it.
    """

    item_id: str
    parent_item_id: str | None
    product_id: str
    product_type: str
    sku: str
    name: str
    is_virtual: bool
    qty_ordered: Decimal
    qty_canceled: Decimal
    qty_backordered: Decimal
    price: Decimal
    base_price: Decimal
    price_incl_tax: Decimal
    original_price: Decimal
    discount_amount: Decimal
    tax_amount: Decimal
    tax_percent: Decimal
    compensation: Decimal
    weee: Decimal
    row_total: Decimal
    row_total_incl_tax: Decimal
    applied_rule_ids: str
    taxes: tuple[RowTax, ...] = ()
    discounts: tuple[RowDiscount, ...] = ()
    path: str = "items"


@dataclass(frozen=True, slots=True)
class Shipping:
    """`method` is Magento's code (`flatrate_flatrate`); "" where the order has none."""

    method: str
    description: str
    amount: Decimal
    tax_amount: Decimal
    incl_tax: Decimal
    discount_amount: Decimal
    compensation: Decimal
    taxes: tuple[RowTax, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """Gift wrap or a custom fee: money of the order that is no product row (`id` = `sku`)."""

    id: str
    name: str
    net: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class GiftCard:
    """A card used at checkout; `account_id` is the store's id of its account."""

    account_id: str
    code: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Payment:
    """How it was paid; `method` is Magento's code, `gateway` what its processor said."""

    reference: str
    method: str
    gateway_id: str
    account: str
    transaction_id: str
    authorization_status: str


@dataclass(frozen=True, slots=True)
class StoreOrder:
    """A whole order; `increment_id` is its number here and in the OMS."""

    increment_id: str
    entity_id: str
    store_id: str
    state: str
    status: str
    placed_at: datetime
    updated_at: datetime | None
    currency: str
    ip: str
    is_virtual: bool
    coupon_code: str
    discount_description: str
    subtotal: Decimal
    tax_amount: Decimal
    discount_amount: Decimal
    grand_total: Decimal
    total_canceled: Decimal
    tax_canceled: Decimal
    gift_cards_amount: Decimal
    store_credit: Decimal
    points: Decimal
    customer: Customer
    billing: Address
    ship_to: Address | None
    payment: Payment
    rows: tuple[Row, ...]
    shipping: Shipping | None
    services: tuple[Service, ...] = ()
    gift_cards: tuple[GiftCard, ...] = ()
    warnings: tuple[str, ...] = ()
    applied_rule_ids: str = ""
