"""The only place that changes a message's state (house rules 3 to 5).

`settle` ends tries, fenced by the claim's token; `change` makes every other transition, each with its
reason. Both keep the message's key in order: who becomes the oldest open message of its key is made
due, and its 48 hours run; who stands behind another waits, and its 48 hours stand still.
"""

import random
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from webapp import clock
from webapp.domain import retry_schedule
from webapp.domain.outcome import Outcome, Verdict
from webapp.domain.states import MessageStatus
from webapp.extensions import current_config
from webapp.messaging.attempts import end_tries, kept
from webapp.messaging.bell import ring_after_commit
from webapp.messaging.claims import Claimed
from webapp.messaging.keys import advance_keys, stand_behind, stop_window
from webapp.models.locks import lock_keys
from webapp.models.messages import Message, Transition

log = structlog.get_logger(__name__)

S = MessageStatus
# The one table of what may become of a message; drawn in ARCHITECTURE.md.
TRANSITIONS: dict[MessageStatus, frozenset[MessageStatus]] = {
    S.PENDING: frozenset({S.IN_FLIGHT, S.HELD, S.SUPERSEDED, S.SKIPPED}),
    S.IN_FLIGHT: frozenset({S.SUCCEEDED, S.RETRYING, S.FAILED, S.PENDING}),
    S.RETRYING: frozenset({S.IN_FLIGHT, S.HELD, S.SUPERSEDED, S.SKIPPED}),
    S.FAILED: frozenset({S.PENDING, S.SUPERSEDED, S.SKIPPED}),
    S.HELD: frozenset({S.PENDING, S.RETRYING, S.SUPERSEDED, S.SKIPPED}),
    S.SUCCEEDED: frozenset({S.PENDING}),
    S.SKIPPED: frozenset({S.PENDING}),
    S.SUPERSEDED: frozenset(),
}
OPEN = (S.PENDING, S.IN_FLIGHT, S.RETRYING, S.HELD)
EXPIRED = "expired"


