"""The life of an order as the OMS tells it: five events, dated; and the order of the store it is about."""

from typing import Any

from tests.fixtures.magento_documents import Document, an_item, an_order

ROWS = 4
PIECES = 5
PRODUCTS = ROWS
EVENTS = 5
_SALES = "magento.sales.order_management"
_SHIPPED = "magento.logistics.fulfillment_management.customer_shipment_done"


def store_order(place: int) -> Document:
    """An order of five pieces of four articles that no other order has, and of shipping."""
    first = place * ROWS + 1
    rows = [an_item(first + row, f"SKU-{first + row}", 2 if row == 0 else 1, 20) for row in range(ROWS)]
    more = {"increment_id": f"C{place:06}", "entity_id": place + 1}
    return an_order(rows, 85, subtotal=80, shipping=5, **more)


def events(order: Any) -> list[tuple[str, Document]]:
    """Topic and params of each event, in the order in which an OMS would tell them."""
    number, goods = order["id"], [one for one in order["lines"] if one["product_type"] == "PHYSICAL"]
    items = [
        {
            "order_line_id": one["id"],
            "order_line_number": one["line_number"],
            "sku": one["sku"],
            "status": "SHIPPED",
        }
        for one in goods
    ]
    numbers = [one["line_number"] for one in goods]
    packages = [_package(number, 1, numbers[:2]), _package(number, 2, numbers[2:])]
    shipment = {
        "shipment_id": f"S-{number}",
        "order_id": number,
        "shipment_date": "2030-01-03T12:00:00Z",
        "items": items,
        "packages": packages,
    }
    return [
        (f"{_SALES}.created", {"order": {"id": number}}),
        (f"{_SALES}.updated", _status(number, "RECEIVED", "IMPORTED", 1)),
        (f"{_SALES}.updated", _status(number, "LOGISTICS", "READYTOSHIP", 2)),
        (_SHIPPED, {"shipment": shipment}),
        (f"{_SALES}.updated", _status(number, "COMPLETE", "FULLYSHIPPED", 4)),
    ]


def _status(number: str, status: str, reason: str, day: int) -> Document:
    told = {"id": number, "status": status, "status_reason": reason}
    return {"order": told | {"status_date": f"2030-01-{day:02}T12:00:00Z"}}


def _package(number: str, place: int, lines: list[int]) -> Document:
    track = f"T{number}-{place}"
    return {
        "id": f"P{place}",
        "items": lines,
        "carrier": "DHL",
        "tracking_number": track,
        "tracking_link": f"https://track.example/{track}",
    }
