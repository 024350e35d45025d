"""Taking messages to work on: in batches, with a lease and a fencing token (house rules 4 and 5).

Only the oldest open message of a key can be claimed, and none while another of the key is in flight.
The claim is recorded as a try before the work begins, so that a message that kills its worker runs
out of tries; and one whose worker died is claimed alone, so that it takes no other down with it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal, cast
from uuid import uuid4

from sqlalchemy import (
    ColumnElement,
    Connection,
    Insert,
    Integer,
    Select,
    String,
    Table,
    Update,
    and_,
    bindparam,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import aliased
from sqlalchemy.sql.dml import ReturningUpdate

from webapp import clock
from webapp.domain.states import Direction, Endpoint, MessageStatus
from webapp.extensions import transaction
from webapp.models.breakers import Breaker
from webapp.models.locks import try_keys
from webapp.models.messages import Attempt, Hold, Message
from webapp.models.types import UTCDateTime

# By how much a lease is longer than one call may take; a worker that dies leaves its messages for so long.
LEASE_MARGIN_SECONDS = 10.0
WAITING = (MessageStatus.PENDING, MessageStatus.RETRYING)
# The cause of a try whose worker died.
WORKER_LOST = "worker.lost"
PROBE_EVERY = timedelta(seconds=5)
# Those of a lane that are due, and while a breaker is open those of them that go despite it; what probes, one
# never tried first; those that are named, as far as no breaker is open, or by hand.
Which = Literal["due", "despite", "fresh", "probe", "named", "by_hand"]
_PROBES: tuple[Which, Which] = ("fresh", "probe")


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


def is_paused() -> ColumnElement[bool]:
    """True of a message to a far side whose breaker is open."""
    return (Message.direction == Direction.OUT) & exists().where(
        Breaker.endpoint == Message.endpoint,
        Breaker.lane == Message.lane,
        Breaker.opened_at.is_not(None),
    )


def lease_for(call_seconds: float) -> timedelta:
    """How long a claim lasts without being renewed, where no call takes longer than `call_seconds`."""
    return timedelta(seconds=call_seconds + LEASE_MARGIN_SECONDS)


def claim(lane: str, limit: int, lease: timedelta) -> list[Claimed]:
    """Take up to `limit` messages of a lane that are due, oldest first.

    Of what goes to a far side whose breaker is open only what is owed its last try, and now and then a probe.
    """
    return _claim("due", {"in_lane": lane, "most": limit}, lease)


def claim_these(ids: Sequence[int], lease: timedelta, *, by_hand: bool = False) -> list[Claimed]:
    """Take these messages, due or not, as far as they are waiting and at the head of their keys.

    `by_hand`: somebody wants to see whether they go through, though the breaker is open.
    """
    return _claim("by_hand" if by_hand else "named", {"named": list(ids), "most": len(ids)}, lease)


def _claim(which: Which, asked: dict[str, Any], lease: timedelta) -> list[Claimed]:
    now, token = clock.now(), str(uuid4())
    taken = asked | {"now": now, "by_token": token, "leased_until": now + lease}
    with transaction() as session:
        connection = session.connection()
        candidates = _look(connection, which, taken)
        free = try_keys(session, {row.key for row in candidates})
        ids = _together([row for row in candidates if row.key in free])
        if not ids:
            return []
        # Looked at again under the keys' locks: another worker may have moved a key on meanwhile.
        again: Which = "due" if which == "due" else "by_hand"
        rows = connection.execute(_taking(again), taken | {"chosen": ids}).all()
        connection.execute(_opening_tries(), taken)
    mine: list[Any] = [(*row, token, now, now + lease) for row in rows]
    return sorted((Claimed(*one) for one in mine), key=lambda one: one.id)


def _look(connection: Connection, which: Which, taken: dict[str, Any]) -> Sequence[Any]:
    """What there is to take."""
    paused = connection.execute(_paused(), taken).scalars().all() if which == "due" else ()
    if not paused:
        return connection.execute(_candidates(which), taken).all()
    found = list(connection.execute(_candidates("despite"), taken | {"paused": paused}))
    for endpoint in paused:
        probing = taken | {"probed": endpoint, "most": 1}
        if connection.execute(_begin_probe(), probing | {"again_at": taken["now"] + PROBE_EVERY}).rowcount:
            # Nearly always there is one that was never tried, and then the others need not be sorted.
            tries = (connection.execute(_candidates(one), probing).first() for one in _PROBES)
            found += [row for row in tries if row][:1]
    return found


def _wanted(which: Which) -> tuple[ColumnElement[bool], ...]:
    waiting = (is_in(*WAITING), is_head(), ~is_held())
    now = bindparam("now", type_=UTCDateTime)
    if which == "by_hand":
        return Message.id.in_(bindparam("named", expanding=True)), *waiting
    if which == "named":
        return *_wanted("by_hand"), or_(~is_paused(), Message.expires_at <= now)
    due = (Message.lane == bindparam("in_lane"), Message.next_try_at <= now, *waiting)
    out = Message.direction == Direction.OUT
    probe = (*due, out, Message.endpoint == bindparam("probed"), Message.expires_at > now)
    goes = Message.endpoint.not_in(bindparam("paused", expanding=True))
    return {
        "due": due,
        "despite": (*due, or_(~out, goes, Message.expires_at <= now)),
        "fresh": (*probe, Message.series_tries == 0),
        "probe": probe,
    }[which]


@cache
def _candidates(which: Which) -> Select[int, str, str]:
    # Each of these statements is built once: building one takes longer than running it on a few messages.
    fewest = [Message.series_tries] if which == "probe" else []
    return (
        select(Message.id, Message.key, Message.cause)
        .where(*_wanted(which))
        .order_by(*fewest, Message.next_try_at, Message.id)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True, key_share=True)
    )


@cache
def _paused() -> Select[Endpoint]:
    return select(Breaker.endpoint).where(
        Breaker.lane == bindparam("in_lane"), Breaker.opened_at.is_not(None)
    )


@cache
def _begin_probe() -> Update:
    return (
        update(cast(Table, Breaker.__table__))
        .where(
            Breaker.endpoint == bindparam("probed"),
            Breaker.lane == bindparam("in_lane"),
            Breaker.opened_at.is_not(None),
            Breaker.probe_at <= bindparam("now", type_=UTCDateTime),
        )
        .values(probe_at=bindparam("again_at"))
    )


@cache
def _taking(which: Which) -> ReturningUpdate[Any]:
    now = bindparam("now", type_=UTCDateTime)
    return (
        update(cast(Table, Message.__table__))
        .where(Message.id.in_(bindparam("chosen", expanding=True)), *_wanted(which))
        .values(
            status=MessageStatus.IN_FLIGHT,
            tries=Message.tries + 1,
            series_tries=Message.series_tries + 1,
            claim_token=bindparam("by_token"),
            lease_until=bindparam("leased_until"),
            last_tried_at=now,
            sent_at=func.coalesce(Message.sent_at, now),
        )
        .returning(Message.id, *carried())
    )


@cache
def _opening_tries() -> Insert:
    token = bindparam("by_token", type_=String)
    opened = {
        "message_id": Message.id,
        "number": Message.tries,
        "token": token,
        "started_at": bindparam("now", type_=UTCDateTime),
        "struck": literal(False),
        "reason": literal(""),
        "cause": literal(""),
    }
    tries = select(*opened.values()).where(is_in(MessageStatus.IN_FLIGHT), Message.claim_token == token)
    return insert(cast(Table, Attempt.__table__)).from_select(list(opened), tries, include_defaults=False)


def _together(rows: Sequence[Any]) -> list[int]:
    """Those to be claimed in one batch: what a worker has died over goes alone."""
    if rows and rows[0].cause == WORKER_LOST:
        return [rows[0].id]
    return [row.id for row in rows if row.cause != WORKER_LOST]


def carried() -> list[Any]:
    """The columns a claim carries along."""
    known = {"id", "token", "started_at", "lease_until"}
    return [getattr(Message, one.name) for one in fields(Claimed) if one.name not in known]


def renew(claimed: Collection[Claimed], until: datetime) -> list[int]:
    """Lengthen the leases of messages still being worked on; gives theirs, those lost meanwhile stay lost.

    A row that is being settled right now is passed over, so that the two never wait for each other.
    """
    if not claimed:
        return []
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
            .values(lease_until=until)
            .execution_options(synchronize_session=False)
        )
    return list(mine)
