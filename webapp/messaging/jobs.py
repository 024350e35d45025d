"""Long work in batches, each one transaction with how far it came (house rule 7).

A job is a row: what it is over, where the next batch begins, what is done. Its batches are made in the
session that holds its row, so a killed worker loses the batch it was in, and nothing of the counts. What a
kind of job does is handed in, as messages' handlers are.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import msgspec
import structlog
from sqlalchemy import ColumnElement, insert, or_, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.domain.retry_schedule import backoff
from webapp.domain.states import JobState
from webapp.extensions import transaction
from webapp.messaging import bell
from webapp.models.jobs import SUBJECT_LENGTH, Job, JobError
from webapp.models.locks import lock_job
from webapp.models.messages import ACTOR_LENGTH
from webapp.models.types import storable

log = structlog.get_logger(__name__)

# Longer than any one batch, and renewed with each.
LEASE = timedelta(seconds=60)
# One job's turn; then another that waits has its own.
TURN_SECONDS = 5.0
# So often in a row a job may fail, or kill its worker, before it is given up.
MOST_FAULTS = 5
# How much the latest batch counts in the rate.
LATEST = 0.3


@dataclass(frozen=True, slots=True)
class Unable:
    """One thing that could not be done: which, in which field of it, and why."""

    subject: str
    reason: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What one batch did: how many things, which it could not do, where the next begins, or that it is over.

    `wait` is how many seconds later the next is due.
    """

    done: int = 0
    unable: Sequence[Unable] = field(default_factory=tuple)
    cursor: str = ""
    over: bool = False
    wait: float = 0.0


# Kind of job → one batch of it, made in the session it is given, which holds the job.
Kinds = Mapping[str, Callable[[Session, Job], Step]]
Stop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class _Claim:
    job_id: int
    uid: str
    kind: str
    token: str


def begin(session: Session, kind: str, about: Any, total: int, actor: str, *, rings: bool = True) -> Job:
    """Write a job down in the caller's transaction; `about` is kept as JSON.

    Rings for it after that, unless the caller is going to `work_on` it.
    """
    now = clock.now()
    job = Job(
        uid=str(uuid4()),
        kind=kind,
        state=JobState.QUEUED,
        actor=storable(actor, ACTOR_LENGTH),
        about=msgspec.json.encode(about).decode(),
        total=total,
        created_at=now,
        due_at=now,
    )
    session.add(job)
    session.flush()
    if rings:
        bell.ring_after_commit(session, [bell.JOBS])
    return job


def cancel(session: Session, job_id: int, actor: str) -> bool:
    """End a job before it is through; what it did stays. False where it has ended by itself.

    Waits for the batch under way, which counts in full.
    """
    job = lock_job(session, job_id)
    if job is None or job.due_at is None:
        return False
    _end(job, JobState.CANCELLED, f"Cancelled by {actor}.")
    return True


def work(kinds: Kinds, *, seconds: float, stop: Stop) -> None:
    """Go on with the jobs that are due, each for a while in turn; rings again where the time was up first."""
    bell.lower(bell.JOBS)
    ends = clock.monotonic() + seconds
    while not stop() and clock.monotonic() < ends:
        claim = _claim()
        if claim is None:
            return
        _take_turn(claim, kinds, _over_at(min(ends, clock.monotonic() + TURN_SECONDS), stop))
    bell.ring(bell.JOBS, again=True)


def _over_at(ends: float, stop: Stop) -> Stop:
    return lambda: stop() or clock.monotonic() >= ends


def work_on(job_id: int, kinds: Kinds, *, seconds: float) -> None:
    """Go on with this job here and now for so long, unless a worker has it; the rest is left to one."""
    claim = _claim(Job.id == job_id)
    if claim is not None:
        _take_turn(claim, kinds, _over_at(clock.monotonic() + seconds, lambda: False))


def is_due(session: Session) -> bool:
    """Whether a worker should go on with some job: it is due, and nobody has it, or who had it is gone."""
    return session.scalar(select(Job.id).where(*_due()).limit(1)) is not None


def _due() -> tuple[ColumnElement[bool], ...]:
    now = clock.now()
    return (Job.due_at <= now, or_(Job.lease_until.is_(None), Job.lease_until < now))


