"""A product for the OMS's catalog (protocol: To the OMS, product_management.updated; F08-F14, F28)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

import msgspec

from webapp.domain.lines import ProductType, UnitLine
from webapp.oms.dates import write_time

TOPIC: Final = "magento.catalog.product_management.updated"

CatalogType = Literal["simple", "configurable", "virtual", "bundle", "grouped", "shipping", "service"]

SOURCING_RULE: Final = "mom_srcrr_FilterSourceBundleFromOneSource"

_CATALOG_TYPE: Final[Mapping[ProductType, CatalogType]] = {
    "PHYSICAL": "simple",
    "VIRTUAL": "virtual",
    "BUNDLE": "bundle",
    "SHIPPING": "shipping",
    "SERVICE": "service",
}


@dataclass(frozen=True, slots=True)
class ProductName:
    """A name as one store view shows it; without locale and channel it holds wherever none else does."""

    value: str
    locale: str | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """A product as the OMS is to know it; `price` is in `currency`, times are aware UTC.

    `names` has one entry a store view and one without locale and channel. `sourcing_rule` is
    SHIPTOGETHER, SHIPSIMULTANEOUSLY or SHIPSEPARATELY, or None for the OMS's own rule.
    """

    sku: str
    type: CatalogType
    active: bool
    names: tuple[ProductName, ...]
    price: Decimal
    currency: str
    created_at: datetime | None = None
    modified_at: datetime | None = None
    children_skus: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    sourcing_rule: str | None = None


class _Told(msgspec.Struct):
    """Of the product in a call, what it is known by."""

    sku: str


class _Params(msgspec.Struct):
    product: _Told


class _Call(msgspec.Struct):
    params: _Params


_CALL: Final = msgspec.json.Decoder(_Call)


def sku_of(call: bytes) -> str | None:
    """The SKU of the product in a call of ours, or None where it tells none."""
    try:
        return _CALL.decode(call).params.product.sku
    except msgspec.DecodeError:
        return None


def write(product: Product) -> dict[str, object]:
    """The params of `updated`; `id` is the SKU, by which store and OMS know a product."""
    attributes = product.attributes
    if product.sourcing_rule is not None:
        attributes = (*attributes, (SOURCING_RULE, product.sourcing_rule))
    written: dict[str, object] = {
        "id": product.sku,
        "type": product.type,
        "sku": product.sku,
        "name": [_name(name) for name in product.names],
        "price": {"currency": product.currency, "amount": product.price},
        "status": "ACTIVE" if product.active else "INACTIVE",
        # Older listeners read `enabled` and `attribute_code`.
        "enabled": product.active,
        "children_skus": list(product.children_skus),
        "custom_attributes": [
            {"name": code, "attribute_code": code, "value": value} for code, value in attributes
        ],
    }
    if product.created_at is not None:
        written["created_at"] = write_time(product.created_at)
    if product.modified_at is not None:
        written["modified_at"] = write_time(product.modified_at)
    return {"product": written}


def write_from_line(
    line: UnitLine,
    *,
    currency: str,
    unit: Decimal,
    locale: str,
    modified_at: datetime,
    channel: str | None = None,
) -> dict[str, object]:
    """A product as an order's line describes it, for an OMS that may not know it (F11).

    Its price has the decimals of the order's smallest `unit`.
    """
    names = (ProductName(line.product_name, locale, channel), ProductName(line.product_name))
    return write(
        Product(
            sku=line.sku,
            type=_CATALOG_TYPE[line.product_type],
            active=True,
            names=names,
            price=line.original_price.quantize(unit),
            currency=currency,
            modified_at=modified_at,
        )
    )


def _name(name: ProductName) -> dict[str, str]:
    told = {"value": name.value, "locale": name.locale, "channel": name.channel}
    return {part: text for part, text in told.items() if text is not None}
