"""One message of each topic of the OMS, as documented."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from webapp.oms.topics import (
    aggregate_created,
    aggregate_deleted,
    aggregate_updated,
    customer_shipment_done,
    line_cancelled,
    lines_shipped,
    order_created,
    order_reported,
    order_updated,
    refund_reported,
    refund_updated,
    return_received,
    return_reported,
    return_updated,
    stock_updated,
)

Params = dict[str, Any]


def order() -> Params:
    return {
        "order": {
            "id": "000000042",
            "store": "base",
            "status": "LOGISTICS",
            "status_reason": "READYTOSHIP",
            "status_date": "2030-01-31T12:00:00+00:00",
            "lines": [
                {
                    "id": "501",
                    "line_number": number,
                    "sku": "MT07-M",
                    "status": "SHIPPED",
                    "status_reason": None,
                    "status_date": "2030-01-31T12:00:00+00:00",
                    "amount": {"gross_amount": 21.41},
                }
                for number in (1, 2)
            ],
        }
    }


def items() -> list[Params]:
    return [
        {"order_line_id": item, "order_line_number": number, "sku": sku, "status": "SHIPPED"}
        for item, number, sku in (("501", 1, "A"), ("501", 2, "A"), ("501", 3, "A"), ("502", 4, "B"))
    ]


def package(name: str, *lines: int) -> Params:
    return {
        "id": name,
        "items": list(lines),
        "carrier": "DHL",
        "tracking_number": f"T-{name}",
        "tracking_link": f"https://track.example/{name}",
        "tracking_comment": "By the back door",
    }


def shipment() -> Params:
    return {
        "shipment": {
            "shipment_id": "S1",
            "shipment_request_id": "R1",
            "store_id": "base",
            "order_id": "000000042",
            "source_id": "W1",
            "method": "STANDARD",
            "shipment_date": "2030-01-31T13:00:00+01:00",
            "items": items(),
            "packages": [package("P1", 1, 2, 4), package("P2", 3)],
        }
    }


def warehouse() -> Params:
    return {"request_id": "R1", "items": items(), "packages": [package("P1", 1, 2, 3, 4)]}


def refund() -> Params:
    return {
        "refund": {
            "client": "OMS",
            "order_id": "000000042",
            "store_id": "base",
            "sales_channel_id": "base",
            "credit_note_number": "CN-1",
            "credit_note_date": "2030-02-01",
            "status": {"code": "RELEASED", "name": "Released", "date": "2030-02-01"},
            "refund_type": "return",
            "rma": "RMA-1",
            "lines": [
                {
                    "order_line": "1",
                    "order_item_id": "501",
                    "reason": "DAMAGED",
                    "reason_description": "Broken",
                    "payments": [
                        {
                            "ref": "1",
                            "details": {
                                "cost_gross": "48.71",
                                "cost_net": "44.99",
                                "cost_vat": "3.71",
                                "vat_rate": "8.25",
                                "vat_detail": [{"type": "VAT", "amount": "3.71", "rate": "8.25"}],
                            },
                        }
                    ],
                }
            ],
        }
    }


def return_() -> Params:
    return {
        "return": {
            "sales_channel_id": "base",
            "order_id": "000000042",
            "source_id": "W1",
            "user": "oms",
            "rma": "RMA-1",
            "return_tracking_number": "T-9",
            "return_tracking_url": "https://track.example/9",
            "return_tracking_label_url": "https://track.example/9.pdf",
            "return_tracking_carrier": "DHL",
            "status": {
                "code": "APPROVED",
                "name": "Approved",
                "reason_code": "OK",
                "reason_name": "Fine",
                "date": "2030-02-01T00:00:00Z",
            },
            "lines": [
                {
                    "id": "501",
                    "line_number": 1,
                    "sku": "A",
                    "reason": "DAMAGED",
                    "reason_description": "Broken",
                    "condition": "OPENED",
                }
            ],
        }
    }


def received() -> Params:
    told = return_()
    del told["return"]["status"]
    told["return"]["origin_date"] = "2030-02-03T00:00:00Z"
    return told


def stock() -> Params:
    return {
        "snapshot": {
            "aggregate_id": "EU",
            "mode": "FULL",
            "created_on": "2030-01-31T12:00:00Z",
            "stock": [
                {"sku": "A", "quantity": 5, "unlimited": False},
                {"sku": "B", "quantity": 0, "unlimited": True, "inflight_backorders": 0},
            ],
        }
    }


def aggregate() -> Params:
    return {"aggregate": {"id": "EU", "name": "Europe", "sources": ["W1", "W2"]}}


def cancelled_line() -> Params:
    return {"order_id": "000000042", "order_line_id": "501"}


def deleted() -> Params:
    return {"aggregate_id": "EU"}


TOPICS: dict[ModuleType, Callable[[], Params]] = {
    order_created: order,
    order_updated: order,
    order_reported: order,
    line_cancelled: cancelled_line,
    customer_shipment_done: shipment,
    lines_shipped: warehouse,
    refund_updated: refund,
    refund_reported: refund,
    return_updated: return_,
    return_reported: return_,
    return_received: received,
    stock_updated: stock,
    aggregate_created: aggregate,
    aggregate_updated: aggregate,
    aggregate_deleted: deleted,
}
