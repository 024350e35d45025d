"""The OMS has loaded an order (protocol: From the OMS, order_management.created; F20)."""

from datetime import datetime
from typing import Annotated, Final

import msgspec

from webapp.oms.spellings import Code, Status, also, read_struct

TOPIC: Final = "magento.sales.order_management.created"


class CreatedOrder(msgspec.Struct, frozen=True, kw_only=True):
    """The order's number; what else the message repeats of the order is for the journal."""

    id: Annotated[Code, also("order_id")]
    store: str = ""
    status: Status | None = None
    status_reason: Status | None = None
    status_date: datetime | None = None

    @property
    def order_number(self) -> str:
        """The order's increment id."""
        return self.id


class _Params(msgspec.Struct, frozen=True):
    order: CreatedOrder


def read(params: object) -> CreatedOrder:
    """The message's one form; raises `Refused` naming the field."""
    return read_struct(params, _Params).order
