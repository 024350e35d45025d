"""The only place that changes a message's state (house rules 3 to 5).

`settle` ends tries, fenced by the claim's token; `change` makes every other transition, each with its
reason. Both keep the message's key in order: who becomes the oldest open message of its key is made
due, and its 48 hours run; who stands behind another waits, and its 48 hours stand still.
"""

import random
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import structlog
from sqlalchemy import Table, insert, select, update
from sqlalchemy.orm import Session, defer

from webapp import clock
from webapp.domain import retry_schedule
from webapp.domain.outcome import Outcome, Verdict
from webapp.domain.states import MessageStatus
from webapp.extensions import current_config
from webapp.messaging.attempts import end_tries, kept, unsend
from webapp.messaging.bell import ring_after_commit
from webapp.messaging.claims import Claimed
from webapp.messaging.keys import advance_keys, seconds_left, stand_behind
from webapp.models.locks import lock_keys
from webapp.models.messages import ACTOR_LENGTH, CAUSE_LENGTH, Message, Transition
from webapp.models.rows import update_rows
from webapp.models.types import storable

log = structlog.get_logger(__name__)

TABLE = cast(Table, Message.__table__)

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


@dataclass(frozen=True, slots=True)
class Change:
    """A transition that no try explains: to which state, by whom, why.

    `since`: from when on the messages could not be sent, where that was before the change itself.
    `job_id`: the job that makes it.
    """

    after: MessageStatus
    actor: str
    reason: str
    superseded_by: int | None = None
    since: datetime | None = None
    job_id: int | None = None


def settle(
    session: Session, results: Sequence[tuple[Claimed, Outcome]], *, lapsed_by: datetime | None = None
) -> list[Claimed]:
    """End these tries; gives those settled. One whose claim was lost meanwhile is left as it is.

    With `lapsed_by` only those are ended whose lease was over by then: the rescue of what a dead worker
    left, whose next try is reckoned from the start of the lost one.
    """
    now = clock.now()
    lock_keys(session, (claimed.key for claimed, _ in results))
    held = _still_held(session, [claimed for claimed, _ in results], lapsed_by)
    mine = [(claimed, outcome) for claimed, outcome in results if claimed.id in held]
    if not mine:
        return []
    rows = [
        _settled_row(claimed, outcome) | _end(claimed, outcome, now, claimed.started_at if lapsed_by else now)
        for claimed, outcome in mine
    ]
    for alike in _by_columns(rows):
        update_rows(session, TABLE, ("id",), alike)
    end_tries(session, mine, now)
    if given_back := [claimed.id for claimed, outcome in mine if outcome.verdict is Verdict.UNSENT]:
        unsend(session, given_back)
    # One that stays open may stand behind another now: an older one that was sent again meanwhile.
    stand_behind(
        session, {claimed.key for (claimed, _), row in zip(mine, rows, strict=True) if row["is_open"]}
    )
    ring_after_commit(session, advance_keys(session, {claimed.key for claimed, _ in mine}))
    return [claimed for claimed, _ in mine]


