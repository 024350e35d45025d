"""A Magento order, as `GET /V1/orders/{id}` answers it, read into the connector's own words."""

from dataclasses import dataclass
from typing import Final

from webapp.domain.money import currency_unit
from webapp.domain.order import Address, Row, Service, Shipping, StoreOrder
from webapp.domain.rows import VIRTUAL
from webapp.store.fields import Fields
from webapp.store.magento_charges import Cards, read_cards, read_services, read_shipping
from webapp.store.magento_people import read_addresses, read_customer, read_payment
from webapp.store.magento_rows import SHIPPING, read_applied_taxes, read_rows

LONGEST_NUMBER: Final = 64
NO_ADDRESS: Final = "0.0.0.0"  # noqa: S104 - what the OMS is told where none is known; nothing binds to it
STATES: Final = (
    "new",
    "pending_payment",
    "processing",
    "complete",
    "closed",
    "canceled",
    "holded",
    "payment_review",
)


@dataclass(frozen=True, slots=True)
class Parts:
    """What of an order has a reader of its own, and the warnings of all of them."""

    rows: tuple[Row, ...]
    is_virtual: bool
    billing: Address
    ship_to: Address | None
    shipping: Shipping | None
    services: tuple[Service, ...]
    cards: Cards
    warnings: tuple[str, ...]


def read_order(data: object) -> StoreOrder:
    """Read an order from decoded JSON (numbers as `int`, `Decimal` or text).

    What is odd but can be exported is in `warnings`; totals that do not add up are the unit lines' to
    tell. Raises `Refused` with the path of the field, in the store's own words.
    """
    order = Fields(data)
    increment_id = order.needed_text("increment_id", longest=LONGEST_NUMBER)
    if not order.has("grand_total"):
        raise order.refuse("grand_total", "an amount of at least 0")
    parts = _read_parts(order)
    placed_at = order.time("created_at")
    if placed_at is None:
        raise order.refuse("created_at", "a time, YYYY-MM-DD HH:MM:SS in UTC")
    state, status = _read_state(order)
    return StoreOrder(
        increment_id=increment_id,
        entity_id=order.identity("entity_id"),
        store_id=order.identity("store_id"),
        state=state,
        status=status,
        placed_at=placed_at,
        updated_at=order.time("updated_at"),
        currency=_read_currency(order),
        ip=order.text("remote_ip") or order.text("x_forwarded_for").split(",")[0].strip() or NO_ADDRESS,
        is_virtual=parts.is_virtual,
        coupon_code=order.text("coupon_code"),
        discount_description=order.text("discount_description"),
        subtotal=order.money("subtotal"),
        tax_amount=order.money("tax_amount"),
        discount_amount=order.money("discount_amount"),
        grand_total=order.amount("grand_total"),
        total_canceled=order.amount("total_canceled"),
        tax_canceled=order.amount("tax_canceled"),
        gift_cards_amount=parts.cards.amount,
        store_credit=parts.cards.store_credit,
        points=parts.cards.points,
        customer=read_customer(order, order.part("extension_attributes"), parts.billing),
        billing=parts.billing,
        ship_to=parts.ship_to,
        payment=read_payment(order),
        rows=parts.rows,
        shipping=parts.shipping,
        services=parts.services,
        gift_cards=parts.cards.listed,
        warnings=parts.warnings,
        applied_rule_ids=order.text("applied_rule_ids"),
    )


def _read_parts(order: Fields) -> Parts:
    extension = order.part("extension_attributes")
    assigned = _assigned_shipping(extension)
    taxes = read_applied_taxes(extension)
    rows, row_warnings = read_rows(order, taxes)
    virtual = all(row.is_virtual or row.product_type in VIRTUAL for row in rows)
    is_virtual = order.flag("is_virtual") if order.has("is_virtual") else virtual
    billing, ship_to, address_warnings = read_addresses(order, assigned, is_virtual=is_virtual)
    services, service_warnings = read_services(extension)
    return Parts(
        rows=rows,
        is_virtual=is_virtual,
        billing=billing,
        ship_to=ship_to,
        shipping=read_shipping(order, assigned, taxes.get(SHIPPING, ())),
        services=services,
        cards=read_cards(extension),
        warnings=(*row_warnings, *address_warnings, *service_warnings),
    )


def _assigned_shipping(extension: Fields) -> Fields:
    """How and where it ships: the first assignment's `shipping`, an empty object where there is none."""
    first = next(extension.parts("shipping_assignments"), None)
    return first.part("shipping") if first else Fields({}, extension.at("shipping_assignments[0].shipping"))


def _read_state(order: Fields) -> tuple[str, str]:
    """State and status; either stands for the other where the store left it out."""
    state, status = order.text("state", longest=64), order.text("status", longest=64)
    if not state and not status:
        raise order.refuse("status", "the order's status")
    if not state:
        state = status if status in STATES else "new"
    elif state not in STATES:
        raise order.refuse("state", f"one of {', '.join(STATES)}")
    return state, status or state


def _read_currency(order: Fields) -> str:
    currency = order.text("order_currency_code")
    currency_unit(currency)
    return currency
