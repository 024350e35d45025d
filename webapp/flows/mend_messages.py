"""What a person does to messages: send them again, or set them aside (F04); audited.

One and many go the same way: a batch under the locks of its orders, each message begun or with a reason why
not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.domain.schemas import visible_text
from webapp.domain.states import Direction, Endpoint, MessageStatus
from webapp.flows.settle_order import cancelled_before_export, mark_queued_again, mark_set_aside
from webapp.messaging.replay import ENDED, replay, skip
from webapp.models.accounts import AuditEntry
from webapp.models.locks import lock_orders
from webapp.models.messages import Message
from webapp.queries.messages import TURNED_AWAY

LONGEST_REASON = 1_000
# Why a message is set aside, as JSON Schema.
REASON = visible_text(LONGEST_REASON)
SIDES = {Endpoint.OMS: "OMS", Endpoint.STORE: "store"}
CHANGED = "It has changed just now, so there is nothing to send again."
CANCELLED = "The order was cancelled before it was exported, so it is not sent."


@dataclass(frozen=True, slots=True)
class Mended:
    """Which of a batch of messages were mended, and why the others were not."""

    done: list[int]
    refused: dict[int, str]


def replay_these(session: Session, ids: Sequence[int], actor: str, *, job_id: int | None = None) -> Mended:
    """Begin a new series of tries on these messages; an order whose create is sent again is queued again."""
    _lock_orders_of(session, ids)
    found = session.execute(
        select(Message.id, Message.direction, Message.endpoint, Message.cause, Message.status).where(
            Message.id.in_(ids)
        )
    ).all()
    refused = {row.id: why for row in found if (why := _why_not_again(row)) is not None}
    refused |= dict.fromkeys(cancelled_before_export(session, ids), CANCELLED)
    wanted = [one for one in ids if one not in refused]
    begun = replay(session, wanted, actor, job_id=job_id)
    mark_queued_again(session, begun)
    return Mended(begun, refused | dict.fromkeys(set(wanted) - set(begun), CHANGED))


def skip_these(
    session: Session, ids: Sequence[int], reason: str, actor: str, *, job_id: int | None = None
) -> Mended:
    """Set these messages aside for good; an order whose create is among them is not exported."""
    _lock_orders_of(session, ids)
    skipped = skip(session, ids, actor, reason, job_id=job_id)
    mark_set_aside(session, skipped, reason)
    left = select(Message.id, Message.status).where(Message.id.in_(set(ids) - set(skipped)))
    words = "It is {} now, so it cannot be skipped."
    return Mended(skipped, {row.id: words.format(_in_words(row.status)) for row in session.execute(left)})


def replay_one(session: Session, uid: str, actor: str) -> str | None:
    """Begin a new series of tries on a message; None when done, else why it can't be."""
    message_id = _find(session, uid)
    if message_id is None:
        return None
    why_not = replay_these(session, [message_id], actor).refused.get(message_id)
    if why_not is None:
        _note(session, "message replayed", uid, actor)
    return why_not


def skip_one(session: Session, uid: str, reason: str, actor: str) -> str | None:
    """Set a message aside for good; None when done, else why it can't be."""
    message_id = _find(session, uid)
    if message_id is None:
        return None
    why_not = skip_these(session, [message_id], reason, actor).refused.get(message_id)
    if why_not is None:
        _note(session, "message skipped", uid, actor, reason)
    return why_not


def may_send_again(direction: str, endpoint: str, cause: str) -> bool:
    """False of what was turned away as it came: nothing of it was taken in that could be tried again."""
    return direction == Direction.OUT or (endpoint != Endpoint.STORE and not cause.startswith(TURNED_AWAY))


def _why_not_again(row: Any) -> str | None:
    if not may_send_again(row.direction, row.endpoint, row.cause):
        return f"It was turned away as it came, so it is for the {SIDES[row.endpoint]} to send it again."
    if row.status is MessageStatus.SUPERSEDED:
        return "A newer message took its place; send that one again instead."
    if row.status not in ENDED:
        return f"It is {_in_words(row.status)} now, so there is nothing to send again."
    return None


def _in_words(status: MessageStatus) -> str:
    return status.value.replace("_", " ")


def _lock_orders_of(session: Session, ids: Sequence[int]) -> None:
    numbers = select(Message.order_number).where(Message.id.in_(ids), Message.order_number.is_not(None))
    lock_orders(session, filter(None, session.scalars(numbers.distinct())))


def _find(session: Session, uid: str) -> int | None:
    return session.scalar(select(Message.id).where(Message.uid == uid))


def _note(session: Session, action: str, uid: str, actor: str, after: str = "") -> None:
    session.add(AuditEntry(at=clock.now(), actor=actor, action=action, subject=f"message {uid}", after=after))
