"""A refund, sent again because it was asked for (protocol: From the OMS, refund_management.reported)."""

from typing import Final

from webapp.oms.topics.refund_updated import Refund, read

__all__ = ["TOPIC", "Refund", "read"]

TOPIC: Final = "magento.postsales.refund_management.reported"
