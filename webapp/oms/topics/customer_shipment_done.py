"""Lines were shipped (protocol: Shipment; F21)."""

from datetime import datetime
from typing import Annotated, Final

import msgspec

from webapp.domain.refusals import ABSENT, Refused
from webapp.oms.parcels import Package, Parcel, ShippedItem, read_parcels
from webapp.oms.spellings import Code, also, read_struct

TOPIC: Final = "magento.logistics.fulfillment_management.customer_shipment_done"


class Shipment(msgspec.Struct, frozen=True, kw_only=True):
    """What was shipped: `parcels` is what to go by, `items` what to check each of their lines against.

    `shipment_date` is UTC, None where the OMS gave none (then the time it was received).
    """

    order_id: Code
    shipment_id: Code | None
    shipment_request_id: Code | None
    shipment_date: datetime | None
    store_id: str
    source_id: str
    method: str
    items: tuple[ShippedItem, ...]
    parcels: tuple[Parcel, ...]

    @property
    def order_number(self) -> str:
        """The order's increment id."""
        return self.order_id


class _Shipment(msgspec.Struct, frozen=True, kw_only=True):
    order_id: Code
    shipment_id: Code | None = None
    shipment_request_id: Annotated[Code | None, also("request_id")] = None
    shipment_date: datetime | None = None
    store_id: str = ""
    source_id: str = ""
    method: str = ""
    items: tuple[ShippedItem, ...] = ()
    packages: tuple[Package, ...] = ()


class _Params(msgspec.Struct, frozen=True):
    shipment: _Shipment


def read(params: object) -> Shipment:
    """The message's one form; raises `Refused` naming the field."""
    told = read_struct(params, _Params).shipment
    parcels = read_parcels(told.items, told.packages, "shipment.packages")
    if not any(parcel.line_numbers for parcel in parcels):
        raise Refused("shipment.items", "at least one line", ABSENT)
    return Shipment(
        order_id=told.order_id,
        shipment_id=told.shipment_id,
        shipment_request_id=told.shipment_request_id,
        shipment_date=told.shipment_date,
        store_id=told.store_id,
        source_id=told.source_id,
        method=told.method,
        items=told.items,
        parcels=parcels,
    )
