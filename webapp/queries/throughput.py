"""The last hour in slots of five minutes: what was sent, received, failed, and how long it waited.

A slot that is over changes no more, so it is counted once and remembered by the process.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock

from sqlalchemy import ColumnElement, Float, Integer, case, cast, extract, func, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.domain.states import Direction, MessageStatus
from webapp.models.messages import Message

SLOT_SECONDS = 300
SLOTS = 12
# What was settled just before a slot's end may still be committed after it.
STILL_COMING = 30
_REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class Slot:
    """Five minutes: messages settled in them by how they ended, and the longest any of them had waited."""

    sent: int = 0
    received: int = 0
    failed: int = 0
    longest_wait: int = 0


class _Remembered:
    """Slots that are over, by database and number."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._slots: OrderedDict[tuple[str, int], Slot] = OrderedDict()

    def find(self, database: str, numbers: Iterable[int]) -> dict[int, Slot]:
        with self._lock:
            return {n: self._slots[database, n] for n in numbers if (database, n) in self._slots}

    def keep(self, database: str, slots: dict[int, Slot]) -> None:
        with self._lock:
            for number, slot in slots.items():
                self._slots[database, number] = slot
            while len(self._slots) > _REMEMBERED:
                self._slots.popitem(last=False)


_remembered = _Remembered()


def last_hour(session: Session) -> list[Slot]:
    """The slots of the last hour, oldest first; the last is the one under way."""
    now = clock.now().timestamp()
    current = int(now // SLOT_SECONDS)
    numbers = range(current - SLOTS + 1, current + 1)
    database = str(session.get_bind().engine.url)
    # The one under way is counted anew, also where a clock that was moved back made it one that was over.
    known = _remembered.find(database, numbers[:-1])
    missing = [number for number in numbers if number not in known]
    counted = _count(session, missing[0])
    over = {n: counted.get(n, Slot()) for n in missing if (n + 1) * SLOT_SECONDS + STILL_COMING <= now}
    _remembered.keep(database, over)
    return [known.get(number) or counted.get(number, Slot()) for number in numbers]


def _count(session: Session, first: int) -> dict[int, Slot]:
    """The slots from `first` on, those with something in them."""
    begin = datetime.fromtimestamp(first * SLOT_SECONDS, UTC)
    slot = _slot_of(session).label("slot")
    done, failed = Message.status == MessageStatus.SUCCEEDED, Message.status == MessageStatus.FAILED
    rows = session.execute(
        select(
            slot,
            func.sum(case((done & (Message.direction == Direction.OUT), 1), else_=0)).label("sent"),
            func.sum(case((done & (Message.direction == Direction.IN), 1), else_=0)).label("received"),
            func.sum(case((failed, 1), else_=0)).label("failed"),
            func.max(_waited(session)).label("longest"),
        )
        .where(Message.settled_at >= begin)
        .group_by(slot)
    )
    return {row.slot: Slot(row.sent, row.received, row.failed, max(0, round(row.longest))) for row in rows}


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _slot_of(session: Session) -> ColumnElement[int]:
    if _is_postgresql(session):
        return cast(func.floor(extract("epoch", Message.settled_at) / SLOT_SECONDS), Integer)
    return cast(func.strftime("%s", Message.settled_at), Integer) // SLOT_SECONDS


def _waited(session: Session) -> ColumnElement[float]:
    if _is_postgresql(session):
        return cast(extract("epoch", Message.settled_at - Message.created_at), Float)
    days = func.julianday(Message.settled_at) - func.julianday(Message.created_at)
    return cast(days * timedelta(days=1).total_seconds(), Float)
