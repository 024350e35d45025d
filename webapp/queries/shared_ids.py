"""Ids that a peer gives to more than one message (protocol: Envelope; some always send `1`)."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.domain.states import Direction
from webapp.models.messages import Message

# Of a peer that always sends the same one, no more than this is worth counting.
MOST = 100


def note_shared_id(session: Session, message: Message) -> str:
    """What is to be noted of an incoming message whose id came with other bodies too, else ""."""
    if message.direction is not Direction.IN or message.wire_id in (None, message.uid):
        return ""
    others = (
        select(Message.id)
        .where(
            Message.wire_id == message.wire_id,
            Message.direction == message.direction,
            Message.endpoint == message.endpoint,
            Message.id != message.id,
            Message.payload != message.payload,
        )
        .limit(MOST + 1)
    )
    count = session.scalar(select(func.count()).select_from(others.subquery())) or 0
    if not count:
        return ""
    many = f"more than {MOST}" if count > MOST else str(count)
    noun = "body" if count == 1 else "bodies"
    return f"Its id, {message.wire_id}, came with {many} other {noun} too: each is a message of its own."
