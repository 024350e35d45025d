"""What needs a person: failures of one cause as one thing, and orders somebody must look at (F04, F05)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal_column, or_, select
from sqlalchemy.orm import Session, aliased

from webapp.domain.states import Direction, Endpoint, MessageStatus
from webapp.models.messages import Message
from webapp.models.orders import Order
from webapp.queries.frame import MOST_NEEDS, SILENCE, held_for_review, needs_attention
from webapp.queries.messages import NO_CAUSE

# Above this a count is said as "10,000+".
MOST_FAILURES = 10_000
# So many causes are told, and whether there are more.
MOST_GROUPS = 20
# So many are looked at for alerts.
MOST_NEWEST = 200
# So many of the oldest retrying messages are looked at.
LOOKED_AT = 1_000
MOST_ORDERS = 10
# From this try on, what the OMS answers with an error is a person's business, though still retried (F05).
PATIENCE_TRIES = 3


@dataclass(frozen=True, slots=True)
class Failure:
    """Messages of one topic, far side and cause: `failed`, or `retrying` what the OMS answers with an error.

    `sample` is the newest of them and `reason` what it says; `behind` how many messages wait behind them in
    their keys.
    """

    status: MessageStatus
    topic: str
    direction: Direction
    endpoint: Endpoint
    cause: str
    reason: str
    sample: str
    order: str | None
    first: datetime
    last: datetime
    many: int
    behind: int = 0

    @property
    def marks(self) -> dict[str, str]:
        """What they have in common, as a filter of the journal."""
        return {
            "status": self.status.value,
            "direction": self.direction.value,
            "endpoint": self.endpoint.value,
            "topic": self.topic,
            "cause": self.cause or NO_CAUSE,
        }


@dataclass(frozen=True, slots=True)
class OrderInNeed:
    """An order, since when, and the sentence that says why."""

    increment_id: str
    since: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Orders:
    """The oldest of them, and how many there are, counted up to `MOST_NEEDS`."""

    some: list[OrderInNeed]
    many: int


@dataclass(frozen=True, slots=True)
class Attention:
    """All that needs a person; one more of `failures` than `MOST_GROUPS` says that there are others."""

    failures: list[Failure]
    stubborn: list[Failure]
    held: Orders
    flagged: Orders

    @property
    def things(self) -> int:
        """How many rows that makes."""
        return len(self.failures) + len(self.stubborn) + len(self.held.some) + len(self.flagged.some)


def read_attention(session: Session) -> Attention:
    """Everything that needs a person now, each kind with the longest waiting first."""
    return Attention(
        failures=_failures(session),
        stubborn=_stubborn(session),
        held=_orders(session, held_for_review(), Order.export_reason),
        flagged=_orders(session, needs_attention(), Order.attention),
    )


def _failures(session: Session) -> list[Failure]:
    """All failed messages by what they have in common, read from an index of those alone."""
    behind = _waiting_behind(session)
    groups = _grouped(session, Message, Message.settled_at, (is_failed(Message),))
    told = [_failure(*pair, MessageStatus.FAILED) for pair in groups]
    return [replace(one, behind=behind.get((one.topic, one.cause, one.endpoint), 0)) for one in told]


def newest_failures(session: Session) -> list[Failure]:
    """Failed messages by what they have in common, those that failed last first."""
    groups = _grouped(
        session, Message, Message.settled_at, (is_failed(Message),), newest_first=True, limit=MOST_NEWEST
    )
    return [_failure(*pair, MessageStatus.FAILED) for pair in groups]


def _stubborn(session: Session) -> list[Failure]:
    """What is answered, but never taken: retried, and shown from the third try on."""
    oldest = (
        select(
            Message.id,
            Message.topic,
            Message.direction,
            Message.endpoint,
            Message.cause,
            Message.series_tries,
            Message.created_at,
        )
        .where(Message.status == MessageStatus.RETRYING)
        .order_by(Message.id)
        .limit(LOOKED_AT)
        .subquery()
        .c
    )
    which = (oldest.series_tries >= PATIENCE_TRIES, oldest.cause.not_in(SILENCE))
    groups = _grouped(session, oldest, oldest.created_at, which)
    return [_failure(*pair, MessageStatus.RETRYING) for pair in groups]


def _grouped(
    session: Session,
    of: Any,
    since: Any,
    which: Sequence[ColumnElement[bool]],
    *,
    newest_first: bool = False,
    limit: int = MOST_GROUPS + 1,
) -> list[tuple[Any, Any]]:
    """What these have in common, the longest failing first or the newest; each with its newest message."""
    marks = (of.topic, of.direction, of.endpoint, of.cause)
    rows = session.execute(
        select(
            *marks,
            func.count().label("many"),
            func.min(since).label("first"),
            func.max(since).label("last"),
            func.max(of.id).label("newest"),
        )
        .where(*which)
        .group_by(*marks)
        .order_by(func.max(since).desc() if newest_first else func.min(since))
        .limit(limit)
    ).all()
    wanted = select(Message.id, Message.uid, Message.reason, Message.order_number)
    samples = {
        row.id: row for row in session.execute(wanted.where(Message.id.in_([row.newest for row in rows])))
    }
    return [(row, samples[row.newest]) for row in rows]


def is_failed(message: Any) -> ColumnElement[bool]:
    """True of a failed message; written out, or SQLite does not see the index of those alone."""
    failed: ColumnElement[bool] = message.status == literal_column("'failed'")
    return failed


def _failure(row: Any, sample: Any, status: MessageStatus) -> Failure:
    return Failure(
        status=status,
        topic=row.topic,
        direction=row.direction,
        endpoint=row.endpoint,
        cause=row.cause,
        reason=sample.reason,
        sample=sample.uid,
        order=sample.order_number,
        first=row.first,
        last=row.last,
        many=row.many,
    )


def _waiting_behind(session: Session) -> dict[tuple[str, str, Endpoint], int]:
    """How many messages wait behind failures that block their keys, by topic, cause and far side."""
    blocking, later = aliased(Message), aliased(Message)
    rows = session.execute(
        select(blocking.topic, blocking.cause, blocking.endpoint, func.count(later.id))
        .join(
            later,
            and_(later.key == blocking.key, later.is_open, later.id != blocking.id, _behind(later, blocking)),
        )
        .where(is_failed(blocking), blocking.is_open)
        .group_by(blocking.topic, blocking.cause, blocking.endpoint)
    )
    return {(topic, cause, endpoint): many for topic, cause, endpoint, many in rows}


def _behind(later: Any, blocking: Any) -> ColumnElement[bool]:
    place, ahead = func.coalesce(later.position, later.id), func.coalesce(blocking.position, blocking.id)
    return or_(place > ahead, and_(place == ahead, later.id > blocking.id))


def _orders(session: Session, which: ColumnElement[bool], why: Any) -> Orders:
    rows: Sequence[Any] = session.execute(
        select(Order.increment_id, Order.updated_at, why)
        .where(which)
        .order_by(Order.id)
        .limit(MOST_NEEDS + 1)
    ).all()
    return Orders([OrderInNeed(*row) for row in rows[:MOST_ORDERS]], len(rows))
