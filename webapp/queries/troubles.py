"""What people are to be told of, as it is now (F04): what failed, what waits too long, a silent OMS."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.domain.states import Endpoint
from webapp.models.breakers import Breaker
from webapp.models.messages import Hold, Message, Transition
from webapp.models.settings import Connection
from webapp.queries.attention import Failure, is_failed, newest_failures
from webapp.queries.frame import WAITING, silent_since
from webapp.queries.messages import MessageFilter

COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Backlog:
    """What has waited longer than it may: since when, how many, how many behind others, the oldest."""

    since: datetime
    count: int
    behind: int
    sample: str


@dataclass(frozen=True, slots=True)
class Silence:
    """Since when the OMS has not answered, after how many tries, and what was said of the last."""

    since: datetime
    tries: int
    reason: str


def read_failures(session: Session) -> list[Failure]:
    """Failed messages by cause, the newest causes first."""
    return newest_failures(session)


def is_failing(session: Session, marks: Mapping[str, str]) -> bool:
    """Whether any message with these marks is failed now."""
    which = MessageFilter.read(marks).conditions(session)
    return session.scalar(select(Message.id).where(is_failed(Message), *which).limit(1)) is not None


def read_backlog(session: Session, minutes: int) -> Backlog | None:
    """What has waited for more than so many minutes; what was sent again or let go waits from then on."""
    cutoff = clock.now() - timedelta(minutes=minutes)
    since = exists().where(
        Transition.message_id == Message.id, Transition.at >= cutoff, Transition.after.in_(WAITING)
    )
    late = (
        select(Message.id, Message.uid, Message.created_at, Message.next_try_at)
        .where(Message.status.in_(WAITING), Message.created_at < cutoff, ~since)
        .order_by(Message.id)
    )
    oldest = session.execute(late.limit(1)).one_or_none()
    if oldest is None:
        return None
    counted = late.limit(COUNTED).subquery().c
    row = session.execute(
        select(func.count(counted.id).label("many"), func.count(counted.next_try_at).label("heads"))
    ).one()
    return Backlog(oldest.created_at, row.many, row.many - row.heads, oldest.uid)


def read_silence(session: Session) -> Silence | None:
    """Whether the OMS is silent: a breaker is open. While nothing may go to it at all nobody knows."""
    held = select(Hold.id).where(Hold.scope == "endpoint", Hold.name == Endpoint.OMS).limit(1)
    is_open = (Breaker.endpoint == Endpoint.OMS, Breaker.opened_at.is_not(None))
    breakers = session.scalars(select(Breaker).where(*is_open).order_by(Breaker.opened_at)).all()
    if not breakers or session.scalar(held) is not None:
        return None
    seen = session.get(Connection, "oms")
    since = silent_since(session, seen.last_out_at if seen else None)
    begun = [one for one in (since, breakers[0].opened_at) if one is not None]
    return Silence(min(begun), sum(one.failures for one in breakers), breakers[-1].reason)
