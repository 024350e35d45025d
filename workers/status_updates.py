"""The queue `status_updates`: callbacks about order status and shipments."""

from workers.lanes import drain_lane


def drain() -> None:
    """Apply the callbacks that are due."""
    drain_lane("status_updates")
