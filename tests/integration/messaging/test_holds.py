"""Holding a far side, a lane or a topic, and letting all of it go, in order (F01, F04)."""

import pytest
from flask import Flask

from tests.fixtures.time import MovingClock
from tests.integration.messaging.journaled import (
    LEASE,
    SILENT,
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
)
from webapp.clock import now
from webapp.domain.states import Endpoint, MessageStatus
from webapp.extensions import transaction
from webapp.messaging import claims, holds
from webapp.messaging.drain import drain
from webapp.messaging.journal import publish
from webapp.messaging.sweep import sweep
from webapp.models.messages import Hold

S = MessageStatus
DISABLED = ("endpoint", "oms", "disabled")
ON_POSTGRESQL = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def _place(scope: str = "endpoint", name: str = "oms", kind: str = "disabled") -> None:
    with transaction() as session:
        holds.place(session, scope, name, kind, f"Held: {kind}.", "a test")


def _lift(scope: str = "endpoint", name: str = "oms", kind: str = "disabled") -> int:
    with transaction() as session:
        return holds.lift(session, scope, name, kind, "a test")


def test_what_waits_is_held_and_goes_in_order_when_let_go(app_context: Flask) -> None:
    before = publish_one("order:1", b"1")
    publish_one("order:1", b"2")
    _place()
    during = publish_one("order:1", b"3")
    sink = Sink()

    drain("orders", handlers(sink))
    assert sink.came == []
    assert [(status(one), row(one).reason) for one in (before, during)] == [(S.HELD, "Held: disabled.")] * 2

    assert _lift() == 3
    publish_one("order:1", b"4")
    drain("orders", handlers(sink))
    assert sink.bodies == [b"1", b"2", b"3", b"4"]
    assert changes_of(before) == [(S.PENDING, S.HELD, "Held: disabled."), (S.HELD, S.PENDING, "Released")]


def test_a_great_many_are_held_at_once_and_marked_by_and_by(
    app_context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holds, "BATCH", 30)
    many = published(*(new(f"product:{number}") for number in range(holds.BATCH + 20)))
    _place()
    assert (claim(), claims.claim_these(many, LEASE)) == ([], [])
    assert sweep(handlers())["held"] == 20
    assert {status(one) for one in many} == {S.HELD}

    assert _lift("topic", "test.topic") == 0
    assert _lift() == len(many)
    assert len(claimable()) == holds.BATCH
    assert sweep(handlers())["released"] == 20
    assert claimable() == many

    _place()
    assert _lift() == len(many)
    assert claimable() == many


def test_what_is_held_but_not_marked_yet_takes_nobodys_turn(app_context: Flask) -> None:
    published(*(new(f"order:{number}", topic="held.topic") for number in range(5)))
    free = publish_one("order:9")
    with transaction() as session:
        session.add(Hold(scope="topic", name="held.topic", kind="by_hand", reason="", actor="", since=now()))
    assert ids(claim(limit=2)) == [free]


def test_one_in_flight_is_settled_and_held_when_it_has_to_be_tried_again(app_context: Flask) -> None:
    message_id = publish_one("order:1")
    claimed = claim_one()
    _place()
    assert settled(claimed, SILENT)
    assert sweep(handlers())["held"] == 1
    _lift()
    assert (status(message_id), claimable()) == (S.RETRYING, [message_id])


def test_several_holds_over_one_message(app_context: Flask) -> None:
    message_id = publish_one("order:1")
    _place()
    _place("topic", "test.topic", "by_hand")
    assert _lift() == 0
    assert sweep(handlers())["released"] == 0
    assert status(message_id) is S.HELD
    assert _lift("topic", "test.topic", "by_hand") == 1
    assert claimable() == [message_id]


def test_a_hold_is_over_what_it_names_and_nothing_else(app_context: Flask) -> None:
    order, product, store, callback = (
        publish_one("order:1"),
        published(new("product:A", lane="catalog", topic="other.topic"))[0],
        published(new("order:1", endpoint=Endpoint.STORE))[0],
        received(new("order:1", lane="status_updates")),
    )
    _place()
    everything = [order, product, store, callback]
    assert [one for one in everything if status(one) is S.HELD] == [order, product]
    _lift()
    _place("lane", "catalog", "by_hand")
    assert [one for one in everything if status(one) is S.HELD] == [product]
    _lift("lane", "catalog", "by_hand")
    _place("topic", "test.topic", "by_hand")
    assert [one for one in everything if status(one) is S.HELD] == [order, store, callback]
    assert claimable("status_updates") == []


def test_a_callback_that_comes_under_a_hold_waits(app_context: Flask) -> None:
    _place("lane", "status_updates", "by_hand")
    message_id = received(new("order:1", lane="status_updates"))
    assert claim(lane="status_updates") == []
    assert sweep(handlers())["held"] == 1
    _lift("lane", "status_updates", "by_hand")
    assert ids(claim(lane="status_updates")) == [message_id]


def test_the_same_hold_again_says_its_new_reason(app_context: Flask, moving_clock: MovingClock) -> None:
    _place()
    since = moving_clock.now
    moving_clock.advance(hours=1)
    with transaction() as session:
        holds.place(session, *DISABLED, "Still.", "another")
    with transaction() as session:
        (hold,) = holds.active(session)
    assert (hold.reason, hold.since) == ("Still.", since)
    assert _lift() == 0


@ON_POSTGRESQL
def test_a_hold_placed_while_a_message_is_being_published(app_context: Flask) -> None:
    with transaction() as session:
        (message_id,) = publish(session, [new("order:1")], "a test")
        _place()
    assert (status(message_id), claim(), claims.claim_these([message_id], LEASE)) == (S.PENDING, [], [])
    sweep(handlers())
    assert status(message_id) is S.HELD


@ON_POSTGRESQL
def test_a_hold_lifted_while_a_message_is_being_published(app_context: Flask) -> None:
    _place()
    with transaction() as session:
        (message_id,) = publish(session, [new("order:1")], "a test")
        _lift()
    assert status(message_id) is S.HELD
    assert sweep(handlers())["released"] == 1
    assert claimable() == [message_id]
