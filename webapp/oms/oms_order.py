"""An order as the OMS answers it, to be compared with what was sent (F05: already exists)."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec

from webapp.oms.answers import read_result
from webapp.oms.spellings import Code, LineNumber, Status, also, read_struct


class _Amount(msgspec.Struct, frozen=True, kw_only=True):
    gross_amount: Decimal | None = None
    net_amount: Decimal | None = None
    tax_amount: Decimal | None = None


class OmsLine(msgspec.Struct, frozen=True, kw_only=True):
    """One unit line as the OMS has it; `amount` is None where the peer does not say."""

    line_number: Annotated[LineNumber, also("order_line_number")]
    id: Annotated[Code | None, also("order_line_id")] = None
    sku: Code | None = None
    status: Status | None = None
    status_reason: Status | None = None
    status_date: datetime | None = None
    amount: _Amount | None = None

    @property
    def gross(self) -> Decimal | None:
        """The line's gross, where the OMS says it."""
        return None if self.amount is None else self.amount.gross_amount


class OmsOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order as the OMS has it."""

    id: Annotated[Code, also("order_id")]
    status: Status | None = None
    status_reason: Status | None = None
    status_date: datetime | None = None
    lines: tuple[OmsLine, ...] = ()


def read_order(answer: bytes) -> OmsOrder | None:
    """The order in an answer's result, bare or as `{"order": …}`; None where there is none.

    Raises `Refused` naming the field, `WireError` where the answer is no JSON.
    """
    told = read_result(answer)
    if isinstance(told, dict) and isinstance(told.get("order"), dict):
        told = told["order"]
    if not told or isinstance(told, bool | str):
        return None
    return read_struct(told, OmsOrder, "result")
