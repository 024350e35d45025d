"""From order to parcel: what the OMS tells of statuses, shipments and cancellations (F18, F20–F22)."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from webapp.sandbox import clock
from webapp.sandbox.callbacks import say
from webapp.sandbox.dialects import dialect_in_force
from webapp.sandbox.order_book import FINAL, GOODS, HeldOrder
from webapp.sandbox.refusal import wrong
from webapp.sandbox.state import Database
from webapp.sandbox.wire import Json

_ORDERS = "magento.sales.order_management"
_SHIPMENT_DONE = "magento.logistics.fulfillment_management.customer_shipment_done"
_LINES_SHIPPED = "magento.logistics.warehouse_management.lines_shipped"


def order_key(held: HeldOrder) -> str:
    """What keeps an order's callbacks in order."""
    return f"order:{held.id}"


def tell_created(db: Database, held: HeldOrder) -> int:
    """The order is loaded."""
    held.step = max(held.step, 1)
    return say(db, order_key(held), f"{_ORDERS}.created", {"order": held.order})


def tell_status(db: Database, held: HeldOrder, status: str, reason: str | None, date: datetime) -> None:
    """The order's status from now on, and how its lines stand."""
    if held.step == 0:
        tell_created(db, held)
    held.order.update(status=status, status_reason=reason, status_date=clock.rfc3339(date))
    say(db, order_key(held), f"{_ORDERS}.updated", {"order": held.order})


def mark_lines(lines: Sequence[Json], status: str, reason: str | None, date: datetime) -> None:
    """Give these lines a status; what is shipped or cancelled stays so."""
    for line in lines:
        if line["status"] not in FINAL:
            line.update(status=status, status_reason=reason, status_date=clock.rfc3339(date))


def ship(db: Database, held: HeldOrder, lines: Sequence[Json], packages: list[Json] | None) -> Json:
    """Send these lines out; the first shipment takes SHIPPING and SERVICE along. Answers the shipment.

    `packages`: `[{items, carrier?, tracking_number?, tracking_link?, tracking_comment?}]`, None for one
    parcel of all of it with a number of its own, [] for none told.
    """
    date = held.next_date()
    if packages is None:
        packages = [_parcel(held, lines, with_shipping=dialect_in_force(db).packs_shipping)]
    shipment = _shipment(held, lines, packages, date)
    mark_lines(lines, "SHIPPED", None, date)
    mark_lines(held.open_lines("SHIPPING", "SERVICE"), "SHIPPED", None, date)
    _settle_bundles(held, date)
    held.shipments.append(shipment)
    if held.step == 0:
        tell_created(db, held)
    say(db, order_key(held), _SHIPMENT_DONE, {"shipment": shipment})
    return shipment


def tell_lines_shipped(
    db: Database, held: HeldOrder, lines: Sequence[Json], packages: list[Json] | None, request_id: str | None
) -> None:
    """The warehouse's own word for a shipment: names lines, and no order."""
    date = held.next_date()
    number = request_id or (held.shipments[-1]["shipment_request_id"] if held.shipments else f"REQ-{held.id}")
    items = [_item(line, date) for line in lines]
    parcels = [_package(number, held, index, told) for index, told in enumerate(packages or [])]
    mark_lines(lines, "SHIPPED", None, date)
    _settle_bundles(held, date)
    told: Json = {"request_id": number, "packages": parcels, "items": items}
    if dialect_in_force(db).warehouse_names_order:
        told["order_id"] = held.id
    say(db, order_key(held), _LINES_SHIPPED, told)


def cancel_order(db: Database, held: HeldOrder, reason: str) -> None:
    """All that is not shipped is cancelled; the order too, where nothing is."""
    date = held.next_date()
    open_lines = [line for line in held.lines if line["status"] not in FINAL]
    mark_lines(open_lines, "CANCELLED", reason, date)
    held.advancing = False
    if any(line["status"] == "SHIPPED" for line in held.lines):
        tell_status(db, held, "COMPLETE", "PARTIALLYSHIPPED", date)
    else:
        tell_status(db, held, "CANCELLED", reason, date)


def cancel_lines(db: Database, held: HeldOrder, lines: Sequence[Json], reason: str) -> None:
    """These pieces are cancelled: one `line_cancelled` each, then the order with its lines."""
    date = held.next_date()
    mark_lines(lines, "CANCELLED", reason, date)
    _settle_bundles(held, date)
    if held.step == 0:
        tell_created(db, held)
    for line in lines:
        told = {"order_id": held.id, "order_line_id": line["id"]}
        say(db, order_key(held), f"{_ORDERS}.line_cancelled", told)
    tell_what_is_left(db, held, date)


