"""What the sandbox keeps of the past, on its real database: enough to look at, and never without end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from webapp.sandbox import callbacks, clock, keeping, oauth
from webapp.sandbox.order_book import add_order, find_order, keep_order
from webapp.sandbox.received import ReceivedCall, note_answer, note_arrival, received_calls
from webapp.sandbox.state import Database, State


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    """An empty one."""
    state = State(tmp_path)
    yield state
    state.close()


def _receive(db: Database, body: bytes, answer: bytes = b"{}") -> ReceivedCall:
    call = ReceivedCall("/", clock.now(), body, answer=answer)
    note_arrival(db, call)
    note_answer(db, call)
    return call


def _kept(state: State) -> list[int]:
    return [call["seq"] for call in received_calls(state)]


def test_calls_beyond_the_newest_twenty_thousand_are_forgotten(state: State) -> None:
    with state.transaction() as db:
        for _ in range(keeping.KEPT + 3):
            _receive(db, b"{}")

    assert _kept(state) == list(range(4, keeping.KEPT + 4))


def test_of_large_calls_so_many_are_kept_as_fit(state: State) -> None:
    with state.transaction() as db:
        for _ in range(400):
            _receive(db, b"x" * 90, b"y" * 10)
        keeping.keep_newest(db, "received", 400, kept_bytes=5_050)

    assert _kept(state) == list(range(351, 401))


def test_a_callback_that_is_still_to_be_said_is_never_forgotten(state: State) -> None:
    with state.transaction() as db:
        for number in range(10):
            callbacks.say_raw(db, b"{}", "m", None, key=f"key {number}")
        db.execute("UPDATE callbacks SET state = 'delivered' WHERE seq NOT IN (2, 5)")
        keeping.keep_newest(db, "callbacks", keeping.KEPT + 7)

    assert [each["seq"] for each in callbacks.list_callbacks(state, None)] == [2, 5, 8, 9, 10]


def test_an_order_that_still_moves_is_never_forgotten(state: State) -> None:
    with state.transaction() as db:
        for number in range(5):
            held = add_order(db, {"id": str(number), "store": "base", "lines": []})
            held.advancing = number == 1
            keep_order(db, held)
        keeping.keep_newest_orders(db, 5, kept=2)

        assert [number for number in range(5) if find_order(db, str(number))] == [1, 3, 4]


def test_a_stop_set_for_one_order_is_used_up_by_it(state: State) -> None:
    with state.transaction() as db:
        db.execute("INSERT INTO stops VALUES ('1', 'created')")
        held = add_order(db, {"id": "1", "store": "base", "lines": []})

        assert held.stop_after == "created"
        assert db.execute("SELECT count(*) FROM stops").fetchone()[0] == 0


def test_tokens_that_are_over_are_forgotten(state: State) -> None:
    asked = {"client_id": "me", "client_secret": "mine", "status": 200, "expires_in": None}
    with state.transaction() as db:
        oauth.set_oauth(db, asked)
        db.execute("INSERT INTO tokens VALUES ('old', ?)", (clock.timestamp() - 1,))
        given = [oauth.give_token(db, "client_credentials", "me", "mine")[1] for _ in range(1_001)]

        assert db.execute("SELECT count(*) FROM tokens").fetchone()[0] == 1_000
        assert oauth.is_let_in(db, f"Bearer {given[-1]['access_token']}")


def test_what_ends_after_all_was_forgotten_is_not_taken_for_something_new(state: State) -> None:
    with state.transaction() as db:
        callbacks.say_raw(db, b"old", "m", None)
        sent = callbacks.claim_callback(db)
        call = ReceivedCall("/", clock.now(), b"old")
        note_arrival(db, call)
    state.forget()
    with state.transaction() as db:
        callbacks.say_raw(db, b"new", "m", None)
        _receive(db, b"new", b"new")
        assert sent is not None
        callbacks.settle_callback(db, sent, "delivered", {"http_status": 200, "answer": b"", "reason": None})
        call.answer = b"old"
        note_answer(db, call)

    assert [(each["body"], each["state"]) for each in callbacks.list_callbacks(state, None)] == [
        ("new", "waiting")
    ]
    assert [each["answer"] for each in received_calls(state)] == ["new"]
