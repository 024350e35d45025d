"""One message and what is around it, as its page shows it (F03, F04, F05)."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.states import Direction
from webapp.models.breakers import Breaker
from webapp.models.messages import Attempt, Message, Transition
from webapp.queries.journal import MessageRow, lean, row_of
from webapp.queries.messages import find_message
from webapp.queries.shared_ids import note_shared_id


@dataclass(frozen=True, slots=True)
class MessageStory:
    """A message with its tries and changes of state, oldest first.

    `row` is the message as lists show it; `paused`: nothing is sent to its far side while that does not
    answer; `around` the other messages of its order or key, newest first;
    `waits_for` the one ahead of it in its key; `successor` what took its place, `replaces` whose place it
    took; `note` what is odd about it, or "".
    """

    message: Message
    row: MessageRow
    attempts: list[Attempt]
    transitions: list[Transition]
    around: list[MessageRow]
    waits_for: MessageRow | None
    successor: MessageRow | None
    replaces: list[MessageRow]
    note: str
    paused: bool


def tell_message(session: Session, uid: str) -> MessageStory | None:
    """The message with this id, or None."""
    file = find_message(session, uid)
    if file is None:
        return None
    message = file.message
    replaced = session.scalars(
        select(Message.id).where(Message.key == message.key, Message.superseded_by == message.id)
    ).all()
    rows = _rows(
        session,
        {
            message.id,
            *(one.id for one in file.neighbours),
            *([file.waits_for.id] if file.waits_for else []),
            *([message.superseded_by] if message.superseded_by else []),
            *replaced,
        },
    )
    return MessageStory(
        message=message,
        row=rows[message.id],
        attempts=file.attempts,
        transitions=file.transitions,
        around=[rows[one.id] for one in reversed(file.neighbours) if one.id in rows],
        waits_for=rows.get(file.waits_for.id) if file.waits_for else None,
        successor=rows.get(message.superseded_by or 0),
        replaces=[rows[row_id] for row_id in replaced if row_id in rows],
        note=note_shared_id(session, message),
        paused=_is_paused(session, message),
    )


def _is_paused(session: Session, message: Message) -> bool:
    breaker = session.get(Breaker, (message.endpoint, message.lane))
    return message.direction is Direction.OUT and breaker is not None and breaker.opened_at is not None


def _rows(session: Session, ids: set[int]) -> dict[int, MessageRow]:
    found = session.execute(lean(session).where(Message.id.in_(ids)))
    return {row.id: row_of(row) for row in found}
