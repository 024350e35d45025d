"""A stop asked for in the middle of a drain: told to the drain, which ends after its batch."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from redis.exceptions import RedisError


@contextmanager
def heeded() -> Iterator[Callable[[], bool]]:
    """Within the block, gives a function that says whether SIGTERM or SIGINT has come.

    What RQ's worker does on a signal (end once the job is done) it still does.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    asked = threading.Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def ask(number: int, frame: FrameType | None) -> None:
        asked.set()
        earlier = before[signal.Signals(number)]
        if callable(earlier):
            # RQ notes the stop in Redis too; where that is away, the stop itself is still in force.
            with suppress(RedisError, OSError):
                earlier(number, frame)

    for number in before:
        signal.signal(number, ask)
    try:
        yield asked.is_set
    finally:
        for number, earlier in before.items():
            if signal.getsignal(number) is ask:
                signal.signal(number, earlier)
