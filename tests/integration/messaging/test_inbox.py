"""What comes in is written down once, however often and however many at once it comes (house rule 6)."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.integration.messaging.journaled import (
    REFUSED,
    TAKEN,
    claim,
    claim_one,
    claimable,
    new,
    received,
    row,
    settled,
    status,
    tries_of,
)
from webapp.domain.outcome import Outcome, Verdict
from webapp.domain.states import Direction, MessageStatus
from webapp.extensions import read, transaction
from webapp.messaging.journal import NewMessage, Received, receive, record_settled
from webapp.models.messages import Message

S = MessageStatus
LANE = "status_updates"
CALLERS = 8


def _receive(message: NewMessage) -> Received:
    with transaction() as session:
        return receive(session, message, "OMS")


def _call(wire_id: str | None = "7", body: bytes = b'{"id": 7}') -> NewMessage:
    return new("order:1", body, lane=LANE, wire_id=wire_id)


def _count() -> int:
    with read() as session:
        return session.scalar(select(func.count()).select_from(Message)) or 0


def test_the_same_at_once_is_one_message(app: Flask, app_context: Flask) -> None:
    def call(_: int) -> Received:
        with app.app_context():
            return _receive(_call())

    with ThreadPoolExecutor(CALLERS) as threads:
        answers = list(threads.map(call, range(CALLERS)))

    assert (_count(), len({one.id for one in answers})) == (1, 1)
    assert sorted(one.repeat for one in answers) == [False] + [True] * (CALLERS - 1)
    assert len({one.uid for one in answers}) == 1


def test_a_repeat_says_what_became_of_the_first(app_context: Flask) -> None:
    first = _receive(_call())
    assert (first.status, first.repeat, first.answer) == (S.PENDING, False, None)
    assert settled(claim_one(LANE), Outcome(Verdict.SUCCEEDED, answer=b"done"))
    again = _receive(_call())
    assert (again.id, again.uid, again.status) == (first.id, first.uid, S.SUCCEEDED)
    assert (again.repeat, again.answer) == (True, b"done")
    assert claimable(LANE) == []


@pytest.mark.parametrize(
    "other",
    [_call("8"), _call(None), _call("7", b'{"id": 7} '), _call("", b'{"id": 7}7')],
)
def test_another_id_or_another_body_is_another_message(app_context: Flask, other: NewMessage) -> None:
    first, second = _receive(_call()), _receive(other)
    assert not second.repeat
    assert (_count(), claimable(LANE)) == (2, [first.id])


@pytest.mark.parametrize("body", [b'{"a": "\\u0000"}', b"\x00\xff\xfe", b""])
def test_a_body_is_kept_byte_for_byte(app_context: Flask, body: bytes) -> None:
    message_id = received(_call("a\x00\ud800b", body))
    assert row(message_id).payload == body
    assert claim_one(LANE).payload == body
    assert _receive(_call("a\x00\ud800b", body)).repeat


def test_callbacks_of_an_order_are_applied_in_the_order_they_came(app_context: Flask) -> None:
    first, second = (received(_call(str(number))) for number in range(2))
    assert row(second).next_try_at is None
    claimed = claim_one(LANE)
    assert (claimed.id, claim(lane=LANE)) == (first, [])
    assert settled(claimed, REFUSED)
    assert claimable(LANE) == [second]


def test_what_is_settled_on_arrival_holds_nobody_back(app_context: Flask) -> None:
    with transaction() as session:
        message_id = record_settled(
            session,
            new("order:1", lane=LANE),
            Direction.IN,
            Outcome(Verdict.INVALID, "Bad\x00signature.", cause="oms.signature", answer=b"{}"),
            "OMS",
            failed=True,
        )
    after = received(_call())
    message = row(message_id)
    assert (message.status, message.is_open, message.tries) == (S.FAILED, False, 1)
    assert (message.reason, message.cause) == ("Bad\ufffdsignature.", "oms.signature")
    assert claimable(LANE) == [after]
    assert settled(claim_one(LANE), TAKEN)
    assert (status(after), len(tries_of(after))) == (S.SUCCEEDED, 1)
