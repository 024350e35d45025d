"""The API Journal: messages by any of their marks, newest first (F03)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, TypeVar

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, defer, joinedload, selectinload

from webapp.domain.refusals import Refused
from webapp.domain.schemas import Schema, integer, moment, nullable
from webapp.domain.states import Direction, Endpoint, MessageStatus
from webapp.models.jobs import Job
from webapp.models.messages import Attempt, Message, Transition
from webapp.queries.beginnings import begins_with
from webapp.queries.moments import id_span
from webapp.queries.paging import FILTER, SOMETHING, Page, read_filter

W = TypeVar("W", bound=StrEnum)
STATUSES = tuple(status.value for status in MessageStatus)
# What the journal is asked by; an empty text asks for nothing.
QUERY: Final[Mapping[str, Schema]] = {
    **{
        name: {"type": "string", "enum": [*words, ""]}
        for name, words in (("direction", Direction), ("endpoint", Endpoint), ("status", MessageStatus))
    },
    **dict.fromkeys(("topic", "cause", "order", "sku"), FILTER),
    **dict.fromkeys(("since", "until"), moment(empty=True)),
    **dict.fromkeys(("job", "q"), FILTER),
}
# What is turned away at the door is journaled as it came, and known by these causes.
TURNED_AWAY = ("call.", "oms.signature")
# What is asked for to find messages that have no cause.
NO_CAUSE = "-"


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """What to look for; `q` is an order number, SKU, message id or the beginning of one.

    `cause` is by what failures group, `NO_CAUSE` for none; `job` the id of a job that began them again.
    """

    direction: Direction | None = None
    endpoint: Endpoint | None = None
    status: MessageStatus | None = None
    topic: str | None = None
    cause: str | None = None
    order: str | None = None
    sku: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    job: str | None = None
    q: str | None = None

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "MessageFilter":
        """The filter as given in an address; raises `Refused` naming what can't be."""
        return cls(
            direction=_read_word(given, "direction", Direction),
            endpoint=_read_word(given, "endpoint", Endpoint),
            status=_read_word(given, "status", MessageStatus),
            topic=read_filter(given, "topic"),
            cause=read_filter(given, "cause"),
            order=read_filter(given, "order"),
            sku=read_filter(given, "sku"),
            since=_read_time("since", given.get("since")),
            until=_read_time("until", given.get("until")),
            job=read_filter(given, "job"),
            q=read_filter(given, "q"),
        )

    def as_given(self) -> dict[str, str]:
        """The filter as it is given in an address: what `read` takes; nothing where all is looked for."""
        marks = {one.name: getattr(self, one.name) for one in fields(self)}
        return {
            name: mark.isoformat() if isinstance(mark, datetime) else str(mark)
            for name, mark in marks.items()
            if mark is not None
        }

    def conditions(self, session: Session) -> list[ColumnElement[bool]]:
        """The same as SQL."""
        exact = {
            Message.direction: self.direction,
            Message.endpoint: self.endpoint,
            Message.status: self.status,
            Message.topic: self.topic,
            Message.cause: "" if self.cause == NO_CAUSE else self.cause,
            Message.order_number: self.order,
        }
        found: list[ColumnElement[bool]] = [
            column == value for column, value in exact.items() if value is not None
        ]
        if self.sku:
            found.append(Message.key.in_([f"{one}:oms:product:{self.sku}" for one in ("out", "in")]))
        if self.since:
            found.append(Message.created_at >= self.since)
        if self.until:
            found.append(Message.created_at < self.until)
        if self.job:
            begun = select(Transition.message_id).join(Job, Job.id == Transition.job_id)
            found.append(Message.id.in_(begun.where(Job.uid == self.job)))
        if self.q:
            found.append(_search(session, self.q))
        return found + id_span(session, self.since, self.until)