def tell_what_is_left(db: Database, held: HeldOrder, date: datetime) -> None:
    """The order's status after some of its lines were shipped or cancelled by hand."""
    goods = [line for line in held.lines if line["product_type"] in GOODS]
    shipped = [line for line in goods if line["status"] == "SHIPPED"]
    if held.open_lines("PHYSICAL") or (not shipped and held.open_lines("VIRTUAL")):
        status = "PARTIALLY_COMPLETE" if shipped else held.order["status"]
        tell_status(db, held, status, None if shipped else held.order["status_reason"], date)
    elif all(line["status"] == "CANCELLED" for line in goods):
        mark_lines(held.lines, "CANCELLED", "ASSOCIATEDITEMCANCELLED", date)
        tell_status(db, held, "COMPLETE", "FULLYCANCELLED", date)
    else:
        tell_status(db, held, "LOGISTICSCOMPLETE", None, date)
        complete_order(db, held)


def complete_order(db: Database, held: HeldOrder) -> None:
    """Everything left is done: virtual goods count as shipped, so do shipping and services."""
    date = held.next_date()
    mark_lines(held.lines, "SHIPPED", None, date)
    held.advancing = False
    partly = any(line["status"] == "CANCELLED" for line in held.lines)
    tell_status(db, held, "COMPLETE", "PARTIALLYSHIPPED" if partly else "FULLYSHIPPED", date)


def _settle_bundles(held: HeldOrder, date: datetime) -> None:
    """A bundle is shipped or cancelled once all its children are one or the other."""
    for bundle in held.open_lines("BUNDLE"):
        children = [line for line in held.lines if line.get("parent_line_number") == bundle["line_number"]]
        if all(child["status"] in FINAL for child in children):
            shipped = any(child["status"] == "SHIPPED" for child in children)
            mark_lines([bundle], "SHIPPED" if shipped else "CANCELLED", None, date)


def _parcel(held: HeldOrder, lines: Sequence[Json], *, with_shipping: bool) -> Json:
    """All of it in one; the first parcel of an order is where some peers put the SHIPPING line too."""
    number = uuid.uuid4().hex[:12].upper()
    packed = [*lines, *(held.open_lines("SHIPPING") if with_shipping else [])]
    return {
        "items": [line["line_number"] for line in packed],
        "carrier": "DHL",
        "tracking_number": number,
        "tracking_link": f"https://tracking.example/{number}",
    }


def _shipment(held: HeldOrder, lines: Sequence[Json], packages: list[Json], date: datetime) -> Json:
    number = f"SHP-{held.id}-{len(held.shipments) + 1}"
    return {
        "shipment_id": number,
        "shipment_request_id": f"REQ-{held.id}-{len(held.shipments) + 1}",
        "store_id": held.store,
        "order_id": held.id,
        "source_id": "WAREHOUSE-1",
        "method": _method(held),
        "shipment_date": clock.rfc3339(date),
        "items": [_item(line, date) for line in lines],
        "packages": [_package(number, held, index, told) for index, told in enumerate(packages)],
        "address": held.order["addresses"][0],
    }


def _method(held: HeldOrder) -> str:
    return next((str(line["sku"]) for line in held.lines if line["product_type"] == "SHIPPING"), "STANDARD")


def _item(line: Json, date: datetime) -> Json:
    item: dict[str, Any] = {
        "order_line_id": line["id"],
        "order_line_number": line["line_number"],
        "item_type": line["product_type"],
        "sku": line["sku"],
        "status": "SHIPPED",
        "status_date": clock.rfc3339(date),
    }
    if line.get("product_name") is not None:
        item["name"] = line["product_name"]
    if line.get("parent_line_number") is not None:
        item["parent_order_line_number"] = line["parent_line_number"]
    return item


def _package(shipment: str, held: HeldOrder, index: int, told: Json) -> Json:
    numbers = told["items"]
    by_item: dict[tuple[str, str], list[int]] = {}
    for number in numbers:
        line = held.line(number, f"packages[{index}].items")
        by_item.setdefault((line["id"], line["sku"]), []).append(number)
    package = {
        "id": f"{shipment}-P{index + 1}",
        "items": numbers,
        "aggregated_items": [
            {"aggregated_line_id": line_id, "sku": sku, "quantity": len(these), "order_lines": these}
            for (line_id, sku), these in by_item.items()
        ],
    }
    for name in ("id", "carrier", "tracking_number", "tracking_link", "tracking_comment"):
        if told.get(name) is not None:
            package[name] = told[name]
    return package


def refuse_if_in_logistics(held: HeldOrder) -> None:
    """A cancel comes too late once the order is with logistics; an order already cancelled may be again."""
    if held.order["status"] in ("LOGISTICS", "PICKREADY", "PICKCONFIRMED", "PARTIALLY_COMPLETE"):
        raise wrong("order_id", "an order that is not in logistics yet", f"{held.id}: {held.order['status']}")
    if held.order["status"] in ("LOGISTICSCOMPLETE", "COMPLETE", "REJECTED", "ABORTED"):
        raise wrong("order_id", "an order that is not over", f"{held.id}: {held.order['status']}")
