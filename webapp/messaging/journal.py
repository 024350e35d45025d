"""Writing messages down: `publish` what goes out, `receive` what comes in (house rules 2, 5 and 6)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

from sqlalchemy import insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from webapp import clock
from webapp.domain.outcome import Outcome
from webapp.domain.states import Direction, Endpoint, MessageStatus
from webapp.extensions import current_config
from webapp.messaging import holds
from webapp.messaging.attempts import kept, made_at_once
from webapp.messaging.bell import ring_after_commit
from webapp.models.locks import lock_keys
from webapp.models.messages import ACTOR_LENGTH, CAUSE_LENGTH, Attempt, Message
from webapp.models.types import storable

FAR_IN_KEY = 150


def new_uid() -> str:
    """A message id: a UUID, for a call to the OMS also its JSON-RPC id."""
    return str(uuid4())


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to be written down.

    `business_key` is `order:000000042`, `product:MT07-M`, `aggregate:EU`; `payload` the exact body.
    `blocks_key` says that a failure of it holds back those behind it (rule 5). `position` is a place in
    the key inherited from a message this one supersedes.
    """

    topic: str
    lane: str
    business_key: str
    payload: bytes
    uid: str = field(default_factory=new_uid)
    endpoint: Endpoint = Endpoint.OMS
    order_number: str | None = None
    blocks_key: bool = False
    position: int | None = None
    wire_id: str | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """An incoming message's row; `repeat` when the same id and body were here before."""

    id: int
    uid: str
    status: MessageStatus
    repeat: bool
    answer: bytes | None


def message_key(direction: Direction, endpoint: Endpoint, business_key: str) -> str:
    """Direction + endpoint + business key; a very long one ends in its hash, so that it stays one key."""
    business_key = storable(business_key)
    if len(business_key) > FAR_IN_KEY:
        digest = sha256(business_key.encode()).hexdigest()[:24]
        business_key = f"{business_key[: FAR_IN_KEY - 30]}~{digest}"
    return f"{direction}:{endpoint}:{business_key}"


def publish(session: Session, new: Sequence[NewMessage], actor: str) -> list[int]:
    """Write outgoing messages in the caller's transaction and ring their lanes after it; gives their ids.

    The keys' locks are taken before the insert: ids are given at insert and seen at commit (rule 5).
    """
    if not new:
        return []
    keys = [message_key(Direction.OUT, one.endpoint, one.business_key) for one in new]
    lock_keys(session, keys)
    busy = _open_keys(session, keys)
    held = holds.active(session)
    rows = []
    for one, key in zip(new, keys, strict=True):
        hold = holds.over(held, Direction.OUT, one.endpoint, one.lane, one.topic)
        rows.append(_row(one, Direction.OUT, key, actor, hold=hold, ready=key not in busy))
        busy.add(key)
    ids = session.scalars(insert(Message).returning(Message.id, sort_by_parameter_order=True), rows).all()
    ring_after_commit(session, {one.lane for one in new})
    return list(ids)


def receive(session: Session, new: NewMessage, actor: str) -> Received:
    """Write an incoming message once: the same id with the same body is a repeat of the row that is here."""
    key = message_key(Direction.IN, new.endpoint, new.business_key)
    lock_keys(session, [key])
    ready = key not in _open_keys(session, [key])
    sender = f"{new.endpoint}\n{new.wire_id or ''}\n".encode("utf-8", "surrogatepass")
    once = sha256(sender + new.payload).hexdigest()
    row = _row(new, Direction.IN, key, actor, hold="", ready=ready) | {"once": once}
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    inserted = session.scalar(
        dialect.insert(Message)
        .values(row)
        .on_conflict_do_nothing(index_elements=[Message.once])
        .returning(Message.id)
    )
    if inserted is not None:
        ring_after_commit(session, {new.lane})
        return Received(inserted, new.uid, MessageStatus.PENDING, repeat=False, answer=None)
    found = session.execute(
        select(Message.id, Message.uid, Message.status, Message.answer).where(Message.once == once)
    ).one()
    return Received(found.id, found.uid, found.status, repeat=True, answer=found.answer)


def record_settled(
    session: Session, new: NewMessage, direction: Direction, outcome: Outcome, actor: str, *, failed: bool
) -> int:
    """Write down a message that was settled on arrival: a refused call, a store's order as it came."""
    row = _settled_row(new, direction, outcome, actor, failed=failed)
    message_id = session.execute(insert(Message).returning(Message.id), [row]).scalar_one()
    if direction is Direction.OUT:
        session.execute(insert(Attempt), [made_at_once(message_id, outcome, row["settled_at"])])
    return message_id


def count_settled(session: Session, new: NewMessage, outcome: Outcome, actor: str, *, under: str) -> None:
    """Write down an incoming call that failed on arrival as one more of those counted `under` a name.

    They are one row, that of the first; its tries are their number.
    """
    row = _settled_row(new, Direction.IN, outcome, actor, failed=True)
    row["once"] = sha256(f"counted\n{under}".encode()).hexdigest()
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(
        dialect.insert(Message)
        .values(row)
        .on_conflict_do_update(
            index_elements=[Message.once],
            set_={"tries": Message.tries + 1, "last_tried_at": row["last_tried_at"]},
        )
    )


def _settled_row(
    new: NewMessage, direction: Direction, outcome: Outcome, actor: str, *, failed: bool
) -> dict[str, Any]:
    key = message_key(direction, new.endpoint, new.business_key)
    now = clock.now()
    return _row(new, direction, key, actor, hold="", ready=False) | {
        "status": MessageStatus.FAILED if failed else MessageStatus.SUCCEEDED,
        "is_open": False,
        "blocks_key": False,
        "reason": storable(outcome.reason),
        "cause": storable(outcome.cause, CAUSE_LENGTH),
        "answer": kept(outcome.answer),
        "tries": 1,
        "last_tried_at": now,
        "settled_at": now,
    }


def _open_keys(session: Session, keys: Sequence[str]) -> set[str]:
    wanted = sorted(set(keys))
    return set(
        session.scalars(select(Message.key).where(Message.key.in_(wanted), Message.is_open).distinct())
    )


def _row(
    new: NewMessage, direction: Direction, key: str, actor: str, *, hold: str, ready: bool
) -> dict[str, Any]:
    now = clock.now()
    window = float(current_config().retry_window_seconds)
    return {
        "uid": new.uid,
        "wire_id": storable(new.wire_id or new.uid, 200),
        "direction": direction,
        "endpoint": new.endpoint,
        "lane": new.lane,
        "topic": storable(new.topic, 120),
        "key": key,
        "order_number": new.order_number and storable(new.order_number, 64),
        "position": new.position,
        "status": MessageStatus.HELD if hold else MessageStatus.PENDING,
        "blocks_key": new.blocks_key,
        "reason": hold,
        "actor": storable(actor, ACTOR_LENGTH),
        "payload": new.payload,
        "created_at": now,
        "window_left": window,
        **_due(now, window, running=ready and not hold),
    }


def _due(now: datetime, window: float, *, running: bool) -> dict[str, datetime | None]:
    return {
        "next_try_at": now if running else None,
        "expires_at": now + timedelta(seconds=window) if running else None,
    }
