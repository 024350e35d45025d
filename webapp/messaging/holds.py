"""Holding messages back, and letting them go in order (F01, F04): a far side, a lane or a topic."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.domain.states import Direction, MessageStatus
from webapp.messaging.claims import WAITING, is_held
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
    """Hold from now on; what is waiting is held by the next sweep, and cannot be claimed from here on."""
    found = session.scalar(select(Hold).where(Hold.scope == scope, Hold.name == name, Hold.kind == kind))
    if found is None:
        session.add(Hold(scope=scope, name=name, kind=kind, reason=reason, actor=actor, since=clock.now()))
    else:
        found.reason = reason
    session.flush()
    hold_waiting(session)


def lift(session: Session, scope: str, name: str, kind: str, actor: str) -> int:
    """End a hold and let go what nothing else holds, in order; gives how many messages."""
    session.execute(delete(Hold).where(Hold.scope == scope, Hold.name == name, Hold.kind == kind))
    session.flush()
    return release_free(session, actor)


def hold_waiting(session: Session, limit: int | None = None) -> int:
    """Mark as held what waits under a hold, so that its 48 hours stand still; gives how many."""
    reasons = active(session)
    count = 0
    for hold in reasons:
        scope = (Message.status.in_(WAITING), _under(hold))
        while ids := session.scalars(
            select(Message.id).where(*scope).order_by(Message.id).limit(BATCH)
        ).all():
            count += len(change(session, ids, Change(MessageStatus.HELD, hold.actor, hold.reason)))
            if limit is not None and count >= limit:
                return count
    return count


def release_free(session: Session, actor: str) -> int:
    """Let go of held messages that no hold is over any more; gives how many."""
    count = 0
    free = (Message.status == MessageStatus.HELD, ~is_held())
    while ids := session.scalars(select(Message.id).where(*free).order_by(Message.id).limit(BATCH)).all():
        count += len(change(session, ids, Change(MessageStatus.PENDING, actor, "Released")))
    return count


def _under(hold: Hold) -> ColumnElement[bool]:
    if hold.scope == "endpoint":
        return (Message.endpoint == hold.name) & (Message.direction == Direction.OUT)
    if hold.scope == "lane":
        return Message.lane == hold.name
    return Message.topic == hold.name
