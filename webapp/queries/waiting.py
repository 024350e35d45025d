"""Since when the oldest of the messages that can be sent or applied has been waiting for it."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from webapp.domain.states import MessageStatus
from webapp.models.messages import Message
from webapp.queries.frame import WAITING

# So many of the oldest in each state are looked at.
LOOKED_AT: Final = 200


def waiting_since(session: Session) -> datetime | None:
    """Since when, None where nothing waits that could be sent now or when its next try is due.

    What is held, or stands behind another in its key, is not counted; what was let go or sent again waits
    from then on: its 48 hours tell since when it could be sent.
    """
    oldest = (
        select(Message.created_at, Message.expires_at, Message.window_left)
        .where(or_(Message.next_try_at.is_not(None), Message.status == MessageStatus.IN_FLIGHT))
        .order_by(Message.id)
        .limit(LOOKED_AT)
    )
    each = [session.execute(oldest.where(Message.status == status)).all() for status in WAITING]
    return min((_begun(*row) for rows in each for row in rows), default=None)


def _begun(created_at: datetime, expires_at: datetime | None, window_left: float) -> datetime:
    """When a message's 48 hours last began to run."""
    return created_at if expires_at is None else max(created_at, expires_at - timedelta(seconds=window_left))
