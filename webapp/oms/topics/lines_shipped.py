"""The warehouse shipped lines (protocol: From the OMS, warehouse_management.lines_shipped; F21)."""

from typing import Final

import msgspec

from webapp.domain.refusals import ABSENT, Refused
from webapp.oms.parcels import Package, Parcel, ShippedItem, read_parcels
from webapp.oms.spellings import Code, read_struct

TOPIC: Final = "magento.logistics.warehouse_management.lines_shipped"


class ShippedLines(msgspec.Struct, frozen=True, kw_only=True):
    """What the warehouse shipped: as a shipment, but its order is seldom named.

    It is that of the items' `order_line_id` (Magento item ids), narrowed by line number and SKU, else the
    one whose shipment had this `request_id`.
    """

    request_id: Code | None
    order_id: Code | None
    items: tuple[ShippedItem, ...]
    parcels: tuple[Parcel, ...]

    @property
    def order_number(self) -> str | None:
        """The order's increment id, where the peer sends one."""
        return self.order_id


class _Params(msgspec.Struct, frozen=True, kw_only=True):
    request_id: Code | None = None
    order_id: Code | None = None
    items: tuple[ShippedItem, ...] = ()
    packages: tuple[Package, ...] = ()


def read(params: object) -> ShippedLines:
    """The message's one form; raises `Refused` naming the field."""
    told = read_struct(params, _Params)
    parcels = read_parcels(told.items, told.packages, "packages")
    if not any(parcel.line_numbers for parcel in parcels):
        raise Refused("items", "at least one line", ABSENT)
    if told.order_id is None and told.request_id is None and all(i.order_line_id is None for i in told.items):
        raise Refused("items[0].order_line_id", "the id of the order's item", ABSENT)
    return ShippedLines(request_id=told.request_id, order_id=told.order_id, items=told.items, parcels=parcels)
