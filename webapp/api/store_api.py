"""Store → connector: orders in and out (contract: POST /api/v1/orders; F15, F16)."""

from typing import Any

from flask import Blueprint, Response, request

from webapp.api.answers import Body, answer, read_body, written
from webapp.api.bodies import read_raw
from webapp.extensions import csrf, read
from webapp.flows.accept_order import Accepted, accept_order, journal_refusal
from webapp.flows.hand_in_order import hand_in_order
from webapp.queries.order import find_order, open_files
from webapp.queries.order_json import order_as_json
from webapp.queries.orders import OrderFilter, list_orders
from webapp.queries.paging import read_page
from webapp.security import actor, needs_scope, refusal
from webapp.store.refusal import Refused

bp = Blueprint("store_api", __name__, url_prefix="/api/v1")
csrf.exempt(bp)

MOST_ORDERS = 1_000
# What marks a document as an order of its own, rather than a list of them.
ORDER_MARKS = ("increment_id", "entity_id", "grand_total", "status", "state", "payment", "billing_address")


@bp.post("/orders")
@needs_scope("orders:write")
def take_orders() -> Response:
    """One Magento order, or `{"items": […]}` of them."""
    body = _read_orders(read_raw())
    data = body.value
    if isinstance(data, dict) and "items" in data and not any(mark in data for mark in ORDER_MARKS):
        return _take_many(data["items"])
    accepted = hand_in_order(data, body.raw, actor())
    status = {"exported": 201, "failed": 502}.get(accepted.export, 202) if accepted.awaited else 202
    return answer(_told(accepted), status)


def _read_orders(raw: bytes) -> Body:
    """The body's JSON; what is none is journaled before it is refused."""
    try:
        return read_body(raw)
    except Refused as refusal:
        journal_refusal(None, raw, refusal, actor())
        raise


def _take_many(items: object) -> Response:
    try:
        orders = _checked(items)
    except Refused as refusal:
        journal_refusal(None, written(items), refusal, actor())
        raise
    told = [_take_one(item, index) for index, item in enumerate(orders)]
    return answer({"items": told}, 202 if any("export" in one for one in told) else 422)


def _checked(items: object) -> list[object]:
    if not isinstance(items, list) or not items:
        raise Refused("items", "a list of orders", items)
    if len(items) > MOST_ORDERS:
        raise Refused("items", f"at most {MOST_ORDERS} orders", f"{len(items)} orders")
    return items


def _take_one(item: object, index: int) -> dict[str, Any]:
    try:
        return _told(accept_order(item, written(item), actor()))
    except Refused as error:
        number = item.get("increment_id") if isinstance(item, dict) else None
        said = {
            "code": "invalid",
            "message": str(error),
            "field": f"items[{index}].{error.field}".rstrip("."),
        }
        return {**({"order": number} if isinstance(number, str) else {}), "error": said}


def _told(accepted: Accepted) -> dict[str, Any]:
    told: dict[str, Any] = {"order": accepted.increment_id, "export": accepted.export}
    if accepted.message_uid:
        told["message_id"] = accepted.message_uid
    if accepted.reason:
        told["reason"] = accepted.reason
    return told


@bp.get("/orders")
@needs_scope("orders:read")
def show_orders() -> Response:
    """A page of orders, newest first."""
    page = read_page(request.args.get("limit"), request.args.get("cursor"))
    wanted = OrderFilter.read(request.args)
    with read() as session:
        found = list_orders(session, wanted, page)
        items = [order_as_json(file) for file in open_files(session, found.orders)]
    return answer({"items": items, "next": str(found.next_before) if found.next_before else None})


@bp.get("/orders/<path:increment_id>")
@needs_scope("orders:read")
def show_order(increment_id: str) -> Response:
    """One order by its number."""
    with read() as session:
        file = find_order(session, increment_id)
        if file is None:
            return refusal(404, "not_found", f"There is no order {increment_id[:64]} here.")
        return answer(order_as_json(file))
