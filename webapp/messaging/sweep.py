"""The sweep: whatever is due, whose worker died, or whose bell was lost, rings again (house rule 1).

Safe to run twice at once: every rescue is guarded by the claim and its time under the message's lock.
"""

from collections.abc import Callable

import structlog
from sqlalchemy import exists, select

from webapp import clock
from webapp.domain.outcome import Outcome, Verdict
from webapp.domain.states import MessageStatus
from webapp.extensions import read, transaction
from webapp.messaging import bell, chores, holds, jobs, notices
from webapp.messaging.claims import WAITING, WORKER_LOST, Claimed, carried, is_in
from webapp.messaging.recording import Handlers, record
from webapp.models.messages import Message

log = structlog.get_logger(__name__)

RESCUED_AT_ONCE = 100
STOPPED = Outcome(
    Verdict.FAULT, "The worker stopped before it could record what became of this try.", cause=WORKER_LOST
)


def sweep(handlers: Handlers) -> dict[str, int]:
    """Rescue, hold and release what a lost worker or a late message left; ring every lane with work due.

    Each step is a short transaction of its own, so that nobody waits long for a sweep.
    """
    bell.lower(bell.SWEEPS)
    swept = {
        "rescued": _until_none(lambda: _rescue(handlers)),
        "held": _until_none(_hold),
        "released": _until_none(_release),
    }
    lanes = due_lanes()
    for lane in sorted(lanes):
        bell.ring(lane, again=True)
    if is_work_by_time_due():
        bell.ring(bell.JOBS, again=True)
    return swept | {"lanes": len(lanes)}


def due_lanes() -> set[str]:
    """The lanes with a message that may be tried now."""
    now = clock.now()
    with read() as session:
        return {
            lane
            for lane in bell.LANES
            if session.scalar(
                select(exists().where(Message.lane == lane, is_in(*WAITING), Message.next_try_at <= now))
            )
        }


def is_work_by_time_due() -> bool:
    """Whether a job may go on, a notice may be sent, or a chore has come round."""
    with read() as session:
        return jobs.is_due(session) or notices.is_due(session) or chores.is_any_due(session)


def _until_none(step: Callable[[], int]) -> int:
    total = 0
    while done := step():
        total += done
    return total


def _hold() -> int:
    with transaction() as session:
        return holds.hold_waiting(session)


def _release() -> int:
    with transaction() as session:
        return holds.release_free(session, "connector")


def _rescue(handlers: Handlers) -> int:
    """Give back messages whose worker's lease ran out; the try counts, since it may have been sent."""
    now = clock.now()
    with read() as session:
        lost = [
            Claimed(**row._mapping)
            for row in session.execute(
                select(
                    Message.id,
                    Message.claim_token.label("token"),
                    Message.last_tried_at.label("started_at"),
                    Message.lease_until,
                    *carried(),
                )
                .where(is_in(MessageStatus.IN_FLIGHT), Message.lease_until < now)
                .order_by(Message.lease_until)
                .limit(RESCUED_AT_ONCE)
            )
        ]
    rescued = record([(claimed, STOPPED) for claimed in lost], handlers, lapsed_by=now) if lost else []
    for claimed, _ in rescued:
        log.warning("lease_ran_out", message_id=claimed.uid, topic=claimed.topic)
    return len(rescued)