def _by_columns(rows: Iterable[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    """The rows that set the same columns, together."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        alike.setdefault(tuple(row), []).append(row)
    return alike.values()


def _still_held(session: Session, claimed: Sequence[Claimed], lapsed_by: datetime | None) -> set[int]:
    tokens = {one.id: one.token for one in claimed}
    mine = select(Message.id, Message.claim_token).where(
        Message.id.in_(sorted(tokens)), Message.status == S.IN_FLIGHT
    )
    if lapsed_by is not None:
        mine = mine.where(Message.lease_until < lapsed_by)
    rows = session.execute(mine.order_by(Message.id).with_for_update(key_share=True))
    held = {row.id for row in rows if row.claim_token == tokens[row.id]}
    for lost in sorted(set(tokens) - held):
        log.warning("claim_lost", message_id=lost)
    return held


def _settled_row(claimed: Claimed, outcome: Outcome) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": claimed.id,
        "reason": storable(outcome.reason),
        "claim_token": None,
        "lease_until": None,
    }
    if outcome.verdict is Verdict.UNSENT:
        return row
    return row | {"cause": storable(outcome.cause, CAUSE_LENGTH), "answer": kept(outcome.answer)}


def _end(claimed: Claimed, outcome: Outcome, now: datetime, ended_at: datetime) -> dict[str, Any]:
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
    next_try_at = _next_try(claimed, outcome, ended_at)
    if next_try_at is None:
        return failed | {"reason": _expired_reason(claimed, outcome), "cause": EXPIRED}
    return waiting | {"status": S.RETRYING, "next_try_at": next_try_at}


def _next_try(claimed: Claimed, outcome: Outcome, ended_at: datetime) -> datetime | None:
    if claimed.expires_at is None:
        return ended_at
    return retry_schedule.next_try(
        started_at=claimed.started_at,
        ended_at=ended_at,
        tries=claimed.series_tries,
        expires_at=claimed.expires_at,
        base=current_config().retry_base_seconds,
        jitter=random.random(),  # noqa: S311 - spreads retries, guards nothing
        retry_after=outcome.retry_after,
    )


def _expired_reason(claimed: Claimed, outcome: Outcome) -> str:
    hours = current_config().retry_window_seconds / 3600
    tries = f"{claimed.series_tries} tries" if claimed.series_tries != 1 else "1 try"
    return storable(f"Expired after {hours:g} h, {tries}. The last: {outcome.reason}")


def change(session: Session, ids: Collection[int], to: Change) -> list[int]:
    """Make one transition of several messages that no worker holds, with its reason; gives their ids.

    Those the table does not allow are left out. Keys are kept in order and lanes rung here.
    """
    before = _without_a_try(to.after)
    found = session.execute(
        select(Message.id, Message.key).where(Message.id.in_(sorted(ids)), Message.status.in_(before))
    ).all()
    lock_keys(session, (row.key for row in found))
    messages = session.scalars(
        select(Message)
        .where(Message.id.in_([row.id for row in found]), Message.status.in_(before))
        .order_by(Message.id)
        .options(defer(Message.payload), defer(Message.answer))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    now = clock.now()
    if not messages:
        return []
    session.execute(insert(Transition), [_noted(one, to, now) for one in messages])
    for message in messages:
        _move(message, to, now)
    session.flush()
    if to.superseded_by is not None:
        _hand_on(session, messages, to.superseded_by)
    keys = {one.key for one in messages}
    stand_behind(session, keys)
    ring_after_commit(session, advance_keys(session, keys))
    return [one.id for one in messages]


def _without_a_try(after: MessageStatus) -> list[MessageStatus]:
    """From where a message may come to this state by hand: what is in flight is its worker's."""
    if after is S.IN_FLIGHT:
        return []
    return [
        before for before, targets in TRANSITIONS.items() if after in targets and before is not S.IN_FLIGHT
    ]


def _hand_on(session: Session, messages: Sequence[Message], successor: int) -> None:
    """What supersedes a message never attempted has what was left of its 48 hours, not new ones (F05)."""
    left = [one.window_left for one in messages if one.tries == 0]
    if left:
        session.execute(
            update(Message)
            .where(Message.id == successor, Message.window_left > min(left))
            .values(window_left=min(left))
            .execution_options(synchronize_session=False)
        )


def _noted(message: Message, to: Change, now: datetime) -> dict[str, Any]:
    return {
        "message_id": message.id,
        "at": now,
        "before": message.status,
        "after": to.after,
        "actor": storable(to.actor, ACTOR_LENGTH),
        "reason": storable(to.reason),
        "job_id": to.job_id,
    }


def _move(message: Message, to: Change, now: datetime) -> None:
    renewed = to.after is S.PENDING and message.status is not S.HELD
    stopped_at = min(now, to.since or now)
    message.window_left = seconds_left(message.expires_at, message.window_left, stopped_at)
    message.expires_at = message.next_try_at = None
    message.status, message.reason = to.after, storable(to.reason)
    if to.after is not S.SKIPPED:
        # What was turned away stays known by its cause: it can't be taken back later as if it had been good.
        message.cause = ""
    message.is_open = to.after in OPEN
    message.superseded_by = to.superseded_by
    message.settled_at = None if message.is_open else now
    if renewed:
        message.series_tries = 0
        message.window_left = float(current_config().retry_window_seconds)