# By what messages are told apart.
MARKS = tuple(one.name for one in fields(MessageFilter))
# A filter as JSON Schema of an object: numbers may stand for texts, and something must be looked for.
FILTER_MARKS: Final[Schema] = {
    "type": "object",
    "properties": {name: nullable(schema, integer()) for name, schema in QUERY.items()},
    "additionalProperties": False,
    "anyOf": [{"required": [name], "properties": {name: SOMETHING}} for name in QUERY],
}


def _search(session: Session, q: str) -> ColumnElement[bool]:
    keys = [f"{way}:{side}:{kind}:{q}" for way in ("out", "in") for side in ("oms", "store")
            for kind in ("order", "product", "aggregate")]  # fmt: skip
    return or_(
        Message.uid == q,
        Message.wire_id == q,
        begins_with(session, Message.order_number, q),
        Message.key.in_(keys),
    )


def _read_word(given: Mapping[str, str], name: str, words: type[W]) -> W | None:
    word = given.get(name) or None
    if word is not None and word not in set(words):
        raise Refused(name, "one of " + ", ".join(words), word)
    return words(word) if word else None


def _read_time(name: str, text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refused(name, "a time such as 2026-01-31T12:00:00Z", text) from None


@dataclass(frozen=True, slots=True)
class MessageList:
    """One page of messages, without their payloads; `next_before` is the key of the next, or None."""

    messages: list[Message] = field(default_factory=list)
    next_before: int | None = None


def list_messages(session: Session, wanted: MessageFilter, page: Page) -> MessageList:
    """One page of the messages that match, newest first."""
    query = (
        select(Message)
        .where(*wanted.conditions(session))
        .order_by(Message.id.desc())
        .limit(page.limit + 1)
        .options(defer(Message.payload), defer(Message.answer), selectinload(Message.attempts))
    )
    if page.before is not None:
        query = query.where(Message.id < page.before)
    found = list(session.scalars(query))
    more = len(found) > page.limit
    return MessageList(found[: page.limit], found[page.limit - 1].id if more else None)


@dataclass(frozen=True, slots=True)
class MessageFile:
    """A message with its tries, its changes of state, and what is around it in its key."""

    message: Message
    attempts: list[Attempt]
    transitions: list[Transition]
    neighbours: list[Message]
    waits_for: Message | None


NEIGHBOURS = 20


def find_message(session: Session, uid: str) -> MessageFile | None:
    """The message with this id, or None."""
    message = session.scalar(select(Message).where(Message.uid == uid))
    if message is None:
        return None
    attempts = session.scalars(
        select(Attempt).where(Attempt.message_id == message.id).order_by(Attempt.id)
    ).all()
    transitions = session.scalars(
        select(Transition)
        .where(Transition.message_id == message.id)
        .order_by(Transition.id)
        .options(joinedload(Transition.job))
    ).all()
    return MessageFile(
        message,
        list(attempts),
        list(transitions),
        _neighbours(session, message),
        waits_for(session, message),
    )


def _neighbours(session: Session, message: Message) -> list[Message]:
    lean = (defer(Message.payload), defer(Message.answer))
    of_key = select(Message).where(Message.key == message.key).options(*lean)
    if message.order_number:
        of_key = select(Message).where(Message.order_number == message.order_number).options(*lean)
    before = session.scalars(
        of_key.where(Message.id < message.id).order_by(Message.id.desc()).limit(NEIGHBOURS)
    ).all()
    after = session.scalars(
        of_key.where(Message.id > message.id).order_by(Message.id).limit(NEIGHBOURS)
    ).all()
    return [*reversed(before), *after]


def waits_for(session: Session, message: Message) -> Message | None:
    """The oldest open message of the key, where it is another one."""
    waiting = (MessageStatus.PENDING, MessageStatus.RETRYING, MessageStatus.HELD)
    if message.status not in waiting:
        return None
    place = func.coalesce(Message.position, Message.id)
    head = session.scalar(
        select(Message)
        .where(Message.key == message.key, Message.is_open)
        .order_by(place, Message.id)
        .limit(1)
    )
    return head if head is not None and head.id != message.id else None
