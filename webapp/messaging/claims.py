"""Taking messages to work on: in batches, with a lease and a fencing token (house rules 4 and 5).

Only the oldest open message of a key can be claimed, and none while another of the key is in flight.
The claim is recorded as a try before the work begins, so that a message that kills its worker runs
out of tries; and one whose worker died is claimed alone, so that it takes no other down with it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from webapp import clock
from webapp.domain.states import Direction, Endpoint, MessageStatus
from webapp.extensions import read, transaction
from webapp.models.locks import try_keys
from webapp.models.messages import Attempt, Hold, Message

# By how much a lease is longer than one call may take; a worker that dies leaves its messages for so long.
LEASE_MARGIN_SECONDS = 10.0
WAITING = (MessageStatus.PENDING, MessageStatus.RETRYING)
# The cause of a try whose worker died.
WORKER_LOST = "worker.lost"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message in this worker's hands until `lease_until`; `token` proves it on settling."""

    id: int
    uid: str
    wire_id: str | None
    direction: Direction
    endpoint: Endpoint
    lane: str
    topic: str
    key: str
    order_number: str | None
    payload: bytes
    tries: int
    series_tries: int
    blocks_key: bool
    window_left: float
    expires_at: datetime | None
    created_at: datetime
    token: str
    started_at: datetime
    lease_until: datetime


def order_in_key() -> ColumnElement[int]:
    """Where a message stands in its key: its own id, unless it inherited another's place."""
    return func.coalesce(Message.position, Message.id)


def is_in(*states: MessageStatus) -> ColumnElement[bool]:
    """True of a message in one of these states; written out, or SQLite does not see its partial indexes."""
    return Message.status.in_(bindparam("states", states, expanding=True, literal_execute=True, unique=True))


def is_head() -> ColumnElement[bool]:
    """True of a message that nothing open is ahead of in its key, and nothing of it in flight."""
    other = aliased(Message)
    place, other_place = order_in_key(), func.coalesce(other.position, other.id)
    ahead = or_(other_place < place, and_(other_place == place, other.id < Message.id))
    return ~exists().where(
        other.key == Message.key,
        other.is_open,
        other.id != Message.id,
        or_(ahead, other.status == MessageStatus.IN_FLIGHT),
    )


def is_held() -> ColumnElement[bool]:
    """True of a message that a hold on its far side, lane or topic keeps back."""
    return exists().where(
        or_(
            and_(Hold.scope == "endpoint", Hold.name == Message.endpoint, Message.direction == Direction.OUT),
            and_(Hold.scope == "lane", Hold.name == Message.lane),
            and_(Hold.scope == "topic", Hold.name == Message.topic),
        )
    )


def lease_for(call_seconds: float) -> timedelta:
    """How long a claim lasts without being renewed, where no call takes longer than `call_seconds`."""
    return timedelta(seconds=call_seconds + LEASE_MARGIN_SECONDS)


def claim(lane: str, limit: int, lease: timedelta) -> list[Claimed]:
    """Take up to `limit` messages of a lane that are due, oldest first."""
    now = clock.now()
    due = (Message.lane == lane, is_in(*WAITING), Message.next_try_at <= now)
    return _claim(due, limit, now, lease)


def claim_these(ids: Sequence[int], lease: timedelta) -> list[Claimed]:
    """Take these messages, due or not, as far as they are waiting and at the head of their keys."""
    return _claim((Message.id.in_(ids), is_in(*WAITING)), len(ids), clock.now(), lease)


def _claim(
    which: tuple[ColumnElement[bool], ...], limit: int, now: datetime, lease: timedelta
) -> list[Claimed]:
    token, lease_until = str(uuid4()), now + lease
    with transaction() as session:
        candidates = session.execute(
            select(Message.id, Message.key, Message.cause)
            .where(*which, is_head(), ~is_held())
            .order_by(Message.next_try_at, Message.id)
            .limit(limit)
            .with_for_update(skip_locked=True, key_share=True)
        ).all()
        free = try_keys(session, {row.key for row in candidates})
        ids = _together([row for row in candidates if row.key in free])
        if not ids:
            return []
        # Looked at again under the keys' locks: another worker may have moved a key on meanwhile.
        rows = session.execute(
            update(Message)
            .where(Message.id.in_(ids), *which, is_head(), ~is_held())
            .values(
                status=MessageStatus.IN_FLIGHT,
                tries=Message.tries + 1,
                series_tries=Message.series_tries + 1,
                claim_token=token,
                lease_until=lease_until,
                last_tried_at=now,
                sent_at=func.coalesce(Message.sent_at, now),
            )
            .returning(Message.id, *carried())
            .execution_options(synchronize_session=False)
        ).all()
        _record_tries(session, rows, token, now)
    claimed = [Claimed(**row._mapping, token=token, started_at=now, lease_until=lease_until) for row in rows]
    return sorted(claimed, key=lambda one: one.id)


def _together(rows: Sequence[Any]) -> list[int]:
    """Those to be claimed in one batch: what a worker has died over goes alone."""
    if rows and rows[0].cause == WORKER_LOST:
        return [rows[0].id]
    return [row.id for row in rows if row.cause != WORKER_LOST]


def carried() -> list[Any]:
    """The columns a claim carries along."""
    known = {"id", "token", "started_at", "lease_until"}
    return [getattr(Message, one.name) for one in fields(Claimed) if one.name not in known]


def _record_tries(session: Session, rows: Sequence[Any], token: str, now: datetime) -> None:
    if rows:
        tries = [
            {"message_id": row.id, "number": row.tries, "token": token, "started_at": now} for row in rows
        ]
        session.execute(insert(Attempt), tries)


def renew(claimed: Collection[Claimed], lease: timedelta) -> None:
    """Let the leases begin anew of messages still being worked on; those lost meanwhile stay lost.

    A row that is being settled right now is passed over, so that the two never wait for each other.
    """
    if not claimed:
        return
    with transaction() as session:
        mine = session.scalars(
            select(Message.id)
            .where(
                Message.id.in_([one.id for one in claimed]),
                Message.claim_token.in_({one.token for one in claimed}),
                Message.status == MessageStatus.IN_FLIGHT,
            )
            .with_for_update(skip_locked=True, key_share=True)
        ).all()
        session.execute(
            update(Message)
            .where(Message.id.in_(mine))
            .values(lease_until=clock.now() + lease)
            .execution_options(synchronize_session=False)
        )


def holds_longer(claimed: Claimed, seconds: float) -> bool:
    """Whether this claim still stands and its (renewed) lease has longer to run than `seconds`."""
    with read() as session:
        lease_until = session.scalar(
            select(Message.lease_until).where(
                Message.id == claimed.id,
                Message.claim_token == claimed.token,
                Message.status == MessageStatus.IN_FLIGHT,
            )
        )
    return lease_until is not None and (lease_until - clock.now()).total_seconds() > seconds
