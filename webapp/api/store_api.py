"""Store → connector: orders in and out (contract: POST /api/v1/orders; F15, F16)."""

from typing import Final, NotRequired, TypedDict, cast

from flask import Blueprint, Response, request

from webapp.api.answers import Body, answer, read_body, written
from webapp.api.bodies import read_raw
from webapp.api.described import Shape, described
from webapp.extensions import csrf, read
from webapp.flows.accept_order import Accepted, Export, accept_order, journal_refusal
from webapp.flows.hand_in_order import hand_in_order
from webapp.queries.order import find_order, open_files
from webapp.queries.order_json import OrderJson, OrderPage, order_as_json
from webapp.queries.orders import QUERY, OrderFilter, list_orders
from webapp.queries.paging import PAGE_QUERY, read_page
from webapp.security import ErrorJson, ErrorSaid, actor, needs_scope, refusal
from webapp.store.magento_schema import MOST_ORDERS, ORDER_MARKS, ORDERS_IN
from webapp.store.refusal import Refused

bp = Blueprint("store_api", __name__, url_prefix="/api/v1")
csrf.exempt(bp)


class AcceptedJson(TypedDict):
    """What became of an order handed in; `message_id` is the message that carries it to the OMS."""

    order: str
    export: Export
    message_id: NotRequired[str]
    reason: NotRequired[str]


class OneOfManyJson(TypedDict):
    """The same for one of several: either `order` and `export`, or `error`, its `field` with its place."""

    order: NotRequired[str]
    export: NotRequired[Export]
    message_id: NotRequired[str]
    reason: NotRequired[str]
    error: NotRequired[ErrorSaid]


class AcceptedList(TypedDict):
    """What became of each of several orders, in the order given."""

    items: list[OneOfManyJson]


ANSWERS: Final[dict[int, Shape]] = {
    201: AcceptedJson,
    202: (AcceptedJson, AcceptedList),
    422: (ErrorJson, AcceptedList),
    502: AcceptedJson,
}


@bp.post("/orders")
@needs_scope("orders:write")
@described(ANSWERS, takes=ORDERS_IN)
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
    told: AcceptedList = {"items": [_take_one(item, index) for index, item in enumerate(orders)]}
    return answer(told, 202 if any("export" in one for one in told["items"]) else 422)


def _checked(items: object) -> list[object]:
    if not isinstance(items, list) or not items:
        raise Refused("items", "a list of orders", items)
    if len(items) > MOST_ORDERS:
        raise Refused("items", f"at most {MOST_ORDERS} orders", f"{len(items)} orders")
    return items


def _take_one(item: object, index: int) -> OneOfManyJson:
    try:
        return cast("OneOfManyJson", _told(accept_order(item, written(item), actor())))
    except Refused as error:
        number = item.get("increment_id") if isinstance(item, dict) else None
        said: ErrorSaid = {
            "code": "invalid",
            "message": str(error),
            "field": f"items[{index}].{error.field}".rstrip("."),
        }
        return {"order": number, "error": said} if isinstance(number, str) else {"error": said}


def _told(accepted: Accepted) -> AcceptedJson:
    told: AcceptedJson = {"order": accepted.increment_id, "export": accepted.export}
    if accepted.message_uid:
        told["message_id"] = accepted.message_uid
    if accepted.reason:
        told["reason"] = accepted.reason
    return told


@bp.get("/orders")
@needs_scope("orders:read")
@described({200: OrderPage}, query={**PAGE_QUERY, **QUERY})
def show_orders() -> Response:
    """A page of orders, newest first."""
    page = read_page(request.args.get("limit"), request.args.get("cursor"))
    wanted = OrderFilter.read(request.args)
    with read() as session:
        found = list_orders(session, wanted, page)
        items = [order_as_json(file) for file in open_files(session, found.orders)]
    told: OrderPage = {"items": items, "next": str(found.next_before) if found.next_before else None}
    return answer(told)


@bp.get("/orders/<path:increment_id>")
@needs_scope("orders:read")
@described({200: OrderJson})
def show_order(increment_id: str) -> Response:
    """One order by its number."""
    with read() as session:
        file = find_order(session, increment_id)
        if file is None:
            return refusal(404, "not_found", f"There is no order {increment_id[:64]} here.")
        return answer(order_as_json(file))
