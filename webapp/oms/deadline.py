"""One time limit over everything a call does: names, connecting, TLS, sending, each piece of the answer.

Libraries limit each read by itself, so a far side that sends a byte now and then holds a call for ever.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_CURRENT = threading.local()


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Within it `seconds_left` counts down from `seconds`, or from what an outer limit leaves."""
    outer: float | None = getattr(_CURRENT, "ends", None)
    ends = time.monotonic() + seconds
    _CURRENT.ends = ends if outer is None else min(ends, outer)
    try:
        yield
    finally:
        _CURRENT.ends = outer


def seconds_left() -> float | None:
    """What is left of this thread's limit, or None where there is none; raises `TimeoutError` when over."""
    ends: float | None = getattr(_CURRENT, "ends", None)
    if ends is None:
        return None
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError("the time limit of the call is over")
    return left
