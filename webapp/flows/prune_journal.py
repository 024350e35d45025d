"""The journal bit by bit rid of what is older than it is kept: never of what is still open (F03).

With a message go its tries and its changes of state; whatever else speaks of it (orders, comments, events,
shipments, a message it took the place of) stays, and speaks of it no more.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.domain.states import MessageStatus
from webapp.extensions import read, transaction
from webapp.messaging import chores
from webapp.models.alerts import Alert, Notice
from webapp.models.breakers import BreakerChange
from webapp.models.jobs import Job
from webapp.models.locks import lock_orders
from webapp.models.messages import Message
from webapp.models.stored_settings import read_settings

log = structlog.get_logger(__name__)

EVERY = timedelta(minutes=10)
BATCH = 200
# So long at a time; what is left then is for the next time, which comes soon.
SECONDS = 2.0
REST = timedelta(seconds=20)
FAILED = MessageStatus.FAILED
# Where to look next among those that did not fail: all that were settled before that are gone.
Place = datetime | None


def prune_journal(stop: Callable[[], bool]) -> int:
    """Remove what is too old, if it is time to; gives how many messages went."""
    if not chores.take(chores.RETENTION, EVERY):
        return 0
    with read() as session:
        settings = read_settings(session)
        cursor = chores.cursor_of(session, chores.RETENTION)
    kept = clock.now() - timedelta(days=settings.number("journal.retention_days"))
    failed_kept = clock.now() - timedelta(days=settings.number("journal.failed_retention_days"))
    ends = clock.monotonic() + SECONDS
    place: Place = datetime.fromisoformat(cursor) if cursor else None
    total, more = 0, True
    while more and not stop() and clock.monotonic() < ends:
        removed, place = _prune_settled(place, kept)
        removed_failed = _remove(_failed_before(failed_kept))
        total += len(removed) + len(removed_failed)
        more = bool(removed or removed_failed)
    _prune_the_rest(kept)
    with transaction() as session:
        wait = REST if more else EVERY
        chores.put_off(session, chores.RETENTION, wait, "" if place is None else place.isoformat())
    if total:
        log.info("journal_pruned", messages=total, more=more)
    return total


def _prune_settled(place: Place, kept: datetime) -> tuple[list[int], Place]:
    """The next few that did not fail; gives them, and where to look next.

    Failed ones among them are kept for longer, and passed over once.
    """
    settled = [Message.settled_at < kept, Message.status != FAILED, ~Message.is_open]
    if place is not None:
        settled.append(Message.settled_at >= place)
    removed = _remove(settled)
    with read() as session:
        first = session.scalar(
            select(Message.settled_at).where(*settled).order_by(Message.settled_at).limit(1)
        )
    return removed, first or max(place or kept, kept)


def _failed_before(kept: datetime) -> list[ColumnElement[bool]]:
    return [Message.settled_at < kept, Message.status == FAILED, ~Message.is_open]


def _remove(which: Sequence[ColumnElement[bool]]) -> list[int]:
    """Remove up to `BATCH` of these, oldest first; gives them."""
    with transaction() as session:
        some = select(Message.id, Message.order_number).where(*which)
        found = session.execute(some.order_by(Message.settled_at, Message.id).limit(BATCH)).all()
        if not found:
            return []
        # Orders first, then their messages, as everybody locks them (models/locks).
        lock_orders(session, {row.order_number for row in found if row.order_number})
        ids = _locked(session, [row.id for row in found], which)
        session.execute(delete(Message).where(Message.id.in_(ids)))
        return ids


def _locked(session: Session, ids: Sequence[int], which: Sequence[ColumnElement[bool]]) -> list[int]:
    """Those of these that are still so, and that nobody else holds: one may be sent again this moment."""
    mine = select(Message.id).where(Message.id.in_(ids), *which).order_by(Message.id)
    return list(session.scalars(mine.with_for_update(skip_locked=True)))


def _prune_the_rest(kept: datetime) -> None:
    """Jobs, alerts, notices and outages that ended as long ago."""
    with transaction() as session:
        session.execute(delete(Job).where(Job.finished_at < kept))
        session.execute(delete(Alert).where(Alert.over_at < kept))
        session.execute(delete(Notice).where(Notice.created_at < kept, Notice.next_try_at.is_(None)))
        session.execute(delete(BreakerChange).where(BreakerChange.at < kept))
