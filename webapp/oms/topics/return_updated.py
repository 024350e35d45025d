"""A return, and where it stands (protocol: Return; F23)."""

from datetime import datetime
from typing import Annotated, Final

import msgspec

from webapp.domain.refusals import ABSENT, Refused
from webapp.oms.parcels import safe_link
from webapp.oms.spellings import Code, LineNumber, Status, also, read_struct

TOPIC: Final = "magento.postsales.return_management.updated"


class ReturnedLine(msgspec.Struct, frozen=True, kw_only=True):
    """One unit line that comes back; `id` and `sku` are there to be checked against ours."""

    line_number: Annotated[LineNumber, also("order_line_number", "order_line")]
    id: Annotated[Code | None, also("order_line_id", "order_item_id")] = None
    sku: Code | None = None
    status: Status | None = None
    reason: str = ""
    reason_description: str = ""
    condition: str = ""
    condition_description: str = ""


class Return(msgspec.Struct, frozen=True, kw_only=True):
    """A return; `status` and its date (UTC) are None where the OMS gave none, links http or https or ""."""

    order_id: str
    sales_channel_id: str
    rma: str | None
    status: str | None
    status_name: str
    status_reason: str | None
    status_date: datetime | None
    tracking_number: str
    tracking_link: str
    label_link: str
    carrier: str
    lines: tuple[ReturnedLine, ...]

    @property
    def order_number(self) -> str:
        """The order's increment id."""
        return self.order_id


class ReturnHead(msgspec.Struct, frozen=True, kw_only=True):
    """What both topics about returns tell in the same fields."""

    order_id: Code
    sales_channel_id: str = ""
    rma: Code | None = None
    return_tracking_number: str = ""
    return_tracking_url: str = ""
    return_tracking_label_url: str = ""
    return_tracking_carrier: str = ""
    lines: tuple[ReturnedLine, ...] = ()


class _Status(msgspec.Struct, frozen=True, kw_only=True):
    code: Status
    name: str = ""
    reason_code: Status | None = None
    reason_name: str = ""
    date: datetime | None = None


class _Return(ReturnHead, frozen=True, kw_only=True):
    status: _Status | None = None


class _Params(msgspec.Struct, frozen=True):
    return_: _Return = msgspec.field(name="return")


def read(params: object) -> Return:
    """The message's one form; raises `Refused` naming the field."""
    told = read_struct(params, _Params).return_
    if told.status is None:
        return as_return(told, status=None, status_date=None)
    return as_return(
        told,
        status=told.status.code,
        status_date=told.status.date,
        status_name=told.status.name,
        status_reason=told.status.reason_code,
    )


def as_return(
    told: ReturnHead,
    *,
    status: str | None,
    status_date: datetime | None,
    status_name: str = "",
    status_reason: str | None = None,
) -> Return:
    """The one form of both topics; raises `Refused` where neither its number nor a line says which it is."""
    if not told.lines and told.rma is None:
        raise Refused("return.lines", "at least one line, as there is no rma", ABSENT)
    return Return(
        order_id=told.order_id,
        sales_channel_id=told.sales_channel_id,
        rma=told.rma,
        status=status,
        status_name=status_name,
        status_reason=status_reason,
        status_date=status_date,
        tracking_number=told.return_tracking_number,
        tracking_link=safe_link(told.return_tracking_url),
        label_link=safe_link(told.return_tracking_label_url),
        carrier=told.return_tracking_carrier,
        lines=told.lines,
    )
