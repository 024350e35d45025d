"""`python -m workers.scheduler`: asks for a sweep every few seconds.

The sweep itself runs in the `retries` lane and is idempotent, so two schedulers do no harm. What is due
when is in the database; where Redis is away a ring is dropped, and the next one makes up for it.
"""

import signal
import threading
from types import FrameType

from webapp.messaging import bell
from workers import application

SWEEP_SECONDS = 2.0


def main() -> None:
    """Ring until SIGTERM or SIGINT."""
    stop = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
    with application.current().app_context():
        while not stop.is_set():
            bell.ring_sweep()
            stop.wait(SWEEP_SECONDS)


if __name__ == "__main__":
    main()