def _claim(*which: ColumnElement[bool]) -> _Claim | None:
    """Take the job that has waited longest; that a worker has it counts as a fault until a batch is made."""
    with transaction() as session:
        free = (
            select(Job).where(*_due(), *which).order_by(Job.due_at, Job.id).with_for_update(skip_locked=True)
        )
        for hopeless in session.scalars(free.where(Job.faults >= MOST_FAULTS)):
            words = f"It stopped its worker {hopeless.faults} times in a row."
            _end(hopeless, JobState.FAILED, hopeless.reason or words)
        session.flush()
        job = session.scalar(free.limit(1))
        return None if job is None else _taken(job)


def _taken(job: Job) -> _Claim:
    job.faults += 1
    job.state, job.started_at = JobState.RUNNING, job.started_at or clock.now()
    job.claim_token, job.lease_until = str(uuid4()), clock.now() + LEASE
    return _Claim(job.id, job.uid, job.kind, job.claim_token)


def _take_turn(claim: _Claim, kinds: Kinds, over: Stop) -> None:
    """Batch after batch, until the job has ended, is someone else's, is to wait, or its turn is over."""
    since = clock.monotonic()
    try:
        while not over():
            counted = _make_batch(claim, kinds, since)
            if counted is None:
                return
            since = counted
        _let_go(claim)
    except Exception as error:
        # Failure policy: the batch left nothing behind; it is tried again later, a few times.
        log.exception("job_batch_failed", job=claim.uid, kind=claim.kind)
        _put_off(claim, error)


def _make_batch(claim: _Claim, kinds: Kinds, since: float) -> float | None:
    """One batch, in one transaction with its counts; gives when it was counted, None where none may follow.

    `since` is when the one before was counted: the rate is what comes out of it all, commits too.
    """
    with transaction() as session:
        job = _held(session, claim)
        if job is None:
            return None
        step = kinds[job.kind](session, job)
        counted = clock.monotonic()
        _count(session, job, step, counted - since)
        if step.over:
            # What had changed since it was counted was not there any more.
            job.total = job.done + job.failed
            _end(job, JobState.DONE, "")
            return None
        # Being had by a worker counts as one until it is given back.
        job.cursor, job.faults, job.reason = step.cursor, 1, ""
        job.lease_until = clock.now() + LEASE
        if step.wait:
            _give_back(job, step.wait)
        return None if step.wait else counted


def _held(session: Session, claim: _Claim) -> Job | None:
    job = lock_job(session, claim.job_id)
    return job if job is not None and job.claim_token == claim.token else None


def _count(session: Session, job: Job, step: Step, seconds: float) -> None:
    things = step.done + len(step.unable)
    job.done += step.done
    job.failed += len(step.unable)
    job.batches += bool(things)
    if things:
        rate = things * 60 / max(seconds, 0.001)
        job.rate = round(job.rate + LATEST * (rate - job.rate) if job.rate else rate)
    if step.unable:
        session.execute(insert(JobError), [_written(job, one) for one in step.unable])


def _written(job: Job, one: Unable) -> dict[str, Any]:
    return {
        "job_id": job.id,
        "subject": storable(one.subject, SUBJECT_LENGTH),
        "field": storable(one.field, 120),
        "reason": storable(one.reason),
    }


def _let_go(claim: _Claim) -> None:
    """Leave the job to whoever is free, behind those that have waited meanwhile."""
    with transaction() as session:
        job = _held(session, claim)
        if job is not None:
            _give_back(job, 0)
            bell.ring_after_commit(session, [bell.JOBS])


def _put_off(claim: _Claim, error: Exception) -> None:
    with transaction() as session:
        job = _held(session, claim)
        if job is None:
            return
        job.reason = f"The connector could not go on with it ({type(error).__name__})."
        job.claim_token = job.lease_until = None
        job.due_at = clock.now() + timedelta(seconds=backoff(job.faults, jitter=0.5))


def _give_back(job: Job, wait: float) -> None:
    job.claim_token, job.lease_until, job.faults = None, None, 0
    job.due_at = clock.now() + timedelta(seconds=wait)


def _end(job: Job, state: JobState, reason: str) -> None:
    job.state, job.reason, job.finished_at = state, storable(reason), clock.now()
    job.due_at = job.claim_token = job.lease_until = None
