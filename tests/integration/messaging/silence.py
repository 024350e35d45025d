"""A far side that is down, and workers that find out (F05)."""

from collections.abc import Callable, Sequence
from datetime import datetime

from tests.fixtures.time import MovingClock
from tests.integration.messaging.journaled import (
    LANE,
    SILENT,
    TAKEN,
    Sink,
    handlers,
    new,
    published,
    tries_of,
)
from webapp.domain.outcome import Outcome, Verdict
from webapp.domain.states import Endpoint
from webapp.extensions import read
from webapp.messaging import breaker
from webapp.messaging.claims import PROBE_EVERY, Claimed
from webapp.messaging.drain import drain

ERROR = Outcome(Verdict.ERROR_ANSWER, "The OMS answered HTTP 500.", cause="oms.http_500")
PROBE_SECONDS = PROBE_EVERY.total_seconds()


class Down:
    """A far side that is silent until it is up; keeps what it was sent, and when."""

    def __init__(self, now: MovingClock) -> None:
        self.clock, self.up = now, False
        self.came: list[tuple[datetime, int]] = []

    def __call__(self, claimed: Claimed) -> Outcome:
        self.came.append((self.clock.now, claimed.id))
        return TAKEN if self.up else SILENT


def orders(count: int, **marks: object) -> list[int]:
    return published(*(new(f"order:{number}", **marks) for number in range(count)))  # type: ignore[arg-type]  # a test names what differs


def work(answer: Callable[[Claimed], Outcome], window: int = 1, lane: str = LANE) -> None:
    """As a worker works a lane when its bell is rung."""
    drain(lane, handlers(Sink(answer, window=window)))


def is_open(lane: str = LANE, endpoint: Endpoint = Endpoint.OMS) -> bool:
    with read() as session:
        return breaker.is_open(session, endpoint, lane)


def real_tries(messages: Sequence[int]) -> list[int]:
    return [len([one for one in tries_of(message) if not one.struck]) for message in messages]


def struck(messages: Sequence[int]) -> int:
    """How often these were given back."""
    return len([one for message in messages for one in tries_of(message) if one.struck])


def open_it(down: Down) -> list[int]:
    """Twenty orders, of which five were tried in vain; gives them all."""
    wanted = orders(20)
    work(down)
    assert is_open()
    return wanted
