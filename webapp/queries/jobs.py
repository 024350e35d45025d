"""Jobs as people and scripts see them: how far, how fast, how long still (contract: GET /api/v1/jobs)."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypedDict

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.domain.states import JobState, MessageStatus
from webapp.extensions import read
from webapp.models.jobs import Job, JobError
from webapp.models.messages import Message, Transition
from webapp.queries.paging import MOST, Page
from webapp.queries.times_json import Moment, rfc3339

# Messages of a job are counted up to here.
COUNTED: Final = 10_000
# How long a job that has ended is told of beside those that run, and of how many.
LATELY: Final = timedelta(minutes=5)
MOST_LATELY: Final = 10
SETTLED: Final = (
    MessageStatus.SUCCEEDED, MessageStatus.FAILED, MessageStatus.SUPERSEDED, MessageStatus.SKIPPED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class JobMessages:
    """What became of the messages a job began: how many (up to `COUNTED`), settled since, failed again."""

    total: int
    settled: int
    failed: int


@dataclass(frozen=True, slots=True)
class JobList:
    """One page of jobs, newest first; `next_before` is the key of the next, or None."""

    jobs: list[Job]
    next_before: int | None


class JobMessagesJson(TypedDict):
    """What became of the messages a job began."""

    total: int
    settled: int
    failed: int


class JobJson(TypedDict):
    """A job: how far it is, and how long still; `errors_url` is where what it could not do is listed."""

    id: str
    kind: str
    state: JobState
    total: int
    done: int
    failed: int
    batches: int
    actor: str
    reason: str | None
    created_at: Moment
    started_at: Moment | None
    finished_at: Moment | None
    per_minute: int | None
    seconds_left: int | None
    messages: JobMessagesJson
    errors_url: str | None


class JobPage(TypedDict):
    """A page of jobs; `next` is the cursor of the one after it."""

    items: list[JobJson]
    next: str | None


class JobErrorJson(TypedDict):
    """One thing a job could not do: which, in which field of it, and why."""

    subject: str
    field: str | None
    reason: str


class JobErrorPage(TypedDict):
    """A page of what a job could not do; `next` is the cursor of the one after it."""

    items: list[JobErrorJson]
    next: str | None


def area_of(kind: str) -> str:
    """Whose job a kind is: `messages` or `catalog`; the scope that may see it is named after it."""
    return kind.partition(".")[0]


def find_job(session: Session, uid: str) -> Job | None:
    """The job with this id, or None."""
    return session.scalar(select(Job).where(Job.uid == uid))


def list_jobs(session: Session, page: Page, areas: Collection[str]) -> JobList:
    """One page of the jobs of these areas, newest first."""
    mine = or_(*(Job.kind.startswith(f"{area}.") for area in areas))
    query = select(Job).where(mine).order_by(Job.id.desc()).limit(page.limit + 1)
    if page.before is not None:
        query = query.where(Job.id < page.before)
    found = list(session.scalars(query))
    more = len(found) > page.limit
    return JobList(found[: page.limit], found[page.limit - 1].id if more else None)


def lately(session: Session) -> list[Job]:
    """The jobs under way, and those that ended within `LATELY`, the newest first."""
    under_way = select(Job).where(Job.due_at.is_not(None))
    ended = select(Job).where(Job.finished_at > clock.now() - LATELY)
    found = [*session.scalars(under_way.limit(MOST_LATELY)), *session.scalars(ended.limit(MOST_LATELY))]
    return sorted(found, key=lambda job: job.id, reverse=True)[:MOST_LATELY]


def seconds_left(job: Job) -> float | None:
    """How long the rest will take at the present rate; None where that is not known, or it has ended."""
    if job.due_at is None or not job.rate:
        return None
    return max(job.total - job.done - job.failed, 0) * 60 / job.rate


def messages_of(session: Session, job: Job) -> JobMessages:
    """Where the messages that a job began stand now."""
    begun = (
        select(Message.status)
        .join(Transition, Transition.message_id == Message.id)
        .where(Transition.job_id == job.id)
        .limit(COUNTED)
        .subquery()
    )
    many = func.count().label("many")
    rows = session.execute(select(begun.c.status, many).group_by(begun.c.status))
    by_status = {row.status: row.many for row in rows}
    return JobMessages(
        total=sum(by_status.values()),
        settled=sum(by_status.get(status, 0) for status in SETTLED),
        failed=by_status.get(MessageStatus.FAILED, 0),
    )


def job_as_json(session: Session, job: Job) -> JobJson:
    """A job as the API tells it."""
    told = messages_of(session, job)
    left = seconds_left(job)
    return {
        "id": job.uid,
        "kind": job.kind,
        "state": job.state,
        "total": job.total,
        "done": job.done,
        "failed": job.failed,
        "batches": job.batches,
        "actor": job.actor,
        "reason": job.reason or None,
        "created_at": rfc3339(job.created_at),
        "started_at": rfc3339(job.started_at),
        "finished_at": rfc3339(job.finished_at),
        "per_minute": job.rate if job.due_at else None,
        "seconds_left": None if left is None else round(left),
        "messages": {"total": told.total, "settled": told.settled, "failed": told.failed},
        "errors_url": f"/api/v1/jobs/{job.uid}/errors" if job.failed else None,
    }


def job_told(session: Session, uid: str) -> JobJson:
    """The same by its id; raises `NoResultFound` where there is none."""
    return job_as_json(session, session.scalars(select(Job).where(Job.uid == uid)).one())


def list_errors(session: Session, job: Job, limit: int, after: int = 0) -> list[JobError]:
    """What a job could not do, in the order it met with it, beyond the id `after`."""
    some = select(JobError).where(JobError.job_id == job.id, JobError.id > after)
    return list(session.scalars(some.order_by(JobError.id).limit(limit)))


def all_errors(job: Job) -> Iterator[JobError]:
    """All of it, a batch at a time."""
    after = 0
    while True:
        with read() as session:
            found = list_errors(session, job, MOST, after)
        yield from found
        if len(found) < MOST:
            return
        after = found[-1].id
