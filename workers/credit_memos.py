"""The queue `credit_memos`: callbacks about returns, refunds and appeasements."""

from workers.lanes import drain_lane


def drain() -> None:
    """Apply the callbacks that are due."""
    drain_lane("credit_memos")
