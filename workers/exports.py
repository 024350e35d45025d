"""The queues `orders` and `catalog`: what goes out to the OMS."""

from workers.lanes import drain_lane


def drain_orders() -> None:
    """Send the orders that are due."""
    drain_lane("orders")


def drain_catalog() -> None:
    """Send the products that are due."""
    drain_lane("catalog")
