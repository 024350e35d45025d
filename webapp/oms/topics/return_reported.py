"""A return, sent again because it was asked for (protocol: From the OMS, return_management.reported)."""

from typing import Final

from webapp.oms.topics.return_updated import Return, read

__all__ = ["TOPIC", "Return", "read"]

TOPIC: Final = "magento.postsales.return_management.reported"
