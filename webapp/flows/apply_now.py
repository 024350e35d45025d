"""Applying an incoming message before it is answered, and what waits before it in its key first (F07)."""

from threading import Event
from typing import Any

from sqlalchemy import select

from webapp import clock
from webapp.domain.outcome import Outcome, Verdict
from webapp.domain.states import MessageStatus
from webapp.extensions import read, transaction
from webapp.flows import registry
from webapp.messaging import keys
from webapp.messaging.drain import deliver_now
from webapp.messaging.replay import replay
from webapp.models.messages import Message

# More than this ahead of a message is not worked off while its sender waits, nor for longer.
MOST_AHEAD = 50
MOST_SECONDS = 8.0
LOOK_SECONDS = 0.02


def apply_through(message_id: int) -> Outcome | None:
    """Apply the message, after those before it in its key; None where that can't be done now.

    Where a worker has one of them in its hands, this waits for it.
    """
    ends, applied = clock.monotonic() + MOST_SECONDS, 0
    while applied < MOST_AHEAD and clock.monotonic() < ends:
        here, head = _look(message_id)
        if here.status is MessageStatus.SUCCEEDED:
            return Outcome(Verdict.SUCCEEDED)
        if here.status is MessageStatus.FAILED and here.answer is not None:
            return Outcome(Verdict.INVALID, here.reason, answer=here.answer)
        if here.status is MessageStatus.FAILED:
            # A worker came to it before the topic was sync, and so kept no answer to give.
            _begin_anew(message_id)
            applied += 1
            continue
        if head is None or head.status is MessageStatus.HELD:
            return None
        ended = deliver_now([head.id], registry.handlers())
        if not ended:
            Event().wait(LOOK_SECONDS)
            continue
        applied += 1
        if head.id == message_id:
            return ended[0][1]
        if ended[0][1].verdict not in (Verdict.SUCCEEDED, Verdict.INVALID):
            return None
    return None


def _look(message_id: int) -> tuple[Any, Any | None]:
    """The message as it stands, and the oldest open one of its key.

    The message is looked at last, since each look may see more than the one before: where nothing was open,
    it is seen as it ended.
    """
    with read() as session:
        key = session.scalar(select(Message.key).where(Message.id == message_id))
        head = next(iter(keys.oldest(session, [key or ""])), None)
        wanted = select(Message.status, Message.reason, Message.answer).where(Message.id == message_id)
        return session.execute(wanted).one(), head


def _begin_anew(message_id: int) -> None:
    with transaction() as session:
        replay(session, [message_id], "OMS", "The OMS waits for the answer.")
