"""What people are to be told of, as it is now (F04): what failed, what waits too long, a silent OMS."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.domain.states import MessageStatus
from webapp.models.messages import Message, Transition
from webapp.models.settings import Connection
from webapp.queries.attention import Failure, is_failed, newest_failures
from webapp.queries.frame import SILENCE, WAITING, silent_since
from webapp.queries.messages import MessageFilter

# So many tries in a row without an answer are a silence (F05: what opens the breaker).
SILENT_TRIES = 5
COUNTED = 10_000
LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Backlog:
    """What has waited longer than it may: since when, how many, how many behind others, the oldest."""

    since: datetime
    count: int
    behind: int
    sample: str


@dataclass(frozen=True, slots=True)
class Silence:
    """Since when the OMS has not answered, what its last try said, and a message that waits for it."""

    since: datetime
    tries: int
    reason: str
    sample: str


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
    """Whether the OMS is silent: no answer to several tries in a row, and no call taken since."""
    seen = session.get(Connection, "oms")
    last = seen.last_out_at if seen else None
    since = silent_since(session, last)
    if since is None:
        return None
    oldest = (
        select(Message.uid, Message.series_tries, Message.reason, Message.last_tried_at)
        .where(Message.status == MessageStatus.RETRYING, Message.cause.in_(SILENCE))
        .order_by(Message.id)
        .limit(LOOKED_AT)
    )
    silent = [row for row in session.execute(oldest) if last is None or row.last_tried_at > last]
    tries = sum(row.series_tries for row in silent)
    if tries < SILENT_TRIES:
        return None
    latest = max(silent, key=lambda row: row.last_tried_at)
    return Silence(since, tries, latest.reason, latest.uid)
