"""Holding messages back, and letting them go in order (F01, F04): a far side, a lane or a topic."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from webapp import clock
from webapp.domain.states import Direction, MessageStatus
from webapp.messaging.bell import SWEEPS, ring_after_commit
from webapp.messaging.claims import WAITING, is_held, is_in
from webapp.messaging.settlement import Change, change
from webapp.models.messages import Hold, Message

BATCH = 500


def active(session: Session) -> list[Hold]:
    """All holds in force, oldest first."""
    return list(session.scalars(select(Hold).order_by(Hold.id)))


def over(held: Sequence[Hold], direction: str, endpoint: str, lane: str, topic: str) -> str:
    """Why a message with these marks is held, or ""."""
    for hold in held:
        names = {"endpoint": endpoint if direction == Direction.OUT else "", "lane": lane, "topic": topic}
        if names.get(hold.scope) == hold.name:
            return hold.reason
    return ""


def place(session: Session, scope: str, name: str, kind: str, reason: str, actor: str) -> None:
    """Hold from now on: nothing under it can be claimed any more, and the 48 hours of all of it stand still.

    The first of what waits is marked as held here, the rest by the sweep.
    """
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    row = {"scope": scope, "name": name, "kind": kind, "reason": reason, "actor": actor, "since": clock.now()}
    here = dialect.insert(Hold).values(row)
    session.execute(
        here.on_conflict_do_update(index_elements=["scope", "name", "kind"], set_={"reason": reason})
    )
    hold_waiting(session)
    ring_after_commit(session, [SWEEPS])


def lift(session: Session, scope: str, name: str, kind: str, actor: str) -> int:
    """End a hold; gives how many messages go on, since nothing else holds them.

    They go in order. The first of them are let go here, the rest by the sweep.
    """
    which = (Hold.scope == scope, Hold.name == name, Hold.kind == kind)
    ended = session.scalars(select(Hold).where(*which)).one_or_none()
    if ended is None:
        return 0
    session.delete(ended)
    session.flush()
    free = select(func.count()).where(is_in(*WAITING, MessageStatus.HELD), _under(ended), ~is_held())
    count = session.scalar(free) or 0
    release_free(session, actor)
    ring_after_commit(session, [SWEEPS])
    return count


def hold_waiting(session: Session) -> int:
    """Mark up to `BATCH` messages that wait under a hold as held; gives how many.

    Their 48 hours stand still from the hold's beginning on, whenever they are marked.
    """
    count = 0
    for hold in active(session):
        waiting = select(Message.id).where(is_in(*WAITING), _under(hold)).order_by(Message.id)
        ids = session.scalars(waiting.limit(BATCH - count)).all()
        to = Change(MessageStatus.HELD, hold.actor, hold.reason, since=hold.since)
        count += len(change(session, ids, to))
        if count >= BATCH:
            break
    return count


def release_free(session: Session, actor: str) -> int:
    """Let go of up to `BATCH` held messages that no hold is over any more; gives how many."""
    free = session.execute(
        select(Message.id, Message.series_tries).where(_is_free()).order_by(Message.id).limit(BATCH)
    ).all()
    count = 0
    for after, tried in ((MessageStatus.PENDING, False), (MessageStatus.RETRYING, True)):
        ids = [row.id for row in free if (row.series_tries > 0) is tried]
        count += len(change(session, ids, Change(after, actor, "Released")))
    return count


def _is_free() -> ColumnElement[bool]:
    return and_(Message.status == MessageStatus.HELD, ~is_held())


def _under(hold: Hold) -> ColumnElement[bool]:
    if hold.scope == "endpoint":
        return (Message.endpoint == hold.name) & (Message.direction == Direction.OUT)
    if hold.scope == "lane":
        return Message.lane == hold.name
    return Message.topic == hold.name
