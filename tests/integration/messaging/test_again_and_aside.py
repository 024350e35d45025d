"""Sending again, setting aside, taking another's place: always in the order of the key (F04)."""

import pytest
from flask import Flask

from tests.integration.messaging.journaled import (
    LEASE,
    REFUSED,
    SILENT,
    TAKEN,
    Sink,
    changes_of,
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
from webapp.domain.states import Endpoint, MessageStatus
from webapp.extensions import transaction
from webapp.messaging import claims
from webapp.messaging.drain import drain
from webapp.messaging.replay import replay, retry_waiting_for, skip
from webapp.messaging.settlement import Change, change

S = MessageStatus


def _replayed(*message_ids: int) -> list[int]:
    with transaction() as session:
        return replay(session, message_ids, "a test")


def _skipped(*message_ids: int) -> list[int]:
    with transaction() as session:
        return skip(session, message_ids, "a test", "Done by hand")


def _superseded(message_id: int, successor: int) -> list[int]:
    with transaction() as session:
        return change(session, [message_id], Change(S.SUPERSEDED, "a test", "Newer content.", successor))


def test_sent_again_it_goes_in_its_old_place(app_context: Flask) -> None:
    old, middle, latest = (publish_one("product:A", body) for body in (b"1", b"2", b"3"))
    assert try_once(REFUSED) == old
    assert try_once(REFUSED) == middle
    assert _replayed(middle, old) == [old, middle]

    sink = Sink()
    drain("orders", handlers(sink))
    assert sink.bodies == [b"1", b"2", b"3"]
    assert status(latest) is S.SUCCEEDED
    assert changes_of(old) == [(S.FAILED, S.PENDING, "Sent again")]
    assert [one.number for one in tries_of(old)] == [1, 2]


def test_sent_again_it_is_the_same_message(app_context: Flask) -> None:
    message_id = publish_one("order:1", b"the body")
    first = claim_one()
    assert settled(first, TAKEN)
    _replayed(message_id)
    second = claim_one()
    assert (second.id, second.uid, second.payload) == (first.id, first.uid, first.payload)
    assert second.token != first.token


def test_what_was_superseded_or_is_still_waiting_is_not_sent_again(app_context: Flask) -> None:
    first = publish_one("product:A")
    second = publish_one("product:A")
    assert _superseded(first, second) == [first]
    assert _replayed(first, second, 4711) == []
    assert row(first).superseded_by == second


def test_a_blocked_key_goes_on_when_its_create_is_sent_again(app_context: Flask) -> None:
    create, cancel = published(new("order:1", b"create", blocks_key=True), new("order:1", b"cancel"))
    assert try_once(REFUSED) == create
    assert claimable() == []
    assert _replayed(create) == [create]
    sink = Sink()
    drain("orders", handlers(sink))
    assert sink.bodies == [b"create", b"cancel"]
    assert status(cancel) is S.SUCCEEDED


@pytest.mark.parametrize("outcome", [None, SILENT, REFUSED])
def test_set_aside_it_holds_nobody_back(app_context: Flask, outcome: Outcome | None) -> None:
    create, cancel = published(new("order:1", blocks_key=True), new("order:1"))
    if outcome is not None:
        try_once(outcome)
    assert _skipped(create) == [create]
    assert (status(create), row(create).is_open, row(create).reason) == (S.SKIPPED, False, "Done by hand")
    assert claimable() == [cancel]
    assert _skipped(create) == []


def test_set_aside_behind_another_the_first_still_goes_first(app_context: Flask) -> None:
    first, second, third = published(new("order:1"), new("order:1"), new("order:1"))
    assert _skipped(second) == [second]
    assert claimable() == [first]
    try_once(TAKEN)
    assert claimable() == [third]


@pytest.mark.parametrize("before", [None, REFUSED])
def test_what_takes_a_messages_place_goes_before_what_waited_behind_it(
    app_context: Flask, before: Outcome | None
) -> None:
    create, cancel = published(new("order:1", b"create", blocks_key=True), new("order:1", b"cancel"))
    if before is not None:
        try_once(before)
    place = row(create).position or create
    product, again = published(
        new("order:1", b"product", position=place), new("order:1", b"again", position=place, blocks_key=True)
    )
    assert _superseded(create, again) == [create]

    assert claimable() == [product]
    sink = Sink()
    drain("orders", handlers(sink))
    assert sink.bodies == [b"product", b"again", b"cancel"]
    assert status(cancel) is S.SUCCEEDED


def test_a_successors_successor_keeps_the_place(app_context: Flask) -> None:
    first, behind = published(new("product:A"), new("product:A", b"behind"))
    (second,) = published(new("product:A", position=first))
    _superseded(first, second)
    (third,) = published(new("product:A", position=row(second).position))
    _superseded(second, third)
    assert claimable() == [third]
    try_once(TAKEN)
    assert claimable() == [behind]


def test_nothing_takes_the_place_of_what_is_in_flight(app_context: Flask) -> None:
    first = publish_one("order:1")
    claimed = claim_one()
    (second,) = published(new("order:1", position=first))
    assert _superseded(first, second) == []
    assert claimable() == []
    assert settled(claimed)
    assert claimable() == [second]


def test_what_failed_for_want_of_something_is_tried_again_when_that_comes(app_context: Flask) -> None:
    unknown = Outcome(Verdict.INVALID, "Order 1 is not here.", cause="order.unknown")
    other = Outcome(Verdict.INVALID, "Line 7 is not in this order.", cause="line.unknown")
    wanted, refused, elsewhere = (
        received(new(key, body, lane="status_updates"))
        for key, body in (("order:1", b"1"), ("order:1", b"2"), ("order:2", b"3"))
    )
    assert try_once_of(wanted, unknown)
    assert try_once_of(elsewhere, unknown)
    assert try_once_of(refused, other)

    with transaction() as session:
        again = retry_waiting_for(session, Endpoint.OMS, ["order:1"], "order.unknown", "It has come.")
    assert again == [wanted]
    assert claimable("status_updates") == [wanted]
    assert [status(one) for one in (refused, elsewhere)] == [S.FAILED, S.FAILED]


def try_once_of(message_id: int, outcome: Outcome) -> bool:
    """Take this very message and settle it so."""
    (claimed,) = claims.claim_these([message_id], LEASE)
    return settled(claimed, outcome) and ids([claimed]) == [message_id]
