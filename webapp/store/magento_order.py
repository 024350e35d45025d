"""A Magento order, as `GET /V1/orders/{id}` answers it, read into the connector's own words."""

from decimal import Decimal
from typing import Final, TypedDict

from webapp.domain.money import currency_unit
from webapp.domain.order import Address, Customer, GiftCard, Row, Service, Shipping, StoreOrder
from webapp.domain.rows import VIRTUAL
from webapp.store.fields import Fields
from webapp.store.magento_charges import read_cards, read_services, read_shipping
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


class _Totals(TypedDict):
    """The order's own sums, as the fields of `StoreOrder`."""

    currency: str
    subtotal: Decimal
    tax_amount: Decimal
    discount_amount: Decimal
    grand_total: Decimal
    total_canceled: Decimal
    tax_canceled: Decimal
    gift_cards_amount: Decimal
    store_credit: Decimal
    points: Decimal
    gift_cards: tuple[GiftCard, ...]


class _Sold(TypedDict):
    """What was sold, to whom and where to, as the fields of `StoreOrder`, with the warnings."""

    rows: tuple[Row, ...]
    is_virtual: bool
    customer: Customer
    billing: Address
    ship_to: Address | None
    shipping: Shipping | None
    services: tuple[Service, ...]
    warnings: tuple[str, ...]


def read_order(data: object) -> StoreOrder:
    """Read an order from decoded JSON (numbers as `int`, `Decimal` or text).

    What is odd but can be exported is in `warnings`; totals that do not add up are the unit lines' to
    tell. Raises `Refused` with the path of the field, in the store's own words.
    """
    order = Fields(data)
    increment_id = _read_number(order)
    sold = _read_sold(order)
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
        ip=order.text("remote_ip") or order.text("x_forwarded_for").split(",")[0].strip() or NO_ADDRESS,
        coupon_code=order.text("coupon_code"),
        discount_description=order.text("discount_description"),
        applied_rule_ids=order.text("applied_rule_ids"),
        payment=read_payment(order),
        **_read_totals(order),
        **sold,
    )


def _read_number(order: Fields) -> str:
    """The order's number, by which store, OMS and people know it: as it is, or not at all."""
    number = order.needed_text("increment_id", longest=LONGEST_NUMBER)
    given = order.values["increment_id"]
    if isinstance(given, str) and not given.strip().isprintable():
        raise order.refuse("increment_id", "a text without control characters")
    return number


def _read_totals(order: Fields) -> _Totals:
    if not order.has("grand_total"):
        raise order.refuse("grand_total", "an amount of at least 0")
    currency = order.text("order_currency_code")
    currency_unit(currency)
    cards = read_cards(order.part("extension_attributes"))
    return _Totals(
        currency=currency,
        subtotal=order.money("subtotal"),
        tax_amount=order.money("tax_amount"),
        discount_amount=order.money("discount_amount"),
        grand_total=order.amount("grand_total"),
        total_canceled=order.amount("total_canceled"),
        tax_canceled=order.amount("tax_canceled"),
        gift_cards_amount=cards.amount,
        store_credit=cards.store_credit,
        points=cards.points,
        gift_cards=cards.listed,
    )


def _read_sold(order: Fields) -> _Sold:
    extension = order.part("extension_attributes")
    assigned = _assigned_shipping(extension)
    taxes = read_applied_taxes(extension)
    rows, row_warnings = read_rows(order, taxes)
    virtual = all(row.is_virtual or row.product_type in VIRTUAL for row in rows)
    is_virtual = order.flag("is_virtual") if order.has("is_virtual") else virtual
    billing, ship_to, address_warnings = read_addresses(order, assigned, is_virtual=is_virtual)
    services, service_warnings = read_services(extension)
    shipping = read_shipping(order, assigned, taxes.get(SHIPPING, ()))
    return _Sold(
        rows=rows,
        is_virtual=is_virtual,
        customer=read_customer(order, extension, billing),
        billing=billing,
        ship_to=ship_to,
        shipping=shipping,
        services=services,
        warnings=(*_oddities(order, shipping), *row_warnings, *address_warnings, *service_warnings),
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
    return state, status or state


def _oddities(order: Fields, shipping: Shipping | None) -> list[str]:
    """What can be exported as it is, and still deserves a look."""
    odd = []
    state = order.text("state")
    if state and state not in STATES:
        odd.append(f'state: "{state}" is none of Magento\'s own.')
    if shipping is not None and not shipping.method:
        odd.append("The order has a cost of shipping, and no shipping method.")
    return odd
