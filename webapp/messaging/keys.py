"""Order within a key: who is its oldest open message, and what that means for the others (house rule 5).

The oldest is due, and its 48 hours run; whoever stands behind it waits, and theirs stand still (F05).
Callers hold the keys' locks.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from webapp import clock
from webapp.messaging.claims import WAITING, order_in_key
from webapp.models.messages import Message


def oldest(session: Session, keys: Collection[str]) -> list[Any]:
    """The oldest open message of each key: id, lane, status, next_try_at, expires_at, window_left."""
    place = func.row_number().over(partition_by=Message.key, order_by=(order_in_key(), Message.id))
    ranked = (
        select(
            Message.id,
            Message.key,
            Message.lane,
            Message.status,
            Message.next_try_at,
            Message.expires_at,
            Message.window_left,
            place.label("place"),
        )
        .where(Message.key.in_(sorted(set(keys))), Message.is_open)
        .subquery()
    )
    return list(session.execute(select(ranked).where(ranked.c.place == 1)))


def advance_keys(session: Session, keys: Collection[str]) -> set[str]:
    """Make the oldest open message of each key due; gives the lanes to ring."""
    if not keys:
        return set()
    now = clock.now()
    lanes: set[str] = set()
    due: list[dict[str, Any]] = []
    for row in oldest(session, keys):
        if row.status not in WAITING:
            continue
        lanes.add(row.lane)
        if row.next_try_at is None or row.expires_at is None:
            ends = row.expires_at or now + timedelta(seconds=row.window_left)
            due.append({"id": row.id, "next_try_at": row.next_try_at or now, "expires_at": ends})
    if due:
        session.execute(update(Message), due)
    return lanes


def stand_behind(session: Session, keys: Collection[str]) -> None:
    """Let whoever waits in these keys, but is not the oldest there, stand still.

    After a replay an older message may be ahead again of one that was due already.
    """
    if not keys:
        return
    now = clock.now()
    heads = {row.id for row in oldest(session, keys)}
    running = session.scalars(
        select(Message).where(
            Message.key.in_(sorted(keys)), Message.status.in_(WAITING), Message.next_try_at.is_not(None)
        )
    )
    for message in running:
        if message.id not in heads:
            stop_window(message, now)
            message.next_try_at = None
    session.flush()


def stop_window(message: Message, now: datetime) -> None:
    """Let the message's 48 hours stand still, keeping what is left of them."""
    if message.expires_at is not None:
        message.window_left = (message.expires_at - now).total_seconds()
        message.expires_at = None
