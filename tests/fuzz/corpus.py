"""Real messages and orders, as an OMS and a Magento store send them, to be mutated.

Order `FUZZ…` has three pieces of A (item 501) and one of B (item 502); its lines are numbered 1 to 4.
"""

from collections.abc import Callable
from random import Random
from typing import Any

from tests.fixtures.magento_documents import Document, an_item, an_order
from tests.fixtures.magento_orders import make_order
from tests.fuzz.oms_tables import CREATED, SHIPPED, UPDATED

Params = dict[str, Any]
LINES = ((1, "501", "A"), (2, "501", "A"), (3, "501", "A"), (4, "502", "B"))
STATUSES = (
    *("RECEIVED", "APPROVED", "ONHOLD", "ERROR", "LOGISTICS", "PICKREADY", "PICKCONFIRMED"),
    *("PARTIALLY_COMPLETE", "LOGISTICSCOMPLETE", "COMPLETE", "PRE_CANCELLATION", "SOMETHING_NEW"),
)


def base_order(number: str) -> Document:
    """The order that messages speak of."""
    items = [an_item(501, "A", 3, "64.23"), an_item(502, "B", 1, "35.77")]
    return an_order(items, 105, shipping=5, customer_email="ada@example.com") | {"increment_id": number}


def some_order(number: str, dice: Random) -> Document:
    """An order of any kind, often with much in it."""
    if dice.random() < 0.3:
        return base_order(number)
    made = make_order(dice).document
    extras: Document = {
        "entity_id": dice.randint(1, 10**6),
        "store_id": 1,
        "updated_at": "2024-05-02 11:00:00",
        "customer_id": 7,
        "customer_is_guest": 0,
        "customer_email": "ada@example.com",
        "remote_ip": "192.0.2.7",
        "coupon_code": "SPRING",
        "applied_rule_ids": "1,2",
        "payment": {"entity_id": 9, "method": "checkmo", "cc_last4": "4242", "last_trans_id": "T-1"},
    }
    return {**extras, **made, "increment_id": number}


def a_status(number: str, dice: Random) -> Params:
    """The order's status, and often its lines'."""
    at = f"2030-01-{dice.randint(1, 28):02}T{dice.randint(0, 23):02}:00:00+00:00"
    order: Params = {"id": number, "store": "base", "status": dice.choice(STATUSES), "status_date": at}
    if dice.random() < 0.3:
        order["status_reason"] = dice.choice(("READYTOSHIP", "IMPORTFAIL", "FULLYSHIPPED"))
    if dice.random() < 0.6:
        order["lines"] = [
            {
                "id": item,
                "line_number": line,
                "sku": sku,
                "status": dice.choice(("NEW", "PICKREADY")),
                "status_date": at,
            }
            for line, item, sku in dice.sample(LINES, dice.randint(1, 4))
        ]
    return {"order": order}


def a_creation(number: str, dice: Random) -> Params:
    """The OMS has loaded the order."""
    return {
        "order": {"id": number, "store": "base", "status": "RECEIVED", "status_date": "2030-01-01T00:00:00Z"}
    }


def a_shipment(number: str, dice: Random) -> Params:
    """One or two packages of some of the lines."""
    lines = dice.sample(LINES, dice.randint(1, 4))
    numbers = [line for line, _, _ in lines]
    cut = dice.randint(1, len(numbers))
    packages = [numbers[:cut], numbers[cut:]] if cut < len(numbers) else [numbers]
    name = f"S{dice.randint(1, 10**6)}"
    return {
        "shipment": {
            "shipment_id": name,
            "shipment_request_id": f"R-{name}",
            "store_id": "base",
            "order_id": number,
            "source_id": "W1",
            "method": "STANDARD",
            "shipment_date": "2030-01-31T13:00:00+01:00",
            "items": [
                {"order_line_id": item, "order_line_number": line, "sku": sku, "status": "SHIPPED"}
                for line, item, sku in lines
            ],
            "packages": [_package(f"P{place}", held, dice) for place, held in enumerate(packages)],
        }
    }


def _package(name: str, lines: list[int], dice: Random) -> Params:
    told: Params = {
        "id": name,
        "carrier": "DHL",
        "tracking_number": f"T-{name}",
        "tracking_link": f"https://track.example/{name}",
        "tracking_comment": "By the back door",
    }
    if dice.random() < 0.3:
        return {**told, "aggregated_items": [{"sku": "A", "order_lines": lines}]}
    return {**told, "items": lines}


MESSAGES: dict[str, Callable[[str, Random], Params]] = {
    CREATED: a_creation,
    UPDATED: a_status,
    SHIPPED: a_shipment,
}
# Topics nobody here is subscribed to.
UNKNOWN = (
    "magento.sales.nothing",
    "updated",
    "order_management.updated",
    "MAGENTO.SALES.ORDER_MANAGEMENT.UPDATED",
)
