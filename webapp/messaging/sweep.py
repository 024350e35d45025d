"""The sweep: whatever is due, whose worker died, or whose bell was lost, rings again (house rule 1).

Safe to run twice at once: every rescue is guarded by state and time in its own statement.
"""

from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.domain.outcome import Outcome, Verdict
from webapp.domain.states import MessageStatus
from webapp.extensions import read, transaction
from webapp.messaging import bell, holds
from webapp.messaging.claims import WAITING, Claimed, carried
from webapp.messaging.settlement import settle
from webapp.models.messages import Message

log = structlog.get_logger(__name__)

BATCH = 500


def sweep() -> dict[str, int]:
    """Rescue, hold and release what a lost worker or a late message left; ring every lane with work due."""
    rescued = 0
    while found := _rescue(clock.now()):
        rescued += found
    with transaction() as session:
        held = holds.hold_waiting(session, BATCH)
        released = holds.release_free(session, "connector")
    lanes = due_lanes()
    for lane in sorted(lanes):
        bell.ring(lane, again=True)
    return {"rescued": rescued, "held": held, "released": released, "lanes": len(lanes)}


def due_lanes() -> set[str]:
    """The lanes with a message that may be tried now."""
    with read() as session:
        due = select(Message.lane).where(Message.status.in_(WAITING), Message.next_try_at <= clock.now())
        return set(session.scalars(due.distinct()))


def _rescue(now: datetime) -> int:
    """Give back messages whose worker's lease ran out; the try counts, since it may have been sent."""
    with transaction() as session:
        lost = _lost(session, now)
        for claimed in lost:
            log.warning("lease_ran_out", message_id=claimed.uid, topic=claimed.topic)
        outcome = Outcome(
            Verdict.FAULT,
            "The worker stopped before it could record what became of this try.",
            cause="worker.lost",
        )
        settle(session, [(claimed, outcome) for claimed in lost])
        return len(lost)


def _lost(session: Session, now: datetime) -> list[Claimed]:
    rows = session.execute(
        select(
            Message.id,
            Message.claim_token.label("token"),
            Message.last_tried_at.label("started_at"),
            Message.lease_until,
            *carried(),
        )
        .where(Message.status == MessageStatus.IN_FLIGHT, Message.lease_until < now)
        .order_by(Message.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    return [Claimed(**row._mapping) for row in rows]
