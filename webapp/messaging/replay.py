"""Sending again and setting aside, by hand or because what was missing has come (F04).

A replay is a new series of tries on the same message, with a new window, in its old place in the key.
"""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.states import Direction, Endpoint, MessageStatus
from webapp.messaging.journal import message_key
from webapp.messaging.settlement import Change, change
from webapp.models.messages import Message

ENDED = (MessageStatus.FAILED, MessageStatus.SKIPPED, MessageStatus.SUCCEEDED)


def replay(
    session: Session,
    ids: Collection[int],
    actor: str,
    reason: str = "Sent again",
    *,
    job_id: int | None = None,
) -> list[int]:
    """Begin a new series of tries on these messages; gives those begun (a superseded one is not)."""
    wanted = session.scalars(select(Message.id).where(Message.id.in_(sorted(ids)), Message.status.in_(ENDED)))
    return change(session, wanted.all(), Change(MessageStatus.PENDING, actor, reason, job_id=job_id))


def skip(
    session: Session, ids: Collection[int], actor: str, reason: str, *, job_id: int | None = None
) -> list[int]:
    """Set messages aside for good, with a reason; what waited behind them goes on. Gives those set aside."""
    return change(session, ids, Change(MessageStatus.SKIPPED, actor, reason, job_id=job_id))


def retry_waiting_for(
    session: Session, endpoint: Endpoint, business_keys: Collection[str], cause: str, reason: str
) -> list[int]:
    """Try again what failed for want of something that has now come in (house rule 6)."""
    keys = [message_key(Direction.IN, endpoint, one) for one in business_keys]
    failed = session.scalars(
        select(Message.id).where(
            Message.key.in_(keys), Message.status == MessageStatus.FAILED, Message.cause == cause
        )
    )
    return change(session, failed.all(), Change(MessageStatus.PENDING, "connector", reason))
