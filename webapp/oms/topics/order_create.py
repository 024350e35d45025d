"""An order for the OMS (protocol: The order; F15-F17, F26-F29)."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Final

from webapp.domain.lines import Breakdown, Promotion, Tax, UnitLine
from webapp.domain.order import Address, StoreOrder
from webapp.oms.dates import write_time

TOPIC: Final = "magento.sales.order_management.create"

_NO_TAX: Final = (Tax("NO TAX", Decimal(0), Decimal(0)),)
_PROCESSOR: Final = "mdc_gateway_processor"


def write(  # noqa: PLR0913 - what the settings say of this order, each by its name
    order: StoreOrder,
    breakdown: Breakdown,
    *,
    channel: str,
    language: str,
    vat_country: str,
    payment_method: str,
    payment_submethod: str,
) -> dict[str, object]:
    """The params of `create`: amounts with the decimals of the order's smallest unit, rates in percent.

    `channel` is the sales channel the OMS knows the store by, `language` such as `en_US`. `vat_country`
    is the setting's ("" : the country it ships to). The payment's amount is the breakdown's total.
    """
    shipping, billing = _addresses_of(order)
    reference = order.payment.reference or order.increment_id
    total = breakdown.total.quantize(breakdown.unit)
    return {
        "order": {
            **_head(order, channel, language),
            "vat_country": vat_country or shipping["country_code"],
            "addresses": [shipping] if billing is shipping else [shipping, billing],
            "payments": [
                _payment(order, reference, billing["reference"], total, (payment_method, payment_submethod))
            ],
            "lines": _lines(order.currency, breakdown, shipping["reference"], reference),
            "custom_attributes": _attributes(breakdown.order_attributes),
        }
    }


def _head(order: StoreOrder, channel: str, language: str) -> dict[str, object]:
    return {
        "id": order.increment_id,
        "store": channel,
        "status": None,
        "status_reason": None,
        "ip": order.ip or "0.0.0.0",  # noqa: S104 - the OMS's word for "not known"
        "language": language,
        "origin": "FRONTEND",
        "origin_date": write_time(order.placed_at),
        "customer": {
            "id": order.customer.id,
            "type": order.customer.type,
            "segment": order.customer.segment,
        },
    }


def _addresses_of(order: StoreOrder) -> tuple[dict[str, str], dict[str, str]]:
    """Where it ships to and who pays; one and the same where nothing ships elsewhere."""
    billing = _address(order.billing, "billing")
    if order.ship_to is None:
        return billing, billing
    shipping = _address(order.ship_to, "shipping")
    if shipping == billing:
        return billing, billing
    if shipping["reference"] == billing["reference"]:
        # Two addresses under one reference could not be told apart.
        shipping["reference"] += "-shipping"
    return shipping, billing


def _address(address: Address, fallback: str) -> dict[str, str]:
    first, *others = address.street or ("",)
    return {
        "reference": address.reference or fallback,
        "address_type": "customer",
        "first_name": address.first_name,
        "last_name": address.last_name,
        "address1": first,
        "address2": ", ".join(street for street in others if street),
        "city": address.city,
        "state": address.region,
        "zip": address.postcode,
        "country_code": address.country,
        "phone": address.phone,
        "email": address.email,
    }


def _payment(
    order: StoreOrder, reference: str, billing: str, amount: Decimal, method: tuple[str, str]
) -> dict[str, object]:
    paid = order.payment
    return {
        "reference": reference,
        "currency": order.currency,
        "transactions": [
            {
                "payment_method": method[0],
                "payment_submethod": method[1],
                "amount": amount,
                "gateway_information": {
                    "gateway_id": paid.gateway_id,
                    "account": paid.account,
                    "transaction_id": paid.transaction_id,
                    "authorization_status": paid.authorization_status,
                    "custom_attributes": _attributes([(_PROCESSOR, paid.method)]),
                },
                "billing_address_reference": billing,
            }
        ],
    }


def _lines(
    currency: str, breakdown: Breakdown, address: str, payment_reference: str
) -> list[dict[str, object]]:
    unit = breakdown.unit
    return [_line(line, currency, unit, address, payment_reference) for line in breakdown.lines]


def _line(
    line: UnitLine, currency: str, unit: Decimal, address: str, payment_reference: str
) -> dict[str, object]:
    written: dict[str, object] = {
        "line_number": line.line_number,
        "id": line.id,
        "product_type": line.product_type,
        "sku": line.sku,
        "product_name": line.product_name,
        "shipping_address_reference": address,
        "payment_reference": payment_reference,
        "amount": {
            "net_amount": line.net.quantize(unit),
            "gross_amount": line.gross.quantize(unit),
            "tax_amount": line.tax.quantize(unit),
            "tax_rate": _percent(line.tax_rate),
            "taxes": [_tax(tax, unit) for tax in line.taxes or _NO_TAX],
            "currency": currency,
        },
        "promotions_info": {
            "original_price": line.original_price.quantize(unit),
            "promotions": [_promotion(promotion, unit) for promotion in line.promotions],
        },
        "image_url": line.image_url,
    }
    if line.parent_line_number is not None:
        written["parent_line_number"] = line.parent_line_number
        written["parent_line_id"] = line.parent_line_id or ""
    if line.custom_attributes:
        written["custom_attributes"] = _attributes(line.custom_attributes)
    return written


def _tax(tax: Tax, unit: Decimal) -> dict[str, object]:
    return {"type": tax.type, "amount": tax.amount.quantize(unit), "rate": _percent(tax.rate)}


def _promotion(promotion: Promotion, unit: Decimal) -> dict[str, object]:
    return {
        "code": promotion.code,
        "name": promotion.name,
        "discount": promotion.discount.quantize(unit),
        "percentage": _percent(promotion.percentage),
    }


@lru_cache(maxsize=1024)
def _percent(rate: Decimal) -> Decimal:
    """19.0000 as 19, 8.2500 as 8.25."""
    short = rate.quantize(Decimal("0.000001"), ROUND_HALF_UP).normalize()
    return short if int(short.as_tuple().exponent) <= 0 else short.quantize(Decimal(1))


def _attributes(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]
