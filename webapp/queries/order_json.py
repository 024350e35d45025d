"""An order in Magento's shape, with what the OMS made of it (contract: GET /api/v1/orders)."""

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from webapp.models.fulfilment import Shipment, Track
from webapp.models.orders import Order, OrderComment, OrderLine
from webapp.queries.order import OrderFile

# As it was taken in: decimals stay exact.
_EXACT: Final = msgspec.json.Decoder(float_hook=Decimal)


def order_as_json(file: OrderFile) -> dict[str, Any]:
    """The order in Magento's shape, with what the OMS made of it."""
    order = file.order
    content = _EXACT.decode(order.content)
    told: dict[str, Any] = dict(content) if isinstance(content, dict) else {}
    told["state"], told["status"] = order.state, order.status
    told["increment_id"] = order.increment_id
    told["updated_at"] = magento_time(order.updated_at)
    told["oms"] = {
        "export": order.export_state.value,
        "reason": order.export_reason or None,
        "message_id": file.export_uid,
        "warnings": order.warnings.splitlines(),
        "status": order.oms_status,
        "status_reason": order.oms_status_reason,
        "status_date": rfc3339(order.oms_status_date),
        "lines": [_line_as_json(line) for line in file.lines],
    }
    told["status_histories"] = [_comment_as_json(order, one) for one in file.comments]
    told["shipments"] = [_shipment_as_json(one) for one in file.shipments]
    told["creditmemos"], told["returns"], told["store_credit"] = [], [], 0
    return told


def _line_as_json(line: OrderLine) -> dict[str, Any]:
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


def _comment_as_json(order: Order, comment: OrderComment) -> dict[str, Any]:
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


def _shipment_as_json(shipment: Shipment) -> dict[str, Any]:
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
                "qty": sum(line.quantity for line in lines),
                "line_numbers": sorted(line.line_number for line in lines),
            }
            for item_id, lines in pieces.items()
        ],
        "tracks": [_track_as_json(track) for track in shipment.tracks],
    }


def _track_as_json(track: Track) -> dict[str, Any]:
    return {
        "carrier_code": track.carrier or "custom",
        "title": track.title,
        "track_number": track.number,
        "url": track.url or None,
    }


def magento_time(at: datetime) -> str:
    """A time as Magento writes it: UTC, without a zone."""
    return at.strftime("%Y-%m-%d %H:%M:%S")


def rfc3339(at: datetime | None) -> str | None:
    """A time as RFC 3339 in UTC, None where there is none."""
    return at.isoformat().replace("+00:00", "Z") if at else None
