"""What a person does to a message: send it again, or set it aside (F04); audited."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp import clock
from webapp.domain.states import Direction, Endpoint, ExportState, MessageStatus
from webapp.extensions import transaction
from webapp.flows.settle_order import mark_queued_again, mark_set_aside, why_not_again
from webapp.messaging.replay import replay, skip
from webapp.models.accounts import AuditEntry
from webapp.models.locks import lock_order, lock_orders
from webapp.models.messages import Message
from webapp.models.orders import Order
from webapp.queries.attention import Group

# What is turned away at the door is journaled as it came, and known by these causes.
TURNED_AWAY = ("call.", "oms.signature")
SIDES = {Endpoint.OMS: "OMS", Endpoint.STORE: "store"}
BATCH = 200
# Nobody waits longer than this on one press of a button; what is left is for the next.
PRESS_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Mended:
    """How many messages one press mended, and whether there are more of them."""

    done: int
    more: bool


def replay_one(session: Session, uid: str, actor: str) -> str | None:
    """Begin a new series of tries on a message; None when done, else why it can't be."""
    message = _find(session, uid)
    if message is None:
        return None
    if not may_send_again(message.direction, message.endpoint, message.cause):
        return f"It was turned away as it came, so it is for the {SIDES[message.endpoint]} to send it again."
    if message.status is MessageStatus.SUPERSEDED:
        return "A newer message took its place; send that one again instead."
    if (why_not := why_not_again(session, message)) is not None:
        return why_not
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


def may_send_again(direction: str, endpoint: str, cause: str) -> bool:
    """False of what was turned away as it came: nothing of it was taken in that could be tried again."""
    return direction == Direction.OUT or (endpoint != Endpoint.STORE and not cause.startswith(TURNED_AWAY))


def replay_group(group: Group, actor: str) -> Mended:
    """Begin a new series of tries on all failed messages of one cause, in batches, oldest first."""
    if not may_send_again(group.direction, group.endpoint, group.cause):
        return Mended(0, more=False)

    def again(session: Session, ids: list[int]) -> list[int]:
        begun = replay(session, ids, actor)
        session.execute(
            update(Order)
            .where(Order.export_message_id.in_(begun), Order.export_state == ExportState.FAILED)
            .values(export_state=ExportState.QUEUED, export_reason="")
            .execution_options(synchronize_session=False)
        )
        return begun

    return _mend_group(group, "messages replayed", actor, again)


def set_aside_group(group: Group, reason: str, actor: str) -> Mended:
    """Set aside all of one cause that was turned away as it came, with a reason."""
    if may_send_again(group.direction, group.endpoint, group.cause):
        return Mended(0, more=False)
    return _mend_group(
        group, "messages skipped", actor, lambda session, ids: skip(session, ids, actor, reason)
    )


def _mend_group(
    group: Group, action: str, actor: str, mend: Callable[[Session, list[int]], list[int]]
) -> Mended:
    last = done = 0
    ends = clock.monotonic() + PRESS_SECONDS
    while clock.monotonic() < ends:
        with transaction() as session:
            some = select(Message.id, Message.order_number).where(*group.conditions(), Message.id > last)
            found = session.execute(some.order_by(Message.id).limit(BATCH)).all()
            if not found:
                return Mended(done, more=False)
            lock_orders(session, (row.order_number for row in found if row.order_number))
            mended = len(mend(session, [row.id for row in found]))
            subject = f"{mended} failed messages of {group.topic}"
            session.add(
                AuditEntry(at=clock.now(), actor=actor, action=action, subject=subject, before=group.cause)
            )
        done, last = done + mended, found[-1].id
    return Mended(done, more=True)


def _find(session: Session, uid: str) -> Message | None:
    message = session.scalar(select(Message).where(Message.uid == uid))
    if message is not None and message.order_number:
        lock_order(session, message.order_number)
    return message


def _note(session: Session, action: str, uid: str, actor: str, after: str = "") -> None:
    session.add(AuditEntry(at=clock.now(), actor=actor, action=action, subject=f"message {uid}", after=after))
