"""Times as places in the journal: messages are written down in the order of their ids, near enough.

So a span of time is a span of ids, which the list's own order finds; the times themselves are still looked
at, since what was written down at the same moment may stand in any order.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from webapp.models.messages import Message

# By how much ids and times may disagree: a transaction takes its time before its turn.
SLACK: Final = timedelta(minutes=5)
FIRST: Final = datetime.min.replace(tzinfo=UTC)
LAST: Final = datetime.max.replace(tzinfo=UTC)


def id_span(session: Session, since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    """Where in the journal the messages from `since` to before `until` stand."""
    found: list[ColumnElement[bool]] = []
    if since is not None:
        found.append(Message.id >= _first_id(session, max(since, FIRST + SLACK) - SLACK))
    if until is not None:
        found.append(Message.id < _first_id(session, min(until, LAST - SLACK) + SLACK))
    return found


def _first_id(session: Session, at: datetime) -> int:
    """The id of the first message written down at or after a time, or one behind the last."""
    low = session.scalar(select(func.min(Message.id))) or 0
    high = (session.scalar(select(func.max(Message.id))) or 0) + 1
    while low < high:
        middle = (low + high) // 2
        row = session.execute(
            select(Message.id, Message.created_at).where(Message.id >= middle).order_by(Message.id).limit(1)
        ).one_or_none()
        if row is None or row.created_at >= at:
            high = middle
        else:
            low = int(row.id) + 1
    return low
