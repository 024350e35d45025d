"""A claim is a lease with a token: whoever lost it settles nothing, and nothing of what it did stays."""

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tests.fixtures.time import MovingClock
from tests.fixtures.waiting import wait_for
from tests.integration.messaging.journaled import (
    LANE,
    LEASE,
    LEASE_SECONDS,
    REFUSED,
    SILENT,
    TAKEN,
    Sink,
    changes_of,
    claim,
    claim_one,
    claimable,
    handlers,
    ids,
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
from webapp.domain.refusals import Refused
from webapp.domain.states import MessageStatus
from webapp.extensions import db, transaction
from webapp.flows.change_settings import change_settings
from webapp.messaging import claims, holds, leases
from webapp.messaging.claims import Claimed
from webapp.messaging.drain import deliver_now, drain, work
from webapp.messaging.recording import apply_one, record
from webapp.messaging.replay import replay, skip
from webapp.messaging.sending import Pair
from webapp.messaging.settlement import settle
from webapp.messaging.sweep import sweep
from webapp.models.locks import lock_keys
from webapp.models.messages import Hold
from workers.scheduler import SWEEP_SECONDS

S = MessageStatus


def test_a_dead_workers_message_is_free_again_within_a_minute(
    app_context: Flask, moving_clock: MovingClock
) -> None:
    message_id = publish_one("order:1")
    claim_one()
    moving_clock.advance(seconds=LEASE_SECONDS - 1)
    assert sweep(handlers())["rescued"] == 0
    moving_clock.advance(seconds=2)

    assert sweep(handlers())["rescued"] == 1

    message = row(message_id)
    assert (message.status, message.tries, message.cause) == (S.RETRYING, 1, "worker.lost")
    (lost,) = tries_of(message_id)
    assert (lost.verdict, lost.struck) == (Verdict.FAULT, False)
    assert claimable() == [message_id]


@pytest.mark.parametrize("timeout", [1, 15, 40])
def test_a_lease_is_longer_than_a_call_may_take_and_over_within_a_minute_of_a_death(
    app_context: Flask, moving_clock: MovingClock, timeout: int
) -> None:
    """40 s is the longest `oms.timeout_seconds` there is."""
    taken_by, now_taken_by = publish_one("order:1"), publish_one("order:2")
    until: dict[int, datetime | None] = {}

    def look(claimed: Claimed) -> Outcome:
        until[claimed.id] = row(claimed.id).lease_until
        return TAKEN

    sink = Sink(look, timeout=timeout)
    deliver_now([now_taken_by], handlers(sink))
    drain(LANE, handlers(sink))

    assert until.keys() == {taken_by, now_taken_by}
    for lease_until in until.values():
        assert lease_until is not None
        seconds = (lease_until - moving_clock.now).total_seconds()
        assert timeout < seconds < 60 - 2 * SWEEP_SECONDS
    with transaction() as session, pytest.raises(Refused):
        change_settings(session, {"oms.timeout_seconds": 41}, "a test")


def test_a_late_worker_settles_nothing(app_context: Flask, moving_clock: MovingClock) -> None:
    message_id = publish_one("order:1")
    late = claim_one()
    moving_clock.advance(seconds=LEASE_SECONDS + 1)
    sweep(handlers())
    second = claim_one()

    assert not settled(late, REFUSED)
    assert (status(message_id), row(message_id).claim_token) == (S.IN_FLIGHT, second.token)
    assert settled(second, TAKEN)
    assert not settled(late, REFUSED)
    assert not settled(second, REFUSED)
    assert status(message_id) is S.SUCCEEDED
    assert [one.verdict for one in tries_of(message_id)] == ["fault", "succeeded"]


def test_a_worker_that_is_late_but_not_replaced_settles(
    app_context: Flask, moving_clock: MovingClock
) -> None:
    message_id = publish_one("order:1")
    late = claim_one()
    moving_clock.advance(seconds=LEASE_SECONDS + 30)
    assert settled(late, TAKEN)
    assert sweep(handlers())["rescued"] == 0
    assert status(message_id) is S.SUCCEEDED


def test_the_effect_of_a_worker_that_lost_its_claim_is_undone(
    app_context: Flask, moving_clock: MovingClock
) -> None:
    message_id = received(new("order:1", lane="status_updates"))
    late = claim_one("status_updates")

    def effect(session: Session, _claimed: Claimed) -> Outcome:
        holds.place(session, "topic", "a mark", "by_hand", "An effect.", "a test")
        return TAKEN

    def too_slow(session: Session, claimed: Claimed) -> Outcome:
        moving_clock.advance(seconds=LEASE_SECONDS + 1)
        return effect(session, claimed)

    moving_clock.advance(seconds=LEASE_SECONDS + 1)
    sweep(handlers())
    second = claim_one("status_updates")

    assert apply_one(late, handlers(apply=too_slow)) is None
    with transaction() as session:
        assert session.query(Hold).count() == 0
    assert status(message_id) is S.IN_FLIGHT

    assert apply_one(second, handlers(apply=effect)) == TAKEN
    with transaction() as session:
        assert session.query(Hold).count() == 1
    assert status(message_id) is S.SUCCEEDED


def test_what_follows_from_a_try_is_made_only_by_who_settles_it(
    app_context: Flask, moving_clock: MovingClock
) -> None:
    publish_one("order:1")
    late = claim_one()
    followed: list[str] = []

    def after(_session: Session, ended: Sequence[Pair]) -> None:
        followed.extend(claimed.token for claimed, _ in ended)

    moving_clock.advance(seconds=LEASE_SECONDS + 1)
    sweep(handlers(after=after))
    second = claim_one()
    assert record([(late, TAKEN)], handlers(after=after)) == []
    assert record([(second, TAKEN)], handlers(after=after)) == [(second, TAKEN)]
    assert followed == [late.token, second.token]


def test_a_message_that_kills_its_worker_every_time_expires_and_what_follows_is_made(
    app_context: Flask, moving_clock: MovingClock
) -> None:
    message_id = publish_one("order:1")
    ends = moving_clock.now + timedelta(hours=48)
    final: list[tuple[int, Verdict]] = []

    def after(_session: Session, ended: Sequence[Pair]) -> None:
        final.extend((claimed.id, outcome.verdict) for claimed, outcome in ended)

    while status(message_id) is not S.FAILED:
        moving_clock.advance(hours=3)
        claim_one()
        moving_clock.advance(seconds=LEASE_SECONDS + 1)
        assert sweep(handlers(after=after))["rescued"] == 1

    tries = tries_of(message_id)
    assert row(message_id).cause == "expired"
    assert len([one for one in tries if one.started_at >= ends]) == 1
    assert final == [(message_id, Verdict.FAULT)] * len(tries)
    assert claimable() == []


def test_one_that_killed_its_worker_takes_no_other_down(
    app_context: Flask, moving_clock: MovingClock
) -> None:
    wanted = published(*(new(f"order:{number}") for number in range(6)))
    deadly = wanted[2]

    def die_over(claimed: Sequence[Claimed]) -> None:
        """Everything of the batch is lost with its worker, or else settled."""
        if deadly not in ids(claimed):
            for one in claimed:
                assert settled(one)

    for _ in range(8):
        while taken := claim():
            die_over(taken)
        moving_clock.advance(seconds=LEASE_SECONDS + 1)
        sweep(handlers())

    assert [one for one in wanted if status(one) is S.SUCCEEDED] == [one for one in wanted if one != deadly]
    assert max(row(one).tries for one in wanted if one != deadly) == 2


def test_a_lease_is_renewed_while_it_is_held_and_only_then(
    app_context: Flask, moving_clock: MovingClock
) -> None:
    first, second, third = published(*(new(f"order:{number}") for number in range(3)))
    batch = claim()
    assert settled(batch[0])
    moving_clock.advance(seconds=LEASE_SECONDS - 5)
    claims.renew(batch, moving_clock.now + LEASE)

    assert row(first).lease_until is None
    assert row(second).lease_until == moving_clock.now + timedelta(seconds=LEASE_SECONDS)
    moving_clock.advance(seconds=10)
    assert sweep(handlers())["rescued"] == 0

    moving_clock.advance(seconds=LEASE_SECONDS)
    sweep(handlers())
    claims.renew(batch, moving_clock.now + LEASE)
    assert (row(second).lease_until, row(third).lease_until) == (None, None)


def test_leases_are_renewed_while_a_batch_is_worked_on(
    app_context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "RENEW_SECONDS", 0.01)
    (message_id,) = published(new("order:1"))
    (claimed,) = claim()

    def is_renewed(one: Claimed) -> bool:
        lease_until = row(one.id).lease_until
        return lease_until is not None and lease_until > one.lease_until

    def slow(one: Claimed) -> Outcome:
        wait_for(lambda: is_renewed(one), every=0.01)
        return TAKEN

    assert work([claimed], handlers(), Sink(slow, timeout=15)) == [(claimed, TAKEN)]
    assert status(message_id) is S.SUCCEEDED


def test_a_renewal_that_fails_once_costs_nothing(
    app_context: Flask, moving_clock: MovingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "RENEW_SECONDS", 0.01)
    renew, failures = claims.renew, [OperationalError("renew", {}, Exception("the database is away"))]

    def fail_once(held: Collection[Claimed], until: datetime) -> list[int]:
        if failures:
            raise failures.pop()
        return renew(held, until)

    monkeypatch.setattr(claims, "renew", fail_once)
    message_id = publish_one("order:1")
    (claimed,) = claim()

    def slow(one: Claimed) -> Outcome:
        wait_for(lambda: not failures, every=0.01)
        moving_clock.advance(seconds=LEASE_SECONDS - 5)
        wait_for(lambda: row(one.id).lease_until == moving_clock.now + LEASE, every=0.01)
        moving_clock.advance(seconds=10)
        assert sweep(handlers())["rescued"] == 0
        return TAKEN

    assert work([claimed], handlers(), Sink(slow, timeout=15)) == [(claimed, TAKEN)]
    assert [one.verdict for one in tries_of(message_id)] == ["succeeded"]


def test_a_worker_that_renews_while_it_is_being_rescued_keeps_its_claim(
    app_context: Flask, moving_clock: MovingClock
) -> None:
    message_id = publish_one("order:1")
    claimed = claim_one()
    lapsed_by = moving_clock.advance(seconds=LEASE_SECONDS + 1)
    claims.renew([claimed], moving_clock.now + LEASE)

    with transaction() as session:
        assert settle(session, [(claimed, SILENT)], lapsed_by=lapsed_by) == []
    assert status(message_id) is S.IN_FLIGHT
    assert settled(claimed)


def test_nothing_is_sent_on_a_lease_too_short_for_the_call(
    app_context: Flask, moving_clock: MovingClock
) -> None:
    message_id = publish_one("order:1")
    claimed = claim_one()
    sink = Sink(timeout=15)
    moving_clock.advance(seconds=LEASE_SECONDS - 14)

    ((_, outcome),) = work([claimed], handlers(), sink)

    assert (outcome.verdict, sink.came) == (Verdict.UNSENT, [])
    assert (status(message_id), row(message_id).tries) == (S.PENDING, 0)


def test_one_whose_turn_comes_late_is_sent_on_its_renewed_lease(
    app_context: Flask, moving_clock: MovingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "RENEW_SECONDS", 0.01)
    first, second = published(new("order:1"), new("order:2"))
    batch = claim()

    def renewed() -> bool:
        return row(second).lease_until == moving_clock.now + timedelta(seconds=LEASE_SECONDS)

    def slow(one: Claimed) -> Outcome:
        if one.id == first:
            moving_clock.advance(seconds=LEASE_SECONDS - 14)
            wait_for(renewed, every=0.01)
            # Seen renewed once more, it is known to be renewed.
            moving_clock.advance(seconds=1)
            wait_for(renewed, every=0.01)
        return TAKEN

    work(batch, handlers(), sink := Sink(slow, window=1, timeout=15))
    assert ids(sink.came) == [first, second]


def test_a_rescue_and_a_late_settlement_do_not_lock_each_other_out(
    app: Flask, app_context: Flask, moving_clock: MovingClock
) -> None:
    message_id = publish_one("order:1")
    late = claim_one()
    moving_clock.advance(seconds=LEASE_SECONDS + 1)

    def rescue() -> int:
        with app.app_context():
            return sweep(handlers())["rescued"]

    with ThreadPoolExecutor(1) as threads:
        with transaction() as session:
            lock_keys(session, [late.key])
            rescuing = threads.submit(rescue)
            _wait_until_it_waits(session)
            assert settle(session, [(late, TAKEN)]) == [late]
        assert rescuing.result() == 0
    assert status(message_id) is S.SUCCEEDED


def _wait_until_it_waits(session: Session) -> None:
    """Return once somebody else waits for a lock we hold (SQLite: the one writer there is)."""
    if db.engine.dialect.name == "sqlite":
        return
    wait_for(lambda: session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")), every=0.01)


def test_a_replay_of_what_is_in_flight_changes_nothing(app_context: Flask) -> None:
    publish_one("order:1")
    claimed = claim_one()
    with transaction() as session:
        assert replay(session, [claimed.id], "a test") == []
        assert skip(session, [claimed.id], "a test", "Enough") == []
    assert changes_of(claimed.id) == []
    assert settled(claimed)


def test_a_try_that_failed_is_not_claimed_before_it_is_due(
    app_context: Flask, moving_clock: MovingClock
) -> None:
    message_id = publish_one("order:1")
    try_once(SILENT)
    moving_clock.advance(seconds=7.9)
    assert claim() == []
    moving_clock.advance(seconds=4.2)
    assert claim_one().id == message_id
