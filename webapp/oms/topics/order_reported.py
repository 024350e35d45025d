"""An order's state, sent again since it was asked for (protocol: From the OMS, order_management.reported)."""

from typing import Final

from webapp.oms.topics.order_updated import OrderStatus, read

__all__ = ["TOPIC", "OrderStatus", "read"]

TOPIC: Final = "magento.sales.order_management.reported"
