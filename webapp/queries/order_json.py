"""An order in Magento's shape, with what the OMS made of it (contract: GET /api/v1/orders)."""

from collections import defaultdict
from decimal import Decimal
from typing import Any, Final, Literal, TypedDict, cast

import msgspec

from webapp.domain.states import ExportState
from webapp.models.fulfilment import Shipment, Track
from webapp.models.orders import Order, OrderComment, OrderLine
from webapp.queries.order import OrderFile
from webapp.queries.times_json import MagentoTime, Moment, magento_time, rfc3339

# As it was taken in: decimals stay exact.
_EXACT: Final = msgspec.json.Decoder(float_hook=Decimal)


class LineJson(TypedDict):
    """A unit line: one piece of one order item, as the OMS knows it."""

    line_number: int
    id: str
    parent_line_number: int | None
    product_type: str
    sku: str
    status: str | None
    net_amount: Decimal
    tax_amount: Decimal
    gross_amount: Decimal
    original_price: Decimal


class OmsJson(TypedDict):
    """What became of an order in the OMS; `message_id` is the create that carries it."""

    export: ExportState
    reason: str | None
    message_id: str | None
    warnings: list[str]
    status: str | None
    status_reason: str | None
    status_date: Moment | None
    lines: list[LineJson]


class CommentJson(TypedDict):
    """An entry of the order's history, in Magento's fields."""

    entity_id: int
    parent_id: str
    entity_name: Literal["order"]
    comment: str
    status: str
    created_at: MagentoTime
    is_customer_notified: Literal[0]
    is_visible_on_front: Literal[0]


class ShippedJson(TypedDict):
    """What a shipment has of one order item."""

    order_item_id: str
    sku: str
    qty: Decimal
    line_numbers: list[int]


class TrackJson(TypedDict):
    """A track of a shipment."""

    carrier_code: str
    title: str
    track_number: str
    url: str | None


class ShipmentJson(TypedDict):
    """One package; `created_at` is the OMS's date."""

    increment_id: str
    created_at: MagentoTime
    items: list[ShippedJson]
    tracks: list[TrackJson]


class OrderJson(TypedDict):
    """An order as the store gave it, in Magento's fields, with where it stands here and in the OMS."""

    increment_id: str
    state: str
    status: str
    updated_at: MagentoTime
    oms: OmsJson
    status_histories: list[CommentJson]
    shipments: list[ShipmentJson]
    creditmemos: list[Any]
    returns: list[Any]
    store_credit: Decimal


class OrderPage(TypedDict):
    """A page of orders; `next` is the cursor of the one after it."""

    items: list[OrderJson]
    next: str | None


def order_as_json(file: OrderFile) -> OrderJson:
    """The order in Magento's shape, with what the OMS made of it."""
    order = file.order
    told: OrderJson = {
        "increment_id": order.increment_id,
        "state": order.state,
        "status": order.status,
        "updated_at": magento_time(order.updated_at),
        "oms": {
            "export": order.export_state,
            "reason": order.export_reason or None,
            "message_id": file.export_uid,
            "warnings": order.warnings.splitlines(),
            "status": order.oms_status,
            "status_reason": order.oms_status_reason,
            "status_date": rfc3339(order.oms_status_date),
            "lines": [_line_as_json(line) for line in file.lines],
        },
        "status_histories": [_comment_as_json(order, one) for one in file.comments],
        "shipments": [_shipment_as_json(one) for one in file.shipments],
        "creditmemos": [],
        "returns": [],
        "store_credit": Decimal(0),
    }
    content = _EXACT.decode(order.content)
    # What the store gave beside it stays as it is.
    return cast("OrderJson", {**content, **told}) if isinstance(content, dict) else told


def _line_as_json(line: OrderLine) -> LineJson:
    return {
        "line_number": line.line_number,
        "id": line.item_id,
        "parent_line_number": line.parent_line_number,
        "product_type": line.product_type,
        "sku": line.sku,
        "status": line.status,
        "net_amount": line.net_amount,
        "tax_amount": line.tax_amount,
        "gross_amount": line.gross_amount,
        "original_price": line.original_price,
    }


def _comment_as_json(order: Order, comment: OrderComment) -> CommentJson:
    return {
        "entity_id": comment.id,
        "parent_id": order.entity_id,
        "entity_name": "order",
        "comment": comment.text,
        "status": comment.status,
        "created_at": magento_time(comment.at),
        "is_customer_notified": 0,
        "is_visible_on_front": 0,
    }


def _shipment_as_json(shipment: Shipment) -> ShipmentJson:
    pieces: dict[str, list[OrderLine]] = defaultdict(list)
    for one in shipment.lines:
        pieces[one.line.item_id].append(one.line)
    return {
        "increment_id": shipment.increment_id,
        "created_at": magento_time(shipment.shipped_at),
        "items": [
            {
                "order_item_id": item_id,
                "sku": lines[0].sku,
                "qty": sum((line.quantity for line in lines), Decimal(0)),
                "line_numbers": sorted(line.line_number for line in lines),
            }
            for item_id, lines in pieces.items()
        ],
        "tracks": [_track_as_json(track) for track in shipment.tracks],
    }


def _track_as_json(track: Track) -> TrackJson:
    return {
        "carrier_code": track.carrier or "custom",
        "title": track.title,
        "track_number": track.number,
        "url": track.url or None,
    }
