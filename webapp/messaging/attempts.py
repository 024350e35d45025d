"""Tries as recorded: opened when a message is claimed, ended when it is settled (house rule 3)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast

import msgspec
from sqlalchemy import Table, func, select, update
from sqlalchemy.orm import Session

from webapp.domain.outcome import Outcome, Verdict
from webapp.messaging.claims import Claimed
from webapp.models.messages import CAUSE_LENGTH, Attempt, Message
from webapp.models.rows import update_rows
from webapp.models.types import storable

TABLE = cast(Table, Attempt.__table__)
# What is kept of an answer, in bytes.
ANSWER_BYTES = 65_536


def kept(answer: bytes | None) -> bytes | None:
    """As much of an answer as the journal keeps."""
    return answer and answer[:ANSWER_BYTES]


def end_tries(session: Session, mine: Sequence[tuple[Claimed, Outcome]], now: datetime) -> None:
    """Write down how these tries ended; one given back unsent is struck out."""
    rows = [
        {"message_id": claimed.id, "number": claimed.tries, "token": claimed.token, **_ended(outcome, now)}
        for claimed, outcome in mine
    ]
    update_rows(session, TABLE, ("message_id", "number", "token"), rows)


def made_at_once(message_id: int, outcome: Outcome, now: datetime) -> dict[str, Any]:
    """The one try of a call that was made, and settled, without being claimed."""
    started_at = now - timedelta(milliseconds=outcome.duration_ms or 0)
    opened = {"message_id": message_id, "number": 1, "token": "", "started_at": started_at}
    return opened | _ended(outcome, now)


def _ended(outcome: Outcome, now: datetime) -> dict[str, Any]:
    return {
        "finished_at": now,
        "verdict": outcome.verdict.value,
        "struck": outcome.verdict is Verdict.UNSENT,
        "reason": storable(outcome.reason),
        "cause": storable(outcome.cause, CAUSE_LENGTH),
        "http_status": outcome.http_status,
        "duration_ms": outcome.duration_ms,
        "request_headers": _packed(outcome.request_headers),
        "answer_headers": _packed(outcome.answer_headers),
        "answer": kept(outcome.answer),
    }


def unsend(session: Session, ids: Sequence[int]) -> None:
    """Let messages that were given back say when they were really sent, their struck tries left out."""
    first, last = (
        select(moment(Attempt.started_at))
        .where(Attempt.message_id == Message.id, ~Attempt.struck)
        .scalar_subquery()
        for moment in (func.min, func.max)
    )
    session.execute(
        update(Message)
        .where(Message.id.in_(ids))
        .values(sent_at=first, last_tried_at=last)
        .execution_options(synchronize_session=False)
    )


def _packed(headers: dict[str, str] | None) -> bytes | None:
    return None if headers is None else msgspec.json.encode(headers)
