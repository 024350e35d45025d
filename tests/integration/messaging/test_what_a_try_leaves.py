"""What became of a try is written down, whatever goes wrong in doing so (house rules 2 and 3)."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.fixtures.time import MovingClock
from tests.fixtures.waiting import wait_for
from tests.integration.messaging.journaled import (
    TAKEN,
    Sink,
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
)
from webapp.domain.outcome import Outcome, Verdict
from webapp.domain.refusals import Inapplicable
from webapp.domain.states import Endpoint, MessageStatus
from webapp.extensions import read, transaction
from webapp.messaging import holds, recording
from webapp.messaging.claims import Claimed
from webapp.messaging.drain import deliver_now, drain, work
from webapp.messaging.journal import message_key
from webapp.messaging.recording import Handlers, apply_one
from webapp.messaging.replay import retry_waiting_for
from webapp.messaging.sending import Pair
from webapp.messaging.settlement import settle
from webapp.models.locks import lock_order
from webapp.models.messages import Hold

S = MessageStatus
UNKNOWN = Inapplicable("order.id", "a number", "1", reason="Order 1 is not here.", cause="order.unknown")


def _mark(session: Session, name: str) -> None:
    """An effect one can look for."""
    holds.place(session, "topic", name, "by_hand", "An effect.", "a test")


def _marks() -> list[str]:
    with read() as session:
        return list(session.scalars(select(Hold.name).order_by(Hold.name)))


def test_one_whose_effects_fail_takes_no_other_down(app_context: Flask, moving_clock: MovingClock) -> None:
    good, bad, fine = published(*(new(f"order:{number}") for number in range(3)))
    broken = [True]

    def after(session: Session, ended: Sequence[Pair]) -> None:
        for claimed, outcome in ended:
            if claimed.id == bad and outcome.verdict is Verdict.SUCCEEDED and broken[0]:
                raise KeyError("ours")
            _mark(session, f"{claimed.id} {outcome.verdict}")

    drain("orders", handlers(Sink(), after=after))

    assert [status(one) for one in (good, bad, fine)] == [S.SUCCEEDED, S.RETRYING, S.SUCCEEDED]
    assert row(bad).cause == "fault.KeyError"
    assert _marks() == sorted([f"{good} succeeded", f"{bad} fault", f"{fine} succeeded"])

    broken[0] = False
    moving_clock.advance(seconds=12)
    drain("orders", handlers(Sink(), after=after))
    assert status(bad) is S.SUCCEEDED


def test_one_that_can_never_be_settled_keeps_its_claim(app_context: Flask) -> None:
    good, bad = published(new("order:1"), new("order:2"))

    def after(_session: Session, ended: Sequence[Pair]) -> None:
        if bad in [claimed.id for claimed, _ in ended]:
            raise KeyError("ours")

    done = drain("orders", handlers(Sink(), after=after))
    assert (done.settled, done.lost) == (1, 1)
    assert (status(good), status(bad)) == (S.SUCCEEDED, S.IN_FLIGHT)


@pytest.mark.parametrize("odd", ["a\x00b", "a\ud800b", "x" * 5_000])
def test_an_answer_that_no_database_takes_is_kept_all_the_same(app_context: Flask, odd: str) -> None:
    message_id = publish_one("order:1")
    outcome = Outcome(Verdict.REFUSED, odd, cause=odd, answer=b'{"a": "\x00"}', answer_headers={"x": "\x00"})

    assert settled(claim_one(), outcome)

    message = row(message_id)
    assert (message.status, message.answer) == (S.FAILED, b'{"a": "\x00"}')
    assert (message.reason[0], message.reason[-1]) == (odd[0], odd[-1])
    assert message.cause == message.reason[:80] == tries_of(message_id)[0].cause
    assert tries_of(message_id)[0].reason == message.reason


def test_a_bug_in_sending_is_tried_again(app_context: Flask) -> None:
    message_id = publish_one("order:1")

    def broken(_claimed: Claimed) -> Outcome:
        raise KeyError("ours")

    drain("orders", handlers(Sink(broken)))
    assert (status(message_id), row(message_id).cause) == (S.RETRYING, "fault.KeyError")


def test_refused_nothing_of_the_effect_stays(app_context: Flask) -> None:
    message_id = received(new("order:1", lane="status_updates", order_number="1"))

    def half(session: Session, _claimed: Claimed) -> Outcome:
        _mark(session, "half")
        raise UNKNOWN

    outcome = apply_one(claim_one("status_updates"), handlers(apply=half))

    assert outcome is not None
    assert (outcome.verdict, outcome.field, outcome.expected) == (Verdict.INVALID, "order.id", "a number")
    message = row(message_id)
    assert (message.status, message.reason) == (S.FAILED, "Order 1 is not here.")
    assert (message.cause, message.is_open) == ("order.unknown", False)
    assert _marks() == []


def test_failed_for_our_fault_nothing_of_the_effect_stays(app_context: Flask) -> None:
    message_id = received(new("order:1", lane="status_updates"))

    def half(session: Session, _claimed: Claimed) -> Outcome:
        _mark(session, "half")
        raise KeyError("ours")

    drain("status_updates", handlers(apply=half))
    assert (status(message_id), row(message_id).cause, _marks()) == (S.RETRYING, "fault.KeyError", [])


def test_an_order_that_comes_in_while_its_callback_is_refused_finds_it(
    app: Flask, app_context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    message_id = received(new("order:1", lane="status_updates", order_number="1"))
    claimed = claim_one("status_updates")
    refused, come = threading.Event(), threading.Event()

    def not_here_yet(session: Session, _claimed: Claimed) -> Outcome:
        assert lock_order(session, "1") is None
        raise UNKNOWN

    def settle_late(session: Session, results: Sequence[Pair]) -> list[Claimed]:
        refused.set()
        come.wait(0.3)
        return settle(session, results)

    def come_in() -> list[int]:
        with app.app_context():
            refused.wait()
            with transaction() as session:
                lock_order(session, "1")
                again = retry_waiting_for(session, Endpoint.OMS, ["order:1"], "order.unknown", "It has come.")
            come.set()
            return again

    monkeypatch.setattr(recording, "settle", settle_late)
    with ThreadPoolExecutor(1) as threads:
        coming = threads.submit(come_in)
        apply_one(claimed, handlers(apply=not_here_yet))
        assert coming.result() == [message_id]
    assert claimable("status_updates") == [message_id]


def test_what_is_not_begun_when_the_time_is_up_is_given_back(app_context: Flask) -> None:
    wanted = [
        received(new(f"order:{number}", lane="status_updates", wire_id=str(number))) for number in range(3)
    ]
    stopping = threading.Event()

    def apply(_session: Session, _claimed: Claimed) -> Outcome:
        stopping.set()
        return TAKEN

    done = drain("status_updates", handlers(apply=apply), stop=stopping.is_set)

    assert done.more
    assert [status(one) for one in wanted] == [S.SUCCEEDED, S.PENDING, S.PENDING]
    assert [row(one).tries for one in wanted] == [1, 0, 0]
    assert claimable("status_updates") == wanted[1:]


def test_a_stop_lets_the_calls_under_way_end_and_begins_no_other(app_context: Flask) -> None:
    wanted = published(*(new(f"order:{number}") for number in range(6)))
    stopping = threading.Event()

    def send(_claimed: Claimed) -> Outcome:
        stopping.set()
        return TAKEN

    sink = Sink(send, window=1)
    drain("orders", handlers(sink), stop=stopping.is_set)
    assert ids(sink.came) == wanted[:1]
    assert [row(one).tries for one in wanted] == [1, 0, 0, 0, 0, 0]
    assert claimable() == wanted[1:]


def test_where_no_sender_can_be_had_nothing_is_left_claimed(app_context: Flask) -> None:
    message_id = publish_one("order:1")

    def unreadable() -> AbstractContextManager[Sink]:
        raise ValueError("a secret that cannot be read")

    ours = handlers()
    with pytest.raises(ValueError, match="a secret"):
        deliver_now([message_id], Handlers(unreadable, ours.apply, ours.after))
    assert (status(message_id), row(message_id).tries, claimable()) == (S.PENDING, 0, [message_id])


def test_now_means_this_one_and_only_if_it_is_its_turn(app_context: Flask, moving_clock: MovingClock) -> None:
    first, second = publish_one("order:1"), publish_one("order:1")
    assert deliver_now([second], handlers()) == []
    ((claimed, outcome),) = deliver_now([first], handlers(Sink(lambda _: Outcome(Verdict.SILENT))))
    assert (claimed.id, outcome.verdict) == (first, Verdict.SILENT)
    assert claim() == []
    ((claimed, _),) = deliver_now([first], handlers())
    assert (claimed.id, status(first), claimable()) == (first, S.SUCCEEDED, [second])


def test_who_waits_is_not_told_of_what_another_settled(app_context: Flask) -> None:
    message_id = received(new("order:1", lane="status_updates"))
    claimed = claim_one("status_updates")
    assert settled(claimed)
    assert apply_one(claimed, handlers()) is None
    publish_one("order:2")
    sent = claim_one()
    assert settled(sent)
    assert work([sent], handlers(), Sink()) == []
    assert status(message_id) is S.SUCCEEDED


def test_a_batch_is_settled_while_its_slowest_is_still_under_way(app_context: Flask) -> None:
    slow, quick = published(new("order:1"), new("order:2"))

    def send(claimed: Claimed) -> Outcome:
        if claimed.id == slow:
            wait_for(lambda: status(quick) is S.SUCCEEDED, every=0.01)
        return TAKEN

    drain("orders", handlers(Sink(send)))
    assert status(slow) is S.SUCCEEDED


def test_keys_and_texts_of_any_kind(app_context: Flask) -> None:
    odd = "order:\x00\ud800"
    (message_id,) = published(
        new(odd, b"\x00\xff", topic="a\x00b" * 60, order_number="\x00" * 70, wire_id="\ud800\x00" * 150)
    )
    message = row(message_id)
    assert message.key == message_key(message.direction, message.endpoint, odd)
    assert (message.payload, len(message.topic), len(message.wire_id or "")) == (b"\x00\xff", 120, 200)
    assert settled(claim_one())
