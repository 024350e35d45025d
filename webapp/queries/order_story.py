"""An order and all that was said about it: what its page shows (F19, F20, F21)."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, defer

from webapp.models.messages import Message
from webapp.queries.journal import MessageRow, lean, row_of
from webapp.queries.messages import MessageFilter, waits_for
from webapp.queries.order import OrderFile, find_order

# Newest first; the journal has the others.
MOST_MESSAGES: Final = 200


@dataclass(frozen=True, slots=True)
class OrderStory:
    """An order's file with its messages, newest first.

    `apart` counts, by status, its messages of a topic too many to list; `uids` are the message ids people
    use, by the row ids that comments and shipments name. `export` is the create that carries the order,
    `ahead` the message it waits for, where it waits for one.
    """

    file: OrderFile
    messages: list[MessageRow]
    apart: dict[str, int]
    uids: dict[int, str]
    export: MessageRow | None
    ahead: MessageRow | None


def tell_story(session: Session, increment_id: str, apart: str) -> OrderStory | None:
    """The order with this number, or None; its messages of the topic `apart` are only counted."""
    file = find_order(session, increment_id)
    if file is None:
        return None
    of_order = lean(session, MessageFilter(order=increment_id))
    found = session.execute(
        of_order.where(Message.topic != apart).order_by(Message.id.desc()).limit(MOST_MESSAGES)
    )
    messages = [row_of(row) for row in found]
    counted = session.execute(
        select(Message.status, func.count())
        .where(Message.order_number == increment_id, Message.topic == apart)
        .group_by(Message.status)
    )
    rows = [*(one.message_id for one in file.comments), *(one.message_id for one in file.shipments)]
    named = select(Message.id, Message.uid).where(Message.id.in_({row for row in rows if row is not None}))
    uids = {row.id: row.uid for row in session.execute(named)}
    export = next((one for one in messages if one.id == file.order.export_message_id), None)
    counts = {status.value: count for status, count in counted}
    return OrderStory(file, messages, counts, uids, export, _ahead_of(session, file.order.export_message_id))


def _ahead_of(session: Session, export_id: int | None) -> MessageRow | None:
    """The message of the order's key that goes before its create."""
    create = session.scalar(
        select(Message).where(Message.id == export_id).options(defer(Message.payload), defer(Message.answer))
    )
    ahead = waits_for(session, create) if create is not None else None
    if ahead is None:
        return None
    return row_of(session.execute(lean(session).where(Message.id == ahead.id)).one())
