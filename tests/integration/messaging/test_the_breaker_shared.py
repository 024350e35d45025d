"""One breaker for all workers: each counts for the others, closes it for the others, and probes alone."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from tests.fixtures.time import MovingClock
from tests.fixtures.waiting import wait_for
from tests.integration.messaging.journaled import (
    LANE,
    LEASE,
    SILENT,
    TAKEN,
    Sink,
    claim,
    handlers,
    publish_one,
    row,
    status,
)
from tests.integration.messaging.silence import (
    ERROR,
    PROBE_SECONDS,
    Down,
    is_open,
    open_it,
    orders,
    real_tries,
    work,
)
from webapp.domain.outcome import Outcome, Verdict
from webapp.domain.states import Direction, Endpoint, MessageStatus
from webapp.extensions import read, transaction
from webapp.messaging import bell, breaker
from webapp.messaging.breaker import OPENS_AFTER
from webapp.messaging.claims import Claimed
from webapp.messaging.drain import deliver_now, drain
from webapp.messaging.journal import NewMessage
from webapp.messaging.recording import record
from webapp.models.breakers import Breaker, BreakerChange
from webapp.models.messages import Message

S = MessageStatus


def test_all_workers_share_it(app: Flask, app_context: Flask, moving_clock: MovingClock, down: Down) -> None:
    wanted = orders(60)
    count, window = 4, 2

    def one() -> None:
        with app.app_context():
            work(down, window=window)

    def all_at_once() -> None:
        with ThreadPoolExecutor(count) as threads:
            for future in [threads.submit(one) for _ in range(count)]:
                future.result()

    all_at_once()
    assert is_open()
    # Each worker's own count, and what it had under way.
    assert len(down.came) <= count * (OPENS_AFTER + window)
    sent = len(down.came)
    all_at_once()
    assert len(down.came) == sent
    for number in range(1, 4):
        moving_clock.advance(seconds=PROBE_SECONDS)
        all_at_once()
        assert len(down.came) == sent + number
    assert sum(real_tries(wanted)) == len(down.came)


def test_silences_that_each_worker_sees_once_open_it_together(
    app_context: Flask, moving_clock: MovingClock
) -> None:
    orders(OPENS_AFTER)
    for claimed in claim():
        assert not is_open()
        moving_clock.advance(seconds=1)
        assert record([(claimed, SILENT)], handlers())
    assert is_open()


def test_by_hand_a_message_goes_all_the_same(
    app_context: Flask, moving_clock: MovingClock, down: Down
) -> None:
    wanted = open_it(down)
    untried = next(one for one in wanted if not row(one).tries)
    assert deliver_now([untried], handlers(Sink(down))) == []
    down.up = True
    ((claimed, outcome),) = deliver_now([untried], handlers(Sink(down)), by_hand=True)
    assert (claimed.id, outcome, is_open()) == (untried, TAKEN, False)


def test_a_probe_can_be_asked_for_at_once(app_context: Flask, down: Down) -> None:
    open_it(down)
    down.up = True
    with transaction() as session:
        breaker.probe_soon(session, Endpoint.OMS)
    work(down)
    assert not is_open()


def test_the_one_with_the_fewest_tries_probes_whatever_its_turn(
    app_context: Flask, moving_clock: MovingClock, down: Down
) -> None:
    wanted = open_it(down)
    tries = {wanted[0]: 3, wanted[1]: 1, wanted[2]: 2}
    with transaction() as session:
        session.execute(update(Message).values(series_tries=3, next_try_at=moving_clock.now))
        for place, (message, many) in enumerate(tries.items()):
            later = moving_clock.now + timedelta(seconds=place)
            values = {"series_tries": many, "next_try_at": later, "status": S.RETRYING}
            session.execute(update(Message).where(Message.id == message).values(values))
    probed = []
    for _ in range(2):
        moving_clock.advance(seconds=PROBE_SECONDS)
        work(down)
        probed.append(down.came[-1][1])
    assert probed == [wanted[1], wanted[2]]
    untried = publish_one("order:another")
    moving_clock.advance(seconds=PROBE_SECONDS)
    work(down)
    assert down.came[-1][1] == untried


def test_a_worker_that_saw_it_open_goes_on_once_it_is_closed(
    app_context: Flask, moving_clock: MovingClock, down: Down
) -> None:
    slow, *others = orders(20)

    def answer(claimed: Claimed) -> Outcome:
        if claimed.id != slow:
            return down(claimed)
        wait_for(is_open, every=0.01)
        down.up = True
        moving_clock.advance(seconds=PROBE_SECONDS)
        wait_for(lambda: not is_open() and len(down.came) == len(others), every=0.01)
        return TAKEN

    work(answer, window=2)
    assert sorted(real_tries(others)) == [1] * len(others)


def test_who_closes_it_rings_for_the_others(
    app_context: Flask, moving_clock: MovingClock, down: Down, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_it(down)
    down.up = True
    moving_clock.advance(seconds=PROBE_SECONDS)
    (probe,) = claim()
    rung: list[str] = []
    monkeypatch.setattr(bell, "ring", rung.append)
    assert record([(probe, TAKEN)], handlers())
    assert rung == [LANE]


def test_a_late_answer_closes_it_too(app_context: Flask, moving_clock: MovingClock) -> None:
    slow, *_ = orders(20)

    def answer(claimed: Claimed) -> Outcome:
        if claimed.id != slow:
            return SILENT
        opened.wait(60)
        return TAKEN

    opened = threading.Event()

    class Watching(Sink):
        def ended(self, seconds: float) -> list[tuple[Claimed, Outcome]]:
            if is_open():
                opened.set()
            return super().ended(seconds)

    drain(LANE, handlers(Watching(answer, window=2)))
    assert status(slow) is S.SUCCEEDED
    with read() as session:
        opens = session.scalars(select(BreakerChange.opened).order_by(BreakerChange.id)).all()
    assert opens[:2] == [True, False]


GROUP = st.lists(
    st.sampled_from([SILENT, SILENT, SILENT, TAKEN, ERROR, Outcome(Verdict.UNSENT, "Back.")]), max_size=6
)


@given(groups=st.lists(GROUP, max_size=8))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_however_tries_are_settled_together_it_is_open_after_five_silences_since_the_last_answer(
    app_context: Flask, moving_clock: MovingClock, groups: list[list[Outcome]]
) -> None:
    with transaction() as session:
        session.execute(delete(Breaker))
    claimed = next(_claimed_ones())
    for group in groups:
        with transaction() as session:
            breaker.note(session, [(claimed, outcome) for outcome in group])
    told = [outcome for group in groups for outcome in group if outcome.verdict is not Verdict.UNSENT]
    since = 0
    was_open = False
    for outcome in told:
        since = since + 1 if outcome is SILENT else 0
        was_open = since >= OPENS_AFTER or (was_open and since > 0)
    assert is_open() is was_open


def _claimed_ones() -> Iterator[Claimed]:
    """A message in a worker's hands, as far as a breaker looks at it."""
    now = datetime(2026, 3, 2, 9).astimezone()
    message = NewMessage("test.topic", LANE, "order:1", b"{}")
    yield Claimed(
        1, message.uid, None, Direction.OUT, Endpoint.OMS, LANE, message.topic, "k", None, b"", 1, 1,
        False, 0.0, None, now, "token", now, now + LEASE,
    )  # fmt: skip
