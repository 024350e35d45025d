"""The queue `stock`: callbacks about stock snapshots."""

from workers.lanes import drain_lane


def drain() -> None:
    """Apply the callbacks that are due."""
    drain_lane("stock")
