"""A job in words: what it does, how far it is, how long still."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from webapp.pages.words.amounts import count, plural
from webapp.pages.words.statuses import Badge, job_badge
from webapp.pages.words.times import duration

# Kind → (what it does to so many, what it did to so many, what it counts).
_KINDS = {
    "messages.replay": ("Send {} again", "{} sent again", "message"),
    "messages.skip": ("Set {} aside", "{} set aside", "message"),
}
_UNKNOWN = ("Work through {}", "{} worked through", "thing")


class Done(Protocol):
    """What a job did, as far as it matters here."""

    @property
    def kind(self) -> str:
        """What it does."""

    @property
    def done(self) -> int:
        """To how many it did it."""

    @property
    def failed(self) -> int:
        """How many it left as they are."""

    @property
    def reason(self) -> str:
        """Why it ended so."""


class Job(Protocol):
    """A job, as far as it matters here."""

    uid: str
    kind: str
    total: int
    done: int
    failed: int
    rate: int
    reason: str

    @property
    def state(self) -> str:
        """Where it stands."""


@dataclass(frozen=True, slots=True)
class Told:
    """A job as a page shows it; `now` says how far it is, in one line."""

    uid: str
    title: str
    badge: Badge
    now: str
    total: int
    past: int
    under_way: bool


def tell_job(job: Job, seconds_left: float | None) -> Told:
    """What a page says of a job."""
    under_way = job.state in ("queued", "running")
    return Told(
        uid=job.uid,
        title=title_of(job),
        badge=job_badge(job.state),
        now=_progress(job, seconds_left) if under_way else outcome_of(job),
        total=job.total,
        past=job.done + job.failed,
        under_way=under_way,
    )


def title_of(job: Job) -> str:
    """What it does: `Send 14 messages again`."""
    does, _, thing = _KINDS.get(job.kind, _UNKNOWN)
    return does.format(plural(job.total, thing))


def outcome_of(job: Done) -> str:
    """What it did: `13 messages sent again, 1 left as it is.`"""
    _, did, thing = _KINDS.get(job.kind, _UNKNOWN)
    words = did.format(plural(job.done, thing) if job.done else f"No {thing}")
    if job.failed:
        words += f", {count(job.failed)} left as {'it is' if job.failed == 1 else 'they are'}"
    return f"{words}. {job.reason}".strip()


def _progress(job: Job, seconds_left: float | None) -> str:
    if job.state == "queued":
        return "Begins as soon as a worker is free."
    parts = [f"{count(job.done + job.failed)} of {count(job.total)}"]
    if job.failed:
        parts.append(f"{count(job.failed)} left as they are")
    if job.rate:
        parts.append(f"{count(job.rate)} a minute")
    if seconds_left is not None:
        parts.append(f"about {duration(timedelta(seconds=max(round(seconds_left), 1)))} left")
    return ", ".join(parts) + (f". {job.reason}" if job.reason else "")
