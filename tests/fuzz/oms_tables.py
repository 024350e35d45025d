"""Each topic's fields, and what its fields say together (protocol: From the OMS)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.fuzz.tables import (
    MISSING,
    Field,
    Kind,
    Leaf,
    List,
    Object,
    Wrong,
    find,
    is_code,
    is_no_date,
    is_oms_date,
    is_oms_text,
    is_status,
    whole,
    wrong,
)

CREATED = "magento.sales.order_management.created"
UPDATED = "magento.sales.order_management.updated"
SHIPPED = "magento.logistics.fulfillment_management.customer_shipment_done"


def _absent(value: Any) -> bool:
    return value is None or value == ""


def _no_object(value: Any) -> bool:
    return value is None or value in ([], "")


def _object(**fields: Field) -> Object:
    return Object(fields, none=_no_object, spelt=True)


TEXT = Leaf(is_oms_text, _absent)
CODE = Leaf(is_code, _absent)
STATUS = Leaf(is_status, _absent)
DATE = Leaf(is_oms_date, is_no_date)
LINE_NUMBER = Leaf(whole(1, 2**31 - 1), _absent)
ANYTHING = Leaf(lambda value: True, _absent)  # noqa: ARG005

LINE_ID = ("order_line_id", "order_item_id")
STATUS_LINE = _object(
    line_number=Field(LINE_NUMBER, also=("order_line_number", "order_line")),
    id=Field(CODE, also=LINE_ID),
    sku=Field(CODE),
    status=Field(STATUS),
    status_reason=Field(STATUS),
    status_date=Field(DATE),
)
ORDER = {
    "id": Field(CODE, needed=True, also=("order_id",)),
    "store": Field(TEXT),
    "status": Field(STATUS),
    "status_reason": Field(STATUS),
    "status_date": Field(DATE),
}
SHIPPED_ITEM = _object(
    order_line_number=Field(LINE_NUMBER, needed=True, also=("line_number", "order_line")),
    order_line_id=Field(CODE, also=("id", "order_item_id", "line_id")),
    sku=Field(CODE),
    name=Field(TEXT),
    item_type=Field(STATUS),
    status=Field(STATUS),
    status_reason=Field(STATUS),
    status_date=Field(DATE),
)
AGGREGATED = _object(sku=Field(CODE), order_lines=Field(List(ANYTHING, _absent)))
PACKAGE = _object(
    id=Field(CODE),
    items=Field(List(LINE_NUMBER, _absent)),
    aggregated_items=Field(List(AGGREGATED, _absent)),
    carrier=Field(TEXT),
    tracking_number=Field(TEXT),
    tracking_link=Field(TEXT),
    tracking_comment=Field(TEXT),
)
SHIPMENT = _object(
    order_id=Field(CODE, needed=True),
    shipment_id=Field(CODE),
    shipment_request_id=Field(CODE, also=("request_id",)),
    shipment_date=Field(DATE),
    store_id=Field(TEXT),
    source_id=Field(TEXT),
    method=Field(TEXT),
    items=Field(List(SHIPPED_ITEM, _absent)),
    packages=Field(List(PACKAGE, _absent)),
)


@dataclass(frozen=True)
class Topic:
    """A topic's table; `together` are paths that may be to blame for what no field says by itself.

    `here` are paths by which something must be found here, which may not be.
    """

    params: Kind
    together: tuple[str, ...] = ()
    here: tuple[str, ...] = ()


_OF_A_LINE = r"(line_number|order_line_number|id|order_line_id|sku)"
TOPICS = {
    CREATED: Topic(_object(order=Field(_object(**ORDER), needed=True)), here=(r"order\.id",)),
    UPDATED: Topic(
        _object(order=Field(_object(**ORDER, lines=Field(List(STATUS_LINE, _absent))), needed=True)),
        together=(r"order\.status", r"order\.lines\[\d+\]\.line_number"),
        here=(r"order\.id", rf"order\.lines\[\d+\]\.{_OF_A_LINE}"),
    ),
    SHIPPED: Topic(
        _object(shipment=Field(SHIPMENT, needed=True)),
        together=(
            r"shipment\.items",
            r"shipment\.packages\[\d+\]\.aggregated_items\[\d+\]\.order_lines\[\d+\]",
        ),
        here=(
            r"shipment\.order_id",
            rf"shipment\.items\[\d+\]\.{_OF_A_LINE}",
            r"shipment\.packages\[\d+\](\.items(\[\d+\])?)?",
        ),
    ),
}


def wrong_params(topic: str, params: Any) -> list[Wrong]:
    """All that does not fit in a message's params."""
    found = list(wrong(TOPICS[topic].params, params))
    if not found and topic == UPDATED:
        found.extend(_unsaid(params))
    return found


def _unsaid(params: Any) -> Iterator[Wrong]:
    """A status of the order or of a line has to be told, and of a line with one its number."""
    order = find(params, "order", ())
    lines = find(order, "lines", ())
    told = [one for one in lines if isinstance(one, dict)] if isinstance(lines, list) else []
    with_status = [one for one in told if _is_told(one, "status", ())]
    if not with_status and not _is_told(order, "status", ()):
        yield Wrong("order.status")
    for place, one in enumerate(told):
        if one in with_status and not _is_told(one, "line_number", ("order_line_number", "order_line")):
            yield Wrong(f"order.lines[{place}].line_number")


def _is_told(value: Any, name: str, also: tuple[str, ...]) -> bool:
    return find(value, name, also) not in (MISSING, None, "")
