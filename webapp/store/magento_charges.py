"""What a Magento order has money for besides its rows: shipping, gift wrap, fees, gift cards used."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from webapp.domain.order import GiftCard, RowTax, Service, Shipping
from webapp.store.fields import Fields

# As long as Magento keeps it; its SKU in capitals may be twice as long.
LONGEST_METHOD: Final = 120
# The order's own sums; what rows say of gift wrap is contained in the second.
_WRAP_PRICES: Final = ("gw_price", "gw_items_price", "gw_card_price")
_WRAP_TAXES: Final = ("gw_tax_amount", "gw_items_tax_amount", "gw_card_tax_amount")


@dataclass(frozen=True, slots=True)
class Cards:
    """What paid for the order besides money: `amount` is the cards' together."""

    amount: Decimal
    listed: tuple[GiftCard, ...]
    store_credit: Decimal
    points: Decimal


def read_shipping(order: Fields, assigned: Fields, taxes: tuple[RowTax, ...]) -> Shipping | None:
    """The order's shipping, None where it has neither method nor cost; `assigned` is its assignment's."""
    shipping = Shipping(
        method=assigned.text("method", longest=LONGEST_METHOD)
        or order.text("shipping_method", longest=LONGEST_METHOD),
        description=order.text("shipping_description"),
        amount=order.amount("shipping_amount"),
        tax_amount=order.amount("shipping_tax_amount"),
        incl_tax=order.amount("shipping_incl_tax"),
        discount_amount=order.amount("shipping_discount_amount"),
        compensation=order.money("shipping_discount_tax_compensation_amount"),
        taxes=taxes,
    )
    paid = shipping.amount + shipping.tax_amount + shipping.compensation - shipping.discount_amount
    if paid < 0:
        raise order.refuse("shipping_discount_amount", "at most what shipping costs")
    return shipping if shipping.method or paid else None


def read_services(extension: Fields) -> tuple[tuple[Service, ...], tuple[str, ...]]:
    """Gift wrap and custom fees, and warnings: one service for each code, in the order given."""
    services: dict[str, Service] = {}
    warnings = []
    wrap = sum((extension.amount(name) for name in _WRAP_PRICES), Decimal(0))
    wrap_tax = sum((extension.amount(name) for name in _WRAP_TAXES), Decimal(0))
    if wrap or wrap_tax:
        services["GIFTWRAP"] = Service("GIFTWRAP", "Gift wrap", wrap, wrap_tax)
    for fee in extension.parts("custom_fees"):
        amount = fee.money("custom_fee_amount")
        code = f"FEE-{fee.needed_text('custom_fee_code', longest=60)}"
        if amount < 0:
            warnings.append(f"{fee.path}: a fee below 0 ({amount:f}) is told as a discount.")
        elif amount:
            so_far = services[code].net if code in services else Decimal(0)
            services[code] = Service(code, fee.text("custom_fee_label") or code, so_far + amount, Decimal(0))
    return tuple(services.values()), tuple(warnings)


def read_cards(extension: Fields) -> Cards:
    """Gift cards, store credit and points used at checkout; the cards' sum where the order gives none."""
    listed = tuple(
        GiftCard(card.identity("id"), card.text("code"), card.amount("amount"))
        for card in extension.parts("gift_cards")
    )
    amount = sum((card.amount for card in listed), Decimal(0))
    if extension.has("gift_cards_amount"):
        amount = extension.amount("gift_cards_amount")
    return Cards(
        amount,
        tuple(card for card in listed if card.amount),
        extension.amount("customer_balance_amount"),
        extension.amount("reward_currency_amount"),
    )
