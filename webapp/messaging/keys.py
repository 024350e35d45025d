"""Order within a key: who is its oldest open message, and what that means for the others (house rule 5).

The oldest is due, and its 48 hours run; whoever stands behind it waits, and theirs stand still (F05).
Callers hold the keys' locks.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, func, or_, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.messaging.claims import WAITING, order_in_key
from webapp.models.messages import Message
from webapp.models.rows import update_rows

TABLE = cast(Table, Message.__table__)


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
    """Make the oldest open message of each key due, if it is not yet; gives the lanes to ring."""
    if not keys:
        return set()
    now = clock.now()
    lanes: set[str] = set()
    due: list[dict[str, Any]] = []
    for row in oldest(session, keys):
        if row.status not in WAITING:
            continue
        next_try_at = row.next_try_at or now
        if next_try_at <= now:
            lanes.add(row.lane)
        if row.next_try_at is None or row.expires_at is None:
            ends = row.expires_at or now + timedelta(seconds=row.window_left)
            due.append({"id": row.id, "next_try_at": next_try_at, "expires_at": ends})
    update_rows(session, TABLE, ("id",), due)
    return lanes


def stand_behind(session: Session, keys: Collection[str]) -> None:
    """Let whoever waits in these keys, but is not the oldest there, stand still.

    After a replay an older message may be ahead again of one that was due already, or was in flight.
    """
    if not keys:
        return
    now = clock.now()
    heads = {row.id for row in oldest(session, keys)}
    running = session.execute(
        select(Message.id, Message.expires_at, Message.window_left).where(
            Message.key.in_(sorted(set(keys))),
            Message.is_open,
            Message.status.in_(WAITING),
            or_(Message.next_try_at.is_not(None), Message.expires_at.is_not(None)),
        )
    ).all()
    stopped = [
        {
            "id": row.id,
            "next_try_at": None,
            "expires_at": None,
            "window_left": seconds_left(row.expires_at, row.window_left, now),
        }
        for row in running
        if row.id not in heads
    ]
    update_rows(session, TABLE, ("id",), stopped)


def seconds_left(expires_at: datetime | None, window_left: float, at: datetime) -> float:
    """What is left of a message's 48 hours if they stand still from `at` on; below 0 when they were over.

    `window_left` is what was left when they last began to run: standing still adds nothing to it.
    """
    if expires_at is None:
        return window_left
    return min(window_left, (expires_at - at).total_seconds())
