"""One piece of an item was cancelled (protocol: From the OMS, order_management.line_cancelled)."""

from typing import Annotated, Final

import msgspec

from webapp.oms.spellings import Code, also, read_struct

TOPIC: Final = "magento.sales.order_management.line_cancelled"


class CancelledLine(msgspec.Struct, frozen=True, kw_only=True):
    """The order and the Magento item id of which one more piece is cancelled; which piece is not told."""

    order_id: Code
    order_line_id: Annotated[Code, also("order_item_id")]

    @property
    def order_number(self) -> str:
        """The order's increment id."""
        return self.order_id


def read(params: object) -> CancelledLine:
    """The message's one form; raises `Refused` naming the field."""
    return read_struct(params, CancelledLine)
