"""Notices: written with what they tell of, sent outside of any transaction, tried again (F04)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import msgspec
import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.domain.retry_schedule import backoff
from webapp.domain.states import Channel
from webapp.extensions import transaction
from webapp.messaging import bell
from webapp.models.alerts import Notice
from webapp.models.types import storable

log = structlog.get_logger(__name__)

# Longer than any one sending may take; then another may try it.
LEASE = timedelta(seconds=90)
GIVEN_UP = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Letter:
    """What a notice says: a subject and a text for people, `payload` for programs (JSON)."""

    subject: str
    text: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A notice in this worker's hands; `uid` is the same on every try."""

    id: int
    uid: str
    channel: Channel
    letter: Letter


def write(session: Session, channels: Sequence[Channel], letter: Letter, *, rings: bool = True) -> list[int]:
    """Write the letter down for each of these channels, in the caller's transaction; gives their ids."""
    now = clock.now()
    notices = [
        Notice(
            uid=str(uuid4()),
            channel=channel,
            content=msgspec.json.encode(letter).decode(),
            created_at=now,
            next_try_at=now,
        )
        for channel in channels
    ]
    session.add_all(notices)
    session.flush()
    if rings:
        bell.ring_after_commit(session, [bell.JOBS])
    return [one.id for one in notices]


def is_due(session: Session) -> bool:
    """Whether a notice waits to be sent."""
    now = clock.now()
    free = or_(Notice.lease_until.is_(None), Notice.lease_until < now)
    return session.scalar(select(Notice.id).where(Notice.next_try_at <= now, free).limit(1)) is not None


def claim(notice_id: int | None = None) -> Outgoing | None:
    """Take the notice that has waited longest, or this one; the try counts from here on."""
    now = clock.now()
    due = [Notice.next_try_at <= now, or_(Notice.lease_until.is_(None), Notice.lease_until < now)]
    if notice_id is not None:
        due.append(Notice.id == notice_id)
    with transaction() as session:
        oldest = select(Notice).where(*due).order_by(Notice.next_try_at, Notice.id).limit(1)
        notice = session.scalar(oldest.with_for_update(skip_locked=True))
        if notice is None:
            return None
        notice.tries += 1
        notice.lease_until = now + LEASE
        letter = msgspec.json.decode(notice.content, type=Letter)
        return Outgoing(notice.id, notice.uid, notice.channel, letter)


def settle(outgoing: Outgoing, problem: str | None, *, final: bool = False) -> None:
    """Write down that it was taken (`problem` None), or why not; `final`: it is not tried again."""
    now = clock.now()
    with transaction() as session:
        notice = session.get(Notice, outgoing.id, with_for_update=True)
        if notice is None or notice.next_try_at is None:
            return
        notice.lease_until = None
        if problem is None:
            notice.sent_at, notice.next_try_at, notice.reason = now, None, ""
            return
        notice.reason = storable(problem)
        wait = timedelta(seconds=backoff(notice.tries, jitter=0.5))
        given_up = final or now + wait > notice.created_at + GIVEN_UP
        notice.next_try_at = None if given_up else now + wait
    log.warning("notice_not_sent", channel=outgoing.channel.value, problem=problem, given_up=given_up)
