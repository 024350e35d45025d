"""`python -m workers.scheduler`: asks for a sweep every few seconds.

The sweep itself runs in the `retries` lane and is idempotent, so two schedulers do no harm. What is due
when is in the database; where Redis is away a ring is dropped, and the next one makes up for it. As long as
no worker can be woken, this process looks after the alerts itself: that nothing moves is what they are for.
"""

import signal
import threading
from types import FrameType

import structlog
from sqlalchemy.exc import SQLAlchemyError

from webapp.flows.look_after import look_after
from webapp.messaging import bell
from webapp.pages.words.alerts import alert_letter
from workers import application

log = structlog.get_logger(__name__)

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
            if not bell.ring_sweep():
                _stand_in(stop)
            stop.wait(SWEEP_SECONDS)


def _stand_in(stop: threading.Event) -> None:
    try:
        look_after(alert_letter, stop.is_set)
    except SQLAlchemyError:
        # Failure policy: with the database away too there is nothing to tell from; the next look is soon.
        log.warning("not_looked_after", exc_info=True)


if __name__ == "__main__":
    main()
