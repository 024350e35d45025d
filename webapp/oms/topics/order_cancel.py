"""Asking the OMS to cancel a whole order (protocol: To the OMS, order_management.cancel; F22)."""

from typing import Final

from webapp.oms.oms_order import OmsOrder, read_order

TOPIC: Final = "magento.sales.order_management.cancel"


def write(*, order_id: str, sales_channel_id: str, user: str) -> dict[str, object]:
    """The params of `cancel`; `user` is who asked for it, as the OMS is to note it."""
    return {"order_id": order_id, "sales_channel_id": sales_channel_id, "user": user}


def read_answer(answer: bytes) -> OmsOrder | None:
    """The order as the OMS answered it, None where its answer has none; raises `Refused` or `WireError`."""
    return read_order(answer)
