"""The API Journal as its page shows it: newest first, paged both ways, counted up to a limit (F03, P6)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from webapp.extensions import read
from webapp.models.messages import Message
from webapp.models.orders import Order
from webapp.queries.messages import MessageFilter
from webapp.queries.paging import MOST

PAGE: Final = 50
# Counting stops here; above it the page says "10,000+".
COUNTED: Final = 10_000


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message as lists show it, without its payload; `key` is its business key (`order:000000042`).

    `order_here`: the order it speaks of is one of ours.
    """

    id: int
    uid: str
    direction: str
    endpoint: str
    topic: str
    key: str
    order_number: str | None
    order_here: bool
    status: str
    tries: int
    reason: str
    cause: str
    created_at: datetime
    last_tried_at: datetime | None
    next_try_at: datetime | None
    expires_at: datetime | None
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class JournalPage:
    """One page, newest first; `newer` and `older` are the ids its neighbours begin beyond, or None."""

    rows: list[MessageRow]
    newer: int | None
    older: int | None


def browse_messages(
    session: Session, wanted: MessageFilter, *, before: int | None = None, after: int | None = None
) -> JournalPage:
    """The messages that match, below the id `before` or above the id `after`, else the newest."""
    query = lean(session, wanted).limit(PAGE + 1)
    if after is not None:
        query = query.where(Message.id > after).order_by(Message.id)
    else:
        query = query.where(Message.id < before) if before is not None else query
        query = query.order_by(Message.id.desc())
    found = [row_of(row) for row in session.execute(query)]
    more, found = len(found) > PAGE, found[:PAGE]
    if not found:
        return JournalPage([], None, None)
    if after is not None:
        found.reverse()
        return JournalPage(found, found[0].id if more else None, found[-1].id)
    return JournalPage(found, found[0].id if before is not None else None, found[-1].id if more else None)


def all_messages(wanted: MessageFilter) -> Iterator[MessageRow]:
    """All messages that match, newest first, a batch at a time: memory stays flat."""
    before: int | None = None
    while True:
        with read() as session:
            query = lean(session, wanted).order_by(Message.id.desc()).limit(MOST)
            found = session.execute(query.where(Message.id < before) if before else query).all()
        yield from map(row_of, found)
        if len(found) < MOST:
            return
        before = found[-1].id


def count_newer(session: Session, wanted: MessageFilter, newest: int, most: int) -> int:
    """How many messages that match came after the id `newest`, up to `most`."""
    newer = select(Message.id).where(*wanted.conditions(session), Message.id > newest).limit(most).subquery()
    return session.scalar(select(func.count()).select_from(newer)) or 0


def newest_id(session: Session) -> int:
    """The id of the newest message of all, 0 where there is none."""
    return session.scalar(select(func.max(Message.id))) or 0


def lean(session: Session, wanted: MessageFilter | None = None) -> Select[*tuple[Any, ...]]:
    """The messages that match, without what is heavy."""
    here = exists().where(Order.increment_id == Message.order_number).label("order_here")
    columns: tuple[Any, ...] = (
        Message.id, Message.uid, Message.direction, Message.endpoint, Message.topic, Message.key,
        Message.order_number, Message.status, Message.tries, Message.reason, Message.cause,
        Message.created_at, Message.last_tried_at, Message.next_try_at, Message.expires_at,
        Message.settled_at, here,
    )  # fmt: skip
    return select(*columns).where(*wanted.conditions(session) if wanted else ())


def row_of(row: Any) -> MessageRow:
    """A row of `lean`."""
    found = dict(row._mapping)
    found["key"] = found["key"].split(":", 2)[-1]
    found["order_here"] = bool(found["order_here"])
    for name in ("direction", "endpoint", "status"):
        found[name] = found[name].value
    return MessageRow(**found)