class TransitionRefused(ValueError):
    """A change of state that the table does not allow; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Change:
    """A transition that no try explains: to which state, by whom, why."""

    after: MessageStatus
    actor: str
    reason: str
    superseded_by: int | None = None


def settle(session: Session, results: Sequence[tuple[Claimed, Outcome]]) -> list[Claimed]:
    """End these tries; gives those settled. One whose claim was lost meanwhile is left as it is."""
    now = clock.now()
    lock_keys(session, (claimed.key for claimed, _ in results))
    held = _still_held(session, [claimed for claimed, _ in results])
    mine = [(claimed, outcome) for claimed, outcome in results if claimed.id in held]
    if not mine:
        return []
    rows = [_settled_row(claimed, outcome, now) for claimed, outcome in mine]
    session.execute(update(Message), rows)
    end_tries(session, mine, now)
    closed = [claimed.key for (claimed, _), row in zip(mine, rows, strict=True) if not row["is_open"]]
    lanes = {claimed.lane for claimed, outcome in mine if outcome.verdict is Verdict.UNSENT}
    ring_after_commit(session, lanes | advance_keys(session, closed))
    return [claimed for claimed, _ in mine]


def _still_held(session: Session, claimed: Iterable[Claimed]) -> set[int]:
    tokens = {one.id: one.token for one in claimed}
    rows = session.execute(
        select(Message.id, Message.claim_token)
        .where(Message.id.in_(sorted(tokens)), Message.status == S.IN_FLIGHT)
        .order_by(Message.id)
        .with_for_update()
    )
    held = {row.id for row in rows if row.claim_token == tokens[row.id]}
    for lost in sorted(set(tokens) - held):
        log.warning("claim_lost", message_id=lost)
    return held


def _settled_row(claimed: Claimed, outcome: Outcome, now: datetime) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": claimed.id,
        "reason": outcome.reason,
        "cause": outcome.cause,
        "tries": claimed.tries,
        "series_tries": claimed.series_tries,
        "answer": kept(outcome.answer),
        "claim_token": None,
        "lease_until": None,
    }
    return row | _end(claimed, outcome, now)


def _end(claimed: Claimed, outcome: Outcome, now: datetime) -> dict[str, Any]:
    """Where a try leaves its message: the state, and when it is tried again."""
    failed = {"status": S.FAILED, "is_open": claimed.blocks_key, "settled_at": now, "next_try_at": None}
    waiting = {"is_open": True, "settled_at": None}
    if outcome.verdict is Verdict.SUCCEEDED:
        return failed | {"status": S.SUCCEEDED, "is_open": False}
    if outcome.verdict in (Verdict.REFUSED, Verdict.INVALID):
        return failed
    if outcome.verdict is Verdict.UNSENT:
        return waiting | {
            "status": S.RETRYING if claimed.series_tries > 1 else S.PENDING,
            "tries": claimed.tries - 1,
            "series_tries": claimed.series_tries - 1,
            "next_try_at": now + timedelta(seconds=outcome.retry_after or 0),
        }
    next_try_at = _next_try(claimed, outcome, now)
    if next_try_at is None:
        return failed | {"reason": _expired_reason(claimed, outcome), "cause": EXPIRED}
    return waiting | {"status": S.RETRYING, "next_try_at": next_try_at}


def _next_try(claimed: Claimed, outcome: Outcome, now: datetime) -> datetime | None:
    if claimed.expires_at is None:
        return now
    return retry_schedule.next_try(
        started_at=claimed.started_at,
        ended_at=now,
        tries=claimed.series_tries,
        expires_at=claimed.expires_at,
        base=current_config().retry_base_seconds,
        jitter=random.random(),  # noqa: S311 - spreads retries, guards nothing
        retry_after=outcome.retry_after,
    )


def _expired_reason(claimed: Claimed, outcome: Outcome) -> str:
    hours = current_config().retry_window_seconds / 3600
    tries = f"{claimed.series_tries} tries" if claimed.series_tries != 1 else "1 try"
    return f"Expired after {hours:g} h, {tries}. The last: {outcome.reason}"


def change(session: Session, ids: Collection[int], to: Change) -> list[int]:
    """Make one transition of several messages that no worker holds, with its reason; gives their ids.

    Those the table does not allow are left out. Keys are kept in order and lanes rung here.
    """
    before = [sources for sources, targets in TRANSITIONS.items() if to.after in targets]
    found = session.execute(
        select(Message.id, Message.key).where(Message.id.in_(sorted(ids)), Message.status.in_(before))
    ).all()
    lock_keys(session, (row.key for row in found))
    messages = session.scalars(
        select(Message)
        .where(
            Message.id.in_([row.id for row in found]),
            Message.status.in_(before),
            Message.status != S.IN_FLIGHT,
        )
        .order_by(Message.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    now = clock.now()
    if not messages:
        return []
    session.execute(insert(Transition), [_noted(one, to, now) for one in messages])
    for message in messages:
        _move(message, to, now)
    session.flush()
    keys = {one.key for one in messages}
    stand_behind(session, keys)
    ring_after_commit(session, advance_keys(session, keys))
    return [one.id for one in messages]


def _noted(message: Message, to: Change, now: datetime) -> dict[str, Any]:
    return {
        "message_id": message.id,
        "at": now,
        "before": message.status,
        "after": to.after,
        "actor": to.actor,
        "reason": to.reason,
    }


def _move(message: Message, to: Change, now: datetime) -> None:
    renewed = to.after is S.PENDING and message.status is not S.HELD
    stop_window(message, now)
    message.status, message.reason, message.cause = to.after, to.reason, ""
    message.is_open = to.after in OPEN
    message.next_try_at = None
    message.superseded_by = to.superseded_by
    message.settled_at = None if message.is_open else now
    if renewed:
        message.series_tries = 0
        message.window_left = float(current_config().retry_window_seconds)
