"""Sending messages while somebody waits for what becomes of them; a worker may be quicker at any of them."""

from collections.abc import Sequence
from threading import Event

from sqlalchemy import select

from webapp import clock
from webapp.domain.states import MessageStatus
from webapp.extensions import read
from webapp.flows import registry
from webapp.messaging.claims import is_paused
from webapp.messaging.drain import deliver_now
from webapp.models.messages import Message

SETTLED = (
    MessageStatus.SUCCEEDED,
    MessageStatus.FAILED,
    MessageStatus.SUPERSEDED,
    MessageStatus.SKIPPED,
)
# What is waiting for its next try, or held, is not waited for.
LATER = (MessageStatus.RETRYING, MessageStatus.HELD)
LOOK_SECONDS = 0.05


def send_now(message_ids: Sequence[int], seconds: float, *, by_hand: bool = False) -> None:
    """Send one after the other until all are settled, one has to wait, or the time is up.

    While the far side's breaker is open they wait, unless somebody wants to see it `by_hand`.
    """
    ends = clock.monotonic() + seconds
    for message_id in message_ids:
        while (status := status_of(message_id)) not in SETTLED:
            if status in LATER or clock.monotonic() >= ends:
                return
            if deliver_now([message_id], registry.handlers(), by_hand=by_hand):
                continue
            if not by_hand and _is_paused(message_id):
                return
            Event().wait(LOOK_SECONDS)


def _is_paused(message_id: int) -> bool:
    with read() as session:
        return session.scalar(select(is_paused()).where(Message.id == message_id)) is True


def status_of(message_id: int) -> MessageStatus | None:
    """Where a message stands now."""
    with read() as session:
        return session.scalar(select(Message.status).where(Message.id == message_id))
