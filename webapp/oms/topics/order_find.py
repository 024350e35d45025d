"""Asking the OMS for an order (protocol: To the OMS, order_repository.find; F05)."""

from typing import Final

from webapp.oms.oms_order import OmsOrder, read_order

TOPIC: Final = "magento.sales.order_repository.find"


def write(*, order_id: str, sales_channel_id: str) -> dict[str, object]:
    """The params of `find`."""
    return {"id": order_id, "sales_channel_id": sales_channel_id}


def read_answer(answer: bytes) -> OmsOrder | None:
    """The order as the OMS has it, None where it has none; raises `Refused` or `WireError`."""
    return read_order(answer)
