"""A refund, and where it stands (protocol: Refund; F24, F25, F30)."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Final, Literal

import msgspec

from webapp.domain.refusals import ABSENT, Refused
from webapp.oms.spellings import Amount, Code, LineNumber, Status, also, read_struct

TOPIC: Final = "magento.postsales.refund_management.updated"

# The status that gives money back; all others are told, and have no effect.
RELEASED: Final = "RELEASED"

RefundType = Literal["return", "cancellation", "appeasement"]

_TYPES: Final[Mapping[str, RefundType]] = {
    "RETURN": "return",
    "CANCELLATION": "cancellation",
    "CANCELLED": "cancellation",
    "CANCELED": "cancellation",
    "APPEASEMENT": "appeasement",
}


class RefundedLine(msgspec.Struct, frozen=True, kw_only=True):
    """What a unit line gets back: `gross` is the truth, `tax` what the OMS said of it (None: nothing).

    Amounts are those of all the line's payments together, of at least 0; 0 where a refund that is not
    released names none. `id` is there to be checked against ours.
    """

    line_number: int
    id: str | None
    gross: Decimal
    net: Decimal | None
    tax: Decimal | None
    tax_rate: Decimal | None
    reason: str
    reason_description: str


class Refund(msgspec.Struct, frozen=True, kw_only=True):
    """A refund; `type` is None where the OMS named none, dates are UTC or None."""

    order_id: str
    sales_channel_id: str
    credit_note_number: str | None
    credit_note_date: datetime | None
    status: str
    status_name: str
    status_reason: str | None
    status_date: datetime | None
    type: RefundType | None
    rma: str | None
    reason: str
    user: str
    lines: tuple[RefundedLine, ...]

    @property
    def order_number(self) -> str:
        """The order's increment id."""
        return self.order_id


class _Details(msgspec.Struct, frozen=True, kw_only=True):
    cost_gross: Amount
    cost_net: Amount | None = None
    cost_vat: Amount | None = None
    vat_rate: Amount | None = None


class _Payment(msgspec.Struct, frozen=True, kw_only=True):
    details: _Details
    ref: str = ""


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    order_line: Annotated[LineNumber, also("line_number", "order_line_number")]
    order_item_id: Annotated[Code | None, also("order_line_id", "id")] = None
    reason: str = ""
    reason_description: str = ""
    payments: tuple[_Payment, ...] = ()


class _Status(msgspec.Struct, frozen=True, kw_only=True):
    code: Status
    name: str = ""
    reason_code: Status | None = None
    reason_name: str = ""
    date: datetime | None = None


class _Refund(msgspec.Struct, frozen=True, kw_only=True):
    order_id: Code
    status: _Status
    sales_channel_id: str = ""
    credit_note_number: Code | None = None
    credit_note_date: datetime | None = None
    refund_type: Status | None = None
    rma: Code | None = None
    user: str = ""
    refund_reason: str = ""
    lines: tuple[_Line, ...] = ()


class _Params(msgspec.Struct, frozen=True):
    refund: _Refund


def read(params: object) -> Refund:
    """The message's one form; raises `Refused` naming the field."""
    told = read_struct(params, _Params).refund
    released = told.status.code == RELEASED
    if released and not told.lines:
        raise Refused("refund.lines", "at least one line", ABSENT)
    return Refund(
        order_id=told.order_id,
        sales_channel_id=told.sales_channel_id,
        credit_note_number=told.credit_note_number,
        credit_note_date=told.credit_note_date,
        status=told.status.code,
        status_name=told.status.name,
        status_reason=told.status.reason_code,
        status_date=told.status.date,
        type=_read_type(told.refund_type),
        rma=told.rma,
        reason=told.refund_reason,
        user=told.user,
        lines=tuple(
            _read_line(line, f"refund.lines[{index}]", released=released)
            for index, line in enumerate(told.lines)
        ),
    )


def _read_type(written: str | None) -> RefundType | None:
    if written is None:
        return None
    if written not in _TYPES:
        raise Refused("refund.refund_type", "return, cancellation or appeasement", written)
    return _TYPES[written]


def _read_line(line: _Line, path: str, *, released: bool) -> RefundedLine:
    if released and not line.payments:
        raise Refused(f"{path}.payments", "at least one payment", ABSENT)
    details = [payment.details for payment in line.payments]
    return RefundedLine(
        line_number=line.order_line,
        id=line.order_item_id,
        gross=sum((one.cost_gross for one in details), Decimal(0)),
        net=_total([one.cost_net for one in details]),
        tax=_total([one.cost_vat for one in details]),
        tax_rate=details[0].vat_rate if details else None,
        reason=line.reason,
        reason_description=line.reason_description,
    )


def _total(amounts: list[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if len(known) == len(amounts) else None
