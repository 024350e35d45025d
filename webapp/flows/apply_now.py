"""Applying an incoming message before it is answered, and what waits before it in its key first (F07)."""

from sqlalchemy import select

from webapp.domain.outcome import Outcome, Verdict
from webapp.domain.states import MessageStatus
from webapp.extensions import read
from webapp.flows import registry
from webapp.messaging import keys
from webapp.messaging.drain import deliver_now
from webapp.models.messages import Message

# More than this ahead of a message is not worked off while its sender waits.
MOST_AHEAD = 50


def apply_through(message_id: int) -> Outcome | None:
    """Apply the message, after those before it in its key; None where that can't be done now."""
    for _ in range(MOST_AHEAD):
        with read() as session:
            here = session.execute(
                select(Message.key, Message.status, Message.reason).where(Message.id == message_id)
            ).one()
            head = next(iter(keys.oldest(session, [here.key])), None)
        if here.status is MessageStatus.SUCCEEDED:
            return Outcome(Verdict.SUCCEEDED)
        if here.status is MessageStatus.FAILED:
            return Outcome(Verdict.INVALID, here.reason)
        if head is None:
            return None
        ended = deliver_now([head.id], registry.handlers())
        if not ended:
            return None
        if head.id == message_id:
            return ended[0][1]
        if ended[0][1].verdict not in (Verdict.SUCCEEDED, Verdict.INVALID):
            return None
    return None
