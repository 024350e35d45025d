"""What an OMS says of an order of three pieces of A and one of B, and how the order stands by it."""

from typing import Any

from tests.fixtures.entrances import CallingOms, Reply, Store
from tests.fixtures.magento_documents import Document, an_item, an_order

NUMBER = "000000042"
CREATED = "magento.sales.order_management.created"
UPDATED = "magento.sales.order_management.updated"
SHIPMENT = "magento.logistics.fulfillment_management.customer_shipment_done"
SKUS = {1: "A", 2: "A", 3: "A", 4: "B"}
ITEMS = {1: "1", 2: "1", 3: "1", 4: "2"}


def a_and_b(**more: Any) -> Document:
    """Pieces 1 to 3 of A, 4 of B, and shipping as line 5."""
    return an_order([an_item(1, "A", 3, 30), an_item(2, "B", 1, 10)], 45, shipping=5) | more


def order_told(status: str | None, day: int, reason: str = "", **more: Any) -> Document:
    """The params of an order's status, on a day of January 2030."""
    told = {
        "id": NUMBER,
        "status": status,
        "status_reason": reason or None,
        "status_date": f"2030-01-{day:02}T12:00:00Z",
    }
    return {"order": {name: value for name, value in told.items() if value is not None} | more}


def line_told(number: int, status: str, day: int, **more: Any) -> Document:
    """What is said of a line, with what it is checked by."""
    checked = {"id": ITEMS[number], "sku": SKUS[number]}
    return {"line_number": number, "status": status, "status_date": f"2030-01-{day:02}", **checked, **more}


def package(name: str, *lines: int, **more: Any) -> Document:
    """A package with its track."""
    return {
        "id": name,
        "items": list(lines),
        "carrier": "DHL",
        "tracking_number": f"T-{name}",
        "tracking_link": f"https://track.example/{name}",
        **more,
    }


def shipment_told(*packages: Document, items: list[Document] | None = None, **more: Any) -> Document:
    """The params of a shipment of what is in these packages."""
    lines = [number for one in packages for number in one.get("items", [])]
    told = [
        {
            "order_line_number": number,
            "order_line_id": ITEMS.get(number),
            "sku": SKUS.get(number),
            "status": "SHIPPED",
        }
        for number in lines
    ]
    return {
        "shipment": {
            "shipment_id": "S1",
            "shipment_request_id": "R1",
            "order_id": NUMBER,
            "shipment_date": "2030-01-09T13:00:00+01:00",
            "items": told if items is None else items,
            "packages": list(packages),
            **more,
        }
    }


class TellingOms:
    """An OMS that tells of one order, and has each word applied before the next."""

    def __init__(self, store: Store, oms: CallingOms) -> None:
        store.set(inbound__mode="sync")
        self._oms = oms

    def says(self, topic: str, params: Document) -> Reply:
        """Something that has to be taken."""
        reply = self._oms.tell(topic, params)
        assert reply.said.get("result") is True, reply.said
        return reply

    def is_refused(self, topic: str, params: Document) -> tuple[str, str]:
        """Something that has to be refused; gives the field and the sentence."""
        reply = self._oms.tell(topic, params)
        assert (reply.status, reply.error["code"]) == (200, -32602), reply.said
        return reply.error["data"]["field"], reply.error["message"]


def comments(store: Store) -> list[str]:
    """The order's history."""
    return [one["comment"] for one in store.order(NUMBER)["status_histories"]]


def line_statuses(store: Store) -> dict[int, str | None]:
    """Where each line stands."""
    return {one["line_number"]: one["status"] for one in store.order(NUMBER)["oms"]["lines"]}


def shipments(store: Store) -> list[tuple[dict[str, int], list[str]]]:
    """What is in each shipment (SKU and pieces), and its tracking numbers."""
    return [
        (
            {item["sku"]: item["qty"] for item in one["items"]},
            [track["track_number"] for track in one["tracks"]],
        )
        for one in store.order(NUMBER)["shipments"]
    ]
