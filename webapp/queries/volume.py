"""How many messages there were over time, and how many of them failed: the journal's chart (F03)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, case, cast, extract, func, select
from sqlalchemy.orm import Session

from webapp.domain.states import MessageStatus
from webapp.models.messages import Message
from webapp.queries.journal import COUNTED
from webapp.queries.messages import MessageFilter

# A single bar would look like a flood.
LEAST_SLOTS: Final = 30
MOST_SLOTS: Final = 60
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
# Lengths of time people think in, in seconds.
STEPS: Final = (
    _MINUTE, 5 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE, _HOUR, 2 * _HOUR, 6 * _HOUR, 12 * _HOUR,
    _DAY, 7 * _DAY, 28 * _DAY, 364 * _DAY,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slot:
    """A length of time (`until` not in it), how many messages were written down in it, how many failed."""

    since: datetime
    until: datetime
    total: int
    failed: int


@dataclass(frozen=True, slots=True)
class Volume:
    """Slots oldest first, without gaps; `counted` messages, the newest `COUNTED` where there are more."""

    slots: tuple[Slot, ...]
    counted: int
    more: bool


def volume(session: Session, wanted: MessageFilter, now: datetime) -> Volume:
    """The messages that match, over the time from the oldest of them; only the newest are counted (P6)."""
    newest = (
        select(Message.created_at, Message.status)
        .where(*wanted.conditions(session))
        .order_by(Message.id.desc())
        .limit(COUNTED + 1)
        .subquery()
    )
    found = session.execute(select(func.count().label("total"), func.min(newest.c.created_at).label("first")))
    counted, first = found.one()
    if not counted or first is None:
        return Volume((), 0, more=False)
    ends = min(wanted.until or now, now)
    step = _step((ends - first).total_seconds())
    slot = (_seconds(session, newest.c.created_at) // step).label("slot")
    failed = func.sum(case((newest.c.status == MessageStatus.FAILED, 1), else_=0))
    grouped = select(slot, func.count().label("total"), failed.label("failed")).group_by(slot)
    counts = {row.slot: (row.total, row.failed) for row in session.execute(grouped)}
    last = max(int(ends.timestamp()) // step, *counts)
    begins = min(last - LEAST_SLOTS + 1, *counts)
    slots = tuple(_slot(number, step, *counts.get(number, (0, 0))) for number in range(begins, last + 1))
    return Volume(slots, min(counted, COUNTED), more=counted > COUNTED)


def _step(seconds: float) -> int:
    for step in STEPS:
        if seconds / step <= MOST_SLOTS:
            return step
    return STEPS[-1]


def _slot(number: int, step: int, total: int, failed: int) -> Slot:
    since, until = (datetime.fromtimestamp(one * step, UTC) for one in (number, number + 1))
    return Slot(since, until, total, failed)


def _seconds(session: Session, column: ColumnElement[Any]) -> ColumnElement[int]:
    """A time as whole seconds since 1970."""
    if session.get_bind().dialect.name == "postgresql":
        return cast(func.floor(extract("epoch", column)), BigInteger)
    return cast(func.strftime("%s", column), BigInteger)
