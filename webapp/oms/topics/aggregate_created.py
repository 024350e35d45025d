"""An aggregate is new in the OMS (protocol: From the OMS, aggregate_management; F06)."""

from typing import Final

from webapp.oms.topics.aggregate_updated import Aggregate, read

__all__ = ["TOPIC", "Aggregate", "read"]

TOPIC: Final = "magento.inventory.aggregate_management.created"
