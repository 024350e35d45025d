"""Long work in batches: counted with what was done, gone on with whoever dies over it, ended when asked."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from flask import Flask
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.fixtures.time import MovingClock
from webapp import clock
from webapp.config import Config
from webapp.domain.states import JobState
from webapp.extensions import read, transaction
from webapp.messaging import bell, chores, jobs
from webapp.messaging.jobs import Kinds, Step, Unable
from webapp.messaging.sweep import is_work_by_time_due
from webapp.models.accounts import AuditEntry
from webapp.models.jobs import Job, JobError

COUNT = "test.count"


@dataclass
class Counting:
    """A kind of job: counts up to its total, three at a time, writing each number down."""

    before: Callable[[int], None] = lambda _: None
    bad: frozenset[int] = frozenset()
    began: list[int] = field(default_factory=list)
    wait: float = 0.0

    def batch(self, session: Session, job: Job) -> Step:
        """The next three numbers."""
        first = int(job.cursor or 0)
        self.began.append(first)
        self.before(first)
        numbers = range(first, min(first + 3, job.total))
        for number in numbers:
            session.add(AuditEntry(at=clock.now(), actor="", action=COUNT, subject=str(number)))
        unable = [Unable(str(number), "It is unlucky.", "number") for number in numbers if number in self.bad]
        last = first + 3
        return Step(len(numbers) - len(unable), unable, str(last), over=last >= job.total, wait=self.wait)

    @property
    def kinds(self) -> Kinds:
        """What a worker is handed."""
        return {COUNT: self.batch}


def _begin(total: int = 10) -> int:
    with transaction() as session:
        return jobs.begin(session, COUNT, {"up": "to"}, total, "a test").id


def _job(job_id: int) -> Job:
    with read() as session:
        return session.get_one(Job, job_id)


def _is_rung_for() -> bool:
    """Whether a sweep rings for jobs now, whatever else comes round by time."""
    for chore in chores.FIRST:
        chores.take(chore, timedelta(hours=1))
    return is_work_by_time_due()


def _counted() -> list[int]:
    with read() as session:
        wanted = select(AuditEntry.subject).where(AuditEntry.action == COUNT).order_by(AuditEntry.id)
        return [int(one) for one in session.scalars(wanted)]


def _work(counting: Counting, *, stop: Callable[[], bool] = lambda: False) -> None:
    jobs.work(counting.kinds, seconds=60, stop=stop)


def test_it_is_done_batch_by_batch_and_counted(app_context: Flask, moving_clock: MovingClock) -> None:
    job_id = _begin(10)
    assert (_job(job_id).state, _job(job_id).total) == (JobState.QUEUED, 10)
    counting = Counting(bad=frozenset({4}), before=lambda _: None)

    _work(counting)

    job = _job(job_id)
    assert (job.state, job.done, job.failed, job.batches) == (JobState.DONE, 9, 1, 4)
    assert (job.started_at, job.finished_at, job.due_at) == (moving_clock.now, moving_clock.now, None)
    assert _counted() == list(range(10))
    with read() as session:
        (error,) = session.scalars(select(JobError))
    assert (error.job_id, error.subject, error.field, error.reason) == (
        job_id,
        "4",
        "number",
        "It is unlucky.",
    )
    with read() as session:
        assert not jobs.is_due(session)


def test_one_that_is_over_before_its_total_says_what_it_came_to(app_context: Flask) -> None:
    job_id = _begin(10)
    jobs.work({COUNT: lambda _session, _job: Step(4, over=True)}, seconds=60, stop=lambda: False)
    assert (_job(job_id).total, _job(job_id).done) == (4, 4)


def test_a_batch_that_fails_leaves_nothing_and_is_tried_again_later(
    app_context: Flask, moving_clock: MovingClock
) -> None:
    job_id = _begin(9)
    failing = [True]

    def fail_once(first: int) -> None:
        if first == 3 and failing.pop():
            raise KeyError("ours")

    counting = Counting(fail_once)
    _work(counting)
    job = _job(job_id)
    assert (job.state, job.done, job.reason) == (
        JobState.RUNNING,
        3,
        "The connector could not go on with it (KeyError).",
    )
    _work(counting)
    assert counting.began == [0, 3]

    moving_clock.advance(seconds=11)
    failing.append(False)
    assert _is_rung_for()
    _work(counting)
    job = _job(job_id)
    assert (job.state, job.done, job.batches, job.reason) == (JobState.DONE, 9, 3, "")
    assert _counted() == list(range(9))


def test_one_that_fails_again_and_again_is_given_up(app_context: Flask, moving_clock: MovingClock) -> None:
    def fail(_first: int) -> None:
        raise KeyError("ours")

    job_id, counting = _begin(9), Counting(fail)
    for _ in range(20):
        _work(counting)
        moving_clock.advance(minutes=10)
    job = _job(job_id)
    assert (job.state, job.done, job.due_at) == (JobState.FAILED, 0, None)
    assert job.reason == "The connector could not go on with it (KeyError)."
    assert len(counting.began) == jobs.MOST_FAULTS


class Killed(BaseException):
    """What no handler of ours may catch: the process is gone."""


def test_one_that_kills_its_worker_every_time_is_given_up(
    app_context: Flask, moving_clock: MovingClock
) -> None:
    def kill(first: int) -> None:
        if first == 3:
            raise Killed

    job_id, counting = _begin(9), Counting(kill)
    for _ in range(jobs.MOST_FAULTS):
        with pytest.raises(Killed):
            _work(counting)
        _work(counting)
        moving_clock.advance(seconds=61)
    _work(counting)
    job = _job(job_id)
    assert (job.state, job.done) == (JobState.FAILED, 3)
    assert job.reason == "It stopped its worker 5 times in a row."
    assert counting.began == [0, *[3] * jobs.MOST_FAULTS]


def test_what_another_has_is_left_to_it_until_its_lease_is_over(
    app_context: Flask, moving_clock: MovingClock
) -> None:
    def kill(first: int) -> None:
        if first == 3 and moving_clock.now == began:
            raise Killed

    job_id, counting, began = _begin(9), Counting(kill), moving_clock.now
    with pytest.raises(Killed):
        _work(counting)
    moving_clock.advance(seconds=59)
    _work(counting)
    jobs.work_on(job_id, counting.kinds, seconds=60)
    assert counting.began == [0, 3]
    assert not _is_rung_for()

    moving_clock.advance(seconds=2)
    assert _is_rung_for()
    _work(counting)
    assert (_job(job_id).state, _counted()) == (JobState.DONE, list(range(9)))


def test_a_worker_that_lost_it_adds_nothing(app_context: Flask, moving_clock: MovingClock) -> None:
    job_id = _begin(9)
    second = Counting()

    def overtaken(first: int) -> None:
        if first == 3:
            # Between two of its batches its lease ran out, and another went on.
            late.before = lambda _: None

    def is_overtaken() -> bool:
        if late.began == [0] and not second.began:
            moving_clock.advance(seconds=61)
            _work(second)
        return False

    late = Counting(overtaken)
    _work(late, stop=is_overtaken)
    assert (late.began, second.began) == ([0], [3, 6])
    assert (_job(job_id).done, _counted()) == (9, list(range(9)))


def test_cancelled_it_stops_after_its_batch_and_says_how_far_it_came(
    app_context: Flask, moving_clock: MovingClock
) -> None:
    job_id, counting = _begin(9), Counting()

    def is_cancelled() -> bool:
        if counting.began == [0]:
            with transaction() as session:
                jobs.cancel(session, job_id, "an operator")
        return False

    _work(counting, stop=is_cancelled)
    job = _job(job_id)
    assert (job.state, job.done, job.total, job.reason) == (
        JobState.CANCELLED, 3, 9, "Cancelled by an operator.",
    )  # fmt: skip
    assert (counting.began, job.finished_at) == ([0], moving_clock.now)
    with transaction() as session:
        assert not jobs.cancel(session, job_id, "another")
        assert not jobs.cancel(session, 4711, "another")
    assert _job(job_id).reason == "Cancelled by an operator."


def test_one_that_is_to_wait_is_due_later(app_context: Flask, moving_clock: MovingClock) -> None:
    job_id, counting = _begin(6), Counting(wait=30)
    _work(counting)
    assert (_job(job_id).state, _job(job_id).done) == (JobState.RUNNING, 3)
    _work(counting)
    moving_clock.advance(seconds=31)
    _work(counting)
    assert (counting.began, _job(job_id).state) == ([0, 3], JobState.DONE)


def test_several_have_their_turns(app_context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "TURN_SECONDS", 0.0)
    turns: list[int] = []

    def batch(_session: Session, job: Job) -> Step:
        turns.append(job.id)
        return Step(1, cursor="x", over=job.done == 2)

    monkeypatch.setattr(jobs, "_over_at", lambda _ends, _stop: _once())
    first, second = _begin(3), _begin(3)
    jobs.work({COUNT: batch}, seconds=60, stop=lambda: False)
    assert turns == [first, second] * 3


def _once() -> Callable[[], bool]:
    asked = iter([False, True])
    return lambda: next(asked)


def test_begun_it_rings_and_left_over_it_rings_again(app_context: Flask, config: Config) -> None:
    with Redis.from_url(config.redis_url) as redis:
        queue = Queue(bell.JOBS, connection=redis, serializer=JSONSerializer)
        _begin()
        assert queue.count == 1
        redis.delete(queue.key)
        jobs.work(Counting().kinds, seconds=0, stop=lambda: False)
        assert queue.count == 1
        redis.delete(queue.key)
        bell.lower(bell.JOBS)
        with transaction() as session:
            job_id = jobs.begin(session, COUNT, {}, 9, "a test", rings=False).id
        assert queue.count == 0
        jobs.work_on(job_id, Counting().kinds, seconds=0)
        assert queue.count == 1
