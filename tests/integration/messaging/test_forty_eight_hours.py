"""The 48 hours of a message: when they run, when they stand still, what comes at their end (F05)."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.fixtures.time import MovingClock
from tests.integration.messaging.journaled import (
    REFUSED,
    SILENT,
    TAKEN,
    Sink,
    claim,
    claim_one,
    claimable,
    handlers,
    new,
    publish_one,
    published,
    received,
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
from webapp.messaging.drain import deliver_now
from webapp.messaging.replay import replay, skip
from webapp.messaging.settlement import Change, change

S = MessageStatus
WINDOW = timedelta(hours=48)


def _next_try(message_id: int) -> datetime:
    next_try_at = row(message_id).next_try_at
    assert next_try_at is not None
    return next_try_at


def _down_until(clock: MovingClock, end: datetime, message_id: int) -> None:
    """The far side is silent until then; the first and the last tries are made when they are due."""
    while status(message_id) is S.RETRYING and _next_try(message_id) < end:
        later = clock.now + timedelta(hours=0 if row(message_id).tries < 5 else 6)
        clock.now = max(min(later, end - timedelta(hours=2)), _next_try(message_id))
        try_once(SILENT)


def test_down_for_47_hours_59_minutes_delivered(app_context: Flask, moving_clock: MovingClock) -> None:
    began = moving_clock.now
    message_id = publish_one("order:1")
    try_once(SILENT)
    up_again = began + timedelta(hours=47, minutes=59)
    _down_until(moving_clock, up_again, message_id)
    assert status(message_id) is S.RETRYING

    moving_clock.now = max(up_again, _next_try(message_id))
    try_once(TAKEN)

    message = row(message_id)
    assert status(message_id) is S.SUCCEEDED
    assert message.tries == len(tries_of(message_id))
    assert row(message_id).reason == ""


def test_down_for_48_hours_1_minute_expired_after_one_last_try(
    app_context: Flask, moving_clock: MovingClock
) -> None:
    began = moving_clock.now
    message_id = publish_one("order:1")
    assert row(message_id).expires_at == began + WINDOW
    try_once(SILENT)
    _down_until(moving_clock, began + WINDOW + timedelta(minutes=1), message_id)

    message = row(message_id)
    tries = tries_of(message_id)
    assert status(message_id) is S.FAILED
    assert message.cause == "expired"
    assert message.reason == f"Expired after 48 h, {len(tries)} tries. The last: {SILENT.reason}"
    assert [one.started_at for one in tries if one.started_at >= began + WINDOW] == [began + WINDOW]
    assert claimable() == []


def test_the_last_try_is_owed_however_late(app_context: Flask, moving_clock: MovingClock) -> None:
    message_id = publish_one("order:1")
    moving_clock.advance(hours=200)
    assert try_once(SILENT) == message_id
    assert status(message_id) is S.FAILED
    assert row(message_id).reason == f"Expired after 48 h, 1 try. The last: {SILENT.reason}"


def test_a_last_try_given_back_is_still_owed(app_context: Flask, moving_clock: MovingClock) -> None:
    message_id = publish_one("order:1")
    moving_clock.advance(hours=50)
    try_once(Outcome(Verdict.UNSENT, "Given back."))
    assert (status(message_id), claimable()) == (S.PENDING, [message_id])
    try_once(TAKEN)
    assert status(message_id) is S.SUCCEEDED


def test_retry_after_is_waited_for_even_past_the_end(app_context: Flask, moving_clock: MovingClock) -> None:
    message_id = publish_one("order:1")
    moving_clock.advance(hours=47, minutes=59)
    try_once(Outcome(Verdict.ERROR_ANSWER, "429", cause="oms.http_429", retry_after=3600))
    assert _next_try(message_id) == moving_clock.now + timedelta(hours=1)
    assert claimable() == []
    moving_clock.advance(hours=1)
    try_once(TAKEN)
    assert status(message_id) is S.SUCCEEDED


def test_they_stand_still_behind_another_of_the_key(app_context: Flask, moving_clock: MovingClock) -> None:
    first, second = publish_one("order:1"), publish_one("order:1")
    behind = row(second)
    assert (behind.next_try_at, behind.expires_at) == (None, None)

    moving_clock.advance(hours=40)
    assert try_once(TAKEN) == first

    ahead = row(second)
    assert (ahead.next_try_at, ahead.expires_at) == (moving_clock.now, moving_clock.now + WINDOW)
    assert try_once(SILENT) == second
    moving_clock.advance(hours=47)
    assert try_once(SILENT) == second
    assert status(second) is S.RETRYING


def test_they_run_on_from_where_they_stood(app_context: Flask, moving_clock: MovingClock) -> None:
    message_id = publish_one("order:1")
    moving_clock.advance(hours=10)
    try_once(SILENT)
    with transaction() as session:
        holds.place(session, "endpoint", "oms", "disabled", "Disabled.", "a test")
    held = row(message_id)
    assert (held.status, held.next_try_at, held.expires_at) == (S.HELD, None, None)

    moving_clock.advance(hours=500)
    with transaction() as session:
        assert holds.lift(session, "endpoint", "oms", "disabled", "a test") == 1

    let_go = row(message_id)
    assert (let_go.status, let_go.tries) == (S.RETRYING, 1)
    assert let_go.next_try_at == moving_clock.now
    assert let_go.expires_at == moving_clock.now + WINDOW - timedelta(hours=10)


def test_they_stand_still_from_the_hold_on_whenever_the_sweep_comes(
    app_context: Flask, moving_clock: MovingClock
) -> None:
    message_id = publish_one("order:1")
    claimed = claim_one()
    moving_clock.advance(hours=1)
    with transaction() as session:
        holds.place(session, "endpoint", "oms", "disabled", "Disabled.", "a test")
    assert settled(claimed, SILENT)
    moving_clock.advance(hours=30)
    with transaction() as session:
        assert holds.hold_waiting(session) == 1
    assert row(message_id).window_left == timedelta(hours=47).total_seconds()


def test_what_comes_under_a_hold_has_all_of_them(app_context: Flask, moving_clock: MovingClock) -> None:
    with transaction() as session:
        holds.place(session, "endpoint", "oms", "disabled", "Disabled.", "a test")
    message_id = publish_one("order:1")
    moving_clock.advance(hours=100)
    with transaction() as session:
        holds.lift(session, "endpoint", "oms", "disabled", "a test")
    assert row(message_id).expires_at == moving_clock.now + WINDOW


def test_a_replay_has_new_ones_and_a_new_series_of_tries(
    app_context: Flask, moving_clock: MovingClock
) -> None:
    message_id = publish_one("order:1")
    moving_clock.advance(hours=49)
    try_once(SILENT)
    assert status(message_id) is S.FAILED

    moving_clock.advance(hours=1)
    with transaction() as session:
        assert replay(session, [message_id], "a test") == [message_id]

    again = row(message_id)
    assert (again.status, again.tries, again.series_tries) == (S.PENDING, 1, 0)
    assert (again.next_try_at, again.expires_at) == (moving_clock.now, moving_clock.now + WINDOW)
    try_once(SILENT)
    assert status(message_id) is S.RETRYING
    assert _next_try(message_id) <= moving_clock.now + timedelta(seconds=12)
    assert [one.number for one in tries_of(message_id)] == [1, 2]


def test_one_sent_again_lets_the_next_stand_still(app_context: Flask, moving_clock: MovingClock) -> None:
    first, second = publish_one("product:A"), publish_one("product:A")
    assert try_once(REFUSED) == first
    moving_clock.advance(hours=7)
    with transaction() as session:
        replay(session, [first], "a test")
    behind = row(second)
    assert (behind.next_try_at, behind.expires_at) == (None, None)
    assert behind.window_left == timedelta(hours=41).total_seconds()

    moving_clock.advance(hours=20)
    assert try_once(TAKEN) == first
    assert row(second).expires_at == moving_clock.now + timedelta(hours=41)


def test_one_sent_again_while_the_next_is_in_flight(app_context: Flask, moving_clock: MovingClock) -> None:
    first, second = publish_one("product:A"), publish_one("product:A")
    try_once(REFUSED)
    claimed = claim_one()
    assert claimed.id == second
    with transaction() as session:
        replay(session, [first], "a test")
    assert claimable() == []
    other = publish_one("product:B")
    assert [one.id for one in claim(limit=1)] == [other]

    moving_clock.advance(hours=1)
    assert settled(claimed, SILENT)

    behind = row(second)
    assert (behind.status, behind.next_try_at, behind.expires_at) == (S.RETRYING, None, None)
    assert behind.window_left == timedelta(hours=47).total_seconds()
    assert claimable() == [first]
    try_once(TAKEN)
    assert claimable() == [second]


@pytest.mark.parametrize(
    ("tried", "left"), [(None, timedelta(hours=18)), (SILENT, WINDOW), (REFUSED, WINDOW)]
)
def test_what_takes_the_place_of_another_has_what_was_left_if_that_was_never_tried(
    app_context: Flask, moving_clock: MovingClock, tried: Outcome | None, left: timedelta
) -> None:
    first = published(new("product:A", blocks_key=True))[0]
    moving_clock.advance(hours=30)
    if tried is not None:
        try_once(tried)
    second = published(new("product:A", position=first))[0]
    with transaction() as session:
        superseded = Change(S.SUPERSEDED, "a test", "Newer content.", second)
        assert change(session, [first], superseded) == [first]
    successor = row(second)
    assert successor.next_try_at == moving_clock.now
    assert successor.expires_at == moving_clock.now + left


def test_a_skipped_one_lets_the_next_go(app_context: Flask, moving_clock: MovingClock) -> None:
    first, second = published(new("order:1", blocks_key=True), new("order:1"))
    try_once(REFUSED)
    assert claimable() == []
    moving_clock.advance(hours=9)
    with transaction() as session:
        assert skip(session, [first], "a test", "Done by hand") == [first]
    assert row(second).expires_at == moving_clock.now + WINDOW
    assert ([one.id for one in claim()], status(first)) == ([second], S.SKIPPED)


def test_an_incoming_message_that_cannot_be_applied_is_tried_as_long(
    app_context: Flask, moving_clock: MovingClock
) -> None:
    def broken(_session: Session, _claimed: object) -> Outcome:
        raise KeyError("ours")

    message_id = received(new("order:1", lane="status_updates"))
    deliver_now([message_id], handlers(Sink(), apply=broken))
    assert status(message_id) is S.RETRYING
    moving_clock.advance(hours=48)
    deliver_now([message_id], handlers(Sink(), apply=broken))
    assert status(message_id) is S.FAILED
    assert row(message_id).cause == "expired"
