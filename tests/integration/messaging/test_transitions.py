"""A message's life: every change of state there may be, and every one that is refused (house rule 3)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete

from tests.fixtures.time import MovingClock
from tests.integration.messaging.journaled import (
    REFUSED,
    SILENT,
    TAKEN,
    changes_of,
    claim_one,
    publish_one,
    row,
    settled,
    status,
    tries_of,
    try_once,
)
from webapp.domain.outcome import Outcome, Verdict
from webapp.domain.states import MessageStatus
from webapp.extensions import transaction
from webapp.messaging import holds
from webapp.messaging.settlement import Change, change
from webapp.models.messages import Hold, Message

S = MessageStatus
# As house rule 3 has it: what may become of a message without a try of it.
BY_HAND = {
    S.PENDING: {S.HELD, S.SUPERSEDED, S.SKIPPED},
    S.IN_FLIGHT: set(),
    S.RETRYING: {S.HELD, S.SUPERSEDED, S.SKIPPED},
    S.SUCCEEDED: {S.PENDING},
    S.FAILED: {S.PENDING, S.SUPERSEDED, S.SKIPPED},
    S.HELD: {S.PENDING, S.RETRYING, S.SUPERSEDED, S.SKIPPED},
    S.SUPERSEDED: set(),
    S.SKIPPED: {S.PENDING},
}


def _changed(message_id: int, after: MessageStatus) -> list[int]:
    with transaction() as session:
        return change(session, [message_id], Change(after, "a test", f"now {after}"))


def _in_flight() -> int:
    publish_one("order:1")
    return claim_one().id


def _tried(outcome: Outcome) -> Callable[[], int]:
    def bring() -> int:
        publish_one("order:1")
        return try_once(outcome)

    return bring


def _held() -> int:
    with transaction() as session:
        holds.place(session, "endpoint", "oms", "disabled", "Disabled.", "a test")
    return publish_one("order:1")


def _by_hand(after: MessageStatus) -> Callable[[], int]:
    def bring() -> int:
        message_id = publish_one("order:1")
        assert _changed(message_id, after) == [message_id]
        return message_id

    return bring


BRING: dict[MessageStatus, Callable[[], int]] = {
    S.PENDING: lambda: publish_one("order:1"),
    S.IN_FLIGHT: _in_flight,
    S.RETRYING: _tried(SILENT),
    S.SUCCEEDED: _tried(TAKEN),
    S.FAILED: _tried(REFUSED),
    S.HELD: _held,
    S.SUPERSEDED: _by_hand(S.SUPERSEDED),
    S.SKIPPED: _by_hand(S.SKIPPED),
}


@pytest.mark.parametrize("before", S)
def test_what_may_become_of_a_message_by_hand(
    app_context: Flask, moving_clock: MovingClock, before: MessageStatus
) -> None:
    for after in S:
        message_id = BRING[before]()
        assert status(message_id) is before
        noted = changes_of(message_id)
        was = _columns(message_id)

        changed = _changed(message_id, after)

        if after in BY_HAND[before]:
            assert changed == [message_id]
            assert changes_of(message_id) == [*noted, (before, after, f"now {after}")]
            assert row(message_id).is_open is (after in (S.PENDING, S.RETRYING, S.HELD))
        else:
            assert changed == []
            assert changes_of(message_id) == noted
            assert _columns(message_id) == was
        _tidy(message_id)


def _columns(message_id: int) -> dict[str, object]:
    message = row(message_id)
    return {column.key: getattr(message, column.key) for column in Message.__table__.columns}


def _tidy(message_id: int) -> None:
    """Out of the way of the next one."""
    with transaction() as session:
        session.execute(delete(Hold))
        session.execute(delete(Message).where(Message.id == message_id))


@pytest.mark.parametrize(
    ("outcome", "after", "tries"),
    [
        (TAKEN, S.SUCCEEDED, 1),
        (REFUSED, S.FAILED, 1),
        (Outcome(Verdict.INVALID, "Line 7 is not in this order.", cause="line.unknown"), S.FAILED, 1),
        (SILENT, S.RETRYING, 1),
        (Outcome(Verdict.ERROR_ANSWER, "500", cause="oms.http_500"), S.RETRYING, 1),
        (Outcome(Verdict.FAULT, "Ours.", cause="fault.KeyError"), S.RETRYING, 1),
        (Outcome(Verdict.UNSENT, "Given back."), S.PENDING, 0),
    ],
)
def test_how_a_try_ends(
    app_context: Flask, moving_clock: MovingClock, outcome: Outcome, after: MessageStatus, tries: int
) -> None:
    message_id = publish_one("order:1")
    claimed = claim_one()
    (begun,) = tries_of(message_id)
    assert (status(message_id), row(message_id).tries) == (S.IN_FLIGHT, 1)
    assert (begun.verdict, begun.number, begun.started_at) == (None, 1, moving_clock.now)

    moving_clock.advance(seconds=3)
    assert settled(claimed, outcome)

    (ended,) = tries_of(message_id)
    assert (ended.verdict, ended.reason, ended.cause) == (outcome.verdict, outcome.reason, outcome.cause)
    assert ended.finished_at == ended.started_at + timedelta(seconds=3)
    assert ended.struck is (outcome.verdict is Verdict.UNSENT)
    message = row(message_id)
    assert (message.status, message.reason, message.tries) == (after, outcome.reason, tries)
    assert message.is_open is (after in (S.RETRYING, S.PENDING))
    assert (message.settled_at is None) is message.is_open
    assert (message.claim_token, message.lease_until) == (None, None)
    assert changes_of(message_id) == []


def test_a_message_given_back_was_never_tried(app_context: Flask, moving_clock: MovingClock) -> None:
    message_id = publish_one("order:1")
    first = moving_clock.now
    assert settled(claim_one(), SILENT)
    waiting = moving_clock.advance(minutes=1)
    assert settled(claim_one(), Outcome(Verdict.UNSENT, "Given back.", retry_after=5))

    message = row(message_id)
    assert (message.status, message.tries, message.series_tries) == (S.RETRYING, 1, 1)
    assert (message.sent_at, message.last_tried_at) == (first, first)
    assert message.next_try_at == waiting + timedelta(seconds=5)
    assert message.cause == SILENT.cause
    assert [one.struck for one in tries_of(message_id)] == [False, True]

    moving_clock.advance(seconds=6)
    assert settled(claim_one())
    assert [(one.number, one.struck) for one in tries_of(message_id)] == [(1, False), (2, True), (2, False)]


def test_given_back_before_its_first_try_it_has_not_been_sent(
    app_context: Flask, moving_clock: MovingClock
) -> None:
    message_id = publish_one("order:1")
    assert settled(claim_one(), Outcome(Verdict.UNSENT, "Given back."))
    message = row(message_id)
    assert (message.sent_at, message.last_tried_at, message.tries) == (None, None, 0)
    assert settled(claim_one())
