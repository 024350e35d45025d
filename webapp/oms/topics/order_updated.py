"""An order's status and its lines' (protocol: From the OMS, order_management.updated; F18, F19)."""

from datetime import datetime
from typing import Annotated, Final

import msgspec

from webapp.domain.refusals import ABSENT, Refused
from webapp.oms.spellings import Code, LineNumber, Status, also, read_struct

TOPIC: Final = "magento.sales.order_management.updated"


class LineStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What the OMS says of one unit line; `id` and `sku` are there to be checked against ours."""

    line_number: Annotated[LineNumber | None, also("order_line_number", "order_line")] = None
    id: Annotated[Code | None, also("order_line_id", "order_item_id")] = None
    sku: Code | None = None
    status: Status | None = None
    status_reason: Status | None = None
    status_date: datetime | None = None


class OrderStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What the OMS says of an order: `status` or that of a line is there, dates are UTC."""

    id: Annotated[Code, also("order_id")]
    store: str = ""
    status: Status | None = None
    status_reason: Status | None = None
    status_date: datetime | None = None
    lines: tuple[LineStatus, ...] = ()

    @property
    def order_number(self) -> str:
        """The order's increment id."""
        return self.id


class _Params(msgspec.Struct, frozen=True):
    order: OrderStatus


def read(params: object) -> OrderStatus:
    """The message's one form; raises `Refused` naming the field."""
    order = read_struct(params, _Params).order
    if order.status is None and all(line.status is None for line in order.lines):
        raise Refused("order.status", "the status of the order, or of a line", ABSENT)
    for index, line in enumerate(order.lines):
        if line.status is not None and line.line_number is None:
            raise Refused(f"order.lines[{index}].line_number", "a whole number", ABSENT)
    return order
