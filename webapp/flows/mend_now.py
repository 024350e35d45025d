"""Many messages mended while whoever pressed the button waits a moment; workers do the rest (F04)."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event

from webapp.extensions import read, transaction
from webapp.flows import mend_many
from webapp.flows.mend_many import Chosen
from webapp.flows.registry import JOBS
from webapp.messaging import jobs
from webapp.models.jobs import Job

# Nobody waits longer than this for the answer to a press.
PRESS_SECONDS = 2.0
SECONDS_BETWEEN = 0.5


@dataclass(frozen=True, slots=True)
class Pressed:
    """The job that was begun, and how far it came so soon; `ended`: it is through."""

    uid: str
    kind: str
    total: int
    done: int
    failed: int
    ended: bool
    reason: str


def mend_now(kind: str, chosen: Chosen, actor: str, *, reason: str = "") -> Pressed:
    """Begin the job, and go on with it here for a moment: a few messages are through by then."""
    job_id = _begin(kind, chosen, actor, reason)
    jobs.work_on(job_id, JOBS, seconds=PRESS_SECONDS)
    return _pressed(job_id)


def mend_here(kind: str, chosen: Chosen, actor: str, told: Callable[[int], None]) -> Pressed:
    """Begin the job, and stay with it to its end; `told` hears how many it is through with."""
    job_id = _begin(kind, chosen, actor, "")
    while not (pressed := _pressed(job_id)).ended:
        told(pressed.done + pressed.failed)
        jobs.work_on(job_id, JOBS, seconds=SECONDS_BETWEEN)
        if _pressed(job_id) == pressed:
            # A worker has it, or it waits to be tried again.
            Event().wait(SECONDS_BETWEEN)
    told(pressed.done + pressed.failed)
    return pressed


def _begin(kind: str, chosen: Chosen, actor: str, reason: str) -> int:
    with transaction() as session:
        return mend_many.begin(session, kind, chosen, actor, reason=reason, rings=False).id


def _pressed(job_id: int) -> Pressed:
    with read() as session:
        job = session.get_one(Job, job_id)
    ended = job.due_at is None
    return Pressed(job.uid, job.kind, job.total, job.done, job.failed, ended, job.reason)
