"""What a person does to a message: send it again, or set it aside (F04); audited."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.domain.states import MessageStatus
from webapp.flows.settle_order import mark_queued_again, mark_set_aside
from webapp.messaging.replay import replay, skip
from webapp.models.accounts import AuditEntry
from webapp.models.locks import lock_order
from webapp.models.messages import Message


def replay_one(session: Session, uid: str, actor: str) -> str | None:
    """Begin a new series of tries on a message; None when done, else why it can't be."""
    message = _find(session, uid)
    if message is None:
        return None
    if message.direction == "in" and message.endpoint == "store":
        return "An order the store handed in is not sent again from here: the store sends it again."
    if message.status is MessageStatus.SUPERSEDED:
        return "A newer message took its place; send that one again instead."
    if not replay(session, [message.id], actor):
        return f"It is {message.status.value.replace('_', ' ')} now, so there is nothing to send again."
    mark_queued_again(session, message)
    _note(session, "message replayed", uid, actor)
    return None


def skip_one(session: Session, uid: str, reason: str, actor: str) -> str | None:
    """Set a message aside for good; None when done, else why it can't be."""
    message = _find(session, uid)
    if message is None:
        return None
    if not skip(session, [message.id], actor, reason):
        return f"It is {message.status.value.replace('_', ' ')} now, so it cannot be skipped."
    mark_set_aside(session, message, reason)
    _note(session, "message skipped", uid, actor, reason)
    return None


def _find(session: Session, uid: str) -> Message | None:
    message = session.scalar(select(Message).where(Message.uid == uid))
    if message is not None and message.order_number:
        lock_order(session, message.order_number)
    return message


def _note(session: Session, action: str, uid: str, actor: str, after: str = "") -> None:
    session.add(AuditEntry(at=clock.now(), actor=actor, action=action, subject=f"message {uid}", after=after))
