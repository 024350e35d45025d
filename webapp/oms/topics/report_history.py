"""Asking the OMS to send an order's state again (protocol: To the OMS, report_history)."""

from typing import Final

TOPIC: Final = "magento.sales.order_management.report_history"


def write(*, order_id: str, sales_channel_id: str) -> dict[str, object]:
    """The params of `report_history`; what it brings comes back as topics of its own (`…reported`)."""
    return {"sales_channel_id": sales_channel_id, "order_id": order_id}
