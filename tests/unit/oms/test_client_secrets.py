"""A secret that is being replaced: the far side has the new one, or not yet (protocol: Signature; F01)."""

import hashlib
import hmac
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from tests.fixtures.far_side import Asked as Came
from tests.fixtures.far_side import Reply, answer, far_side, taken
from webapp.domain.outcome import Outcome, Verdict
from webapp.oms.answers import Asked
from webapp.oms.client import Client, Target
from webapp.oms.envelope import encode_call
from webapp.oms.window import Window

NOW = datetime(2030, 1, 31, 12, 0, 0, tzinfo=UTC)
CREATE = "magento.sales.order_management.create"
BODY = encode_call(CREATE, {"order": {"id": "000000042"}}, "id-1")
REFUSAL = b'{"jsonrpc":"2.0","id":"id-1","error":{"code":-32002,"message":"Bad signature"}}'


def signed_by(secret: str, asked: Came) -> bool:
    return (
        asked.headers["x-signature"]
        == f"sha1={hmac.new(secret.encode(), asked.body, hashlib.sha1).hexdigest()}"
    )


def knowing(secret: str, refusal: Reply) -> Reply:
    """An OMS that takes what this secret signs, and answers `refusal` to all else."""

    def reply(connection: socket.socket, asked: Came) -> bool:
        return (taken if signed_by(secret, asked) else refusal)(connection, asked)

    return reply


Caller = Callable[[Client], Outcome]


@pytest.fixture(params=["by itself", "in a window"])
def call(request: pytest.FixtureRequest) -> Iterator[Caller]:
    """Makes one call of a client: waited for, or one of many at once."""
    opened: dict[Client, Window[int]] = {}

    def by_itself(client: Client) -> Outcome:
        return client.call(CREATE, BODY, "id-1", subject="order 000000042")

    def in_a_window(client: Client) -> Outcome:
        if client not in opened:
            opened[client] = Window(client)
        calls = opened[client]
        calls.start(1, Asked(CREATE, "id-1", "order 000000042"), BODY)
        while not (ended := calls.ended(5.0)):
            continue
        return ended[0][1]

    yield by_itself if request.param == "by itself" else in_a_window
    for calls in opened.values():
        calls.close()


@pytest.mark.parametrize("refusal", [answer(401), answer(403), answer(401, REFUSAL), answer(200, REFUSAL)])
def test_an_oms_that_has_the_old_secret_still_is_called_by_it(call: Caller, refusal: Reply) -> None:
    with far_side(*[knowing("old", refusal)] * 5) as side:
        client = Client(Target(side.url, secret="new", previous_secret="old"), now=lambda: NOW)
        assert [call(client).verdict for _ in range(2)] == [Verdict.SUCCEEDED] * 2
        # The new one first, once; then the one that was taken.
        assert [signed_by("old", asked) for asked in side.asked] == [False, True, True]
        assert {asked.body for asked in side.asked} == {BODY}

        side.replies = [knowing("new", refusal)] * 3
        assert [call(client).verdict for _ in range(2)] == [Verdict.SUCCEEDED] * 2
        assert [signed_by("new", asked) for asked in side.asked[3:]] == [False, True, True]


def test_turned_down_by_both_is_the_answer_to_the_one_in_force(call: Caller) -> None:
    with far_side(answer(401, REFUSAL), answer(403)) as side:
        outcome = call(Client(Target(side.url, secret="new", previous_secret="old"), now=lambda: NOW))
        assert len(side.asked) == 2
    assert (outcome.verdict, outcome.http_status) == (Verdict.ERROR_ANSWER, 401)


@pytest.mark.parametrize("said", [answer(500), answer(429), answer(200, b""), taken])
def test_what_is_no_word_on_the_signature_is_not_sent_again(call: Caller, said: Reply) -> None:
    with far_side(said) as side:
        call(Client(Target(side.url, secret="new", previous_secret="old"), now=lambda: NOW))
        assert len(side.asked) == 1


def test_without_an_old_secret_it_is_asked_once(call: Caller) -> None:
    with far_side(answer(401)) as side:
        call(Client(Target(side.url, secret="new"), now=lambda: NOW))
        assert len(side.asked) == 1


def test_both_are_tried_before_a_new_token_is_fetched(call: Caller) -> None:
    handed_out = ["first", "second"]
    with far_side(*[answer(401)] * 3) as side:
        client = Client(
            Target(side.url, secret="new", previous_secret="old"),
            lambda _: handed_out.pop(0),
            now=lambda: NOW,
        )
        assert call(client).verdict is Verdict.SUCCEEDED
        seen = [(asked.headers["authorization"][7:], signed_by("new", asked)) for asked in side.asked]
    assert seen == [("first", True), ("first", False), ("second", True), ("second", False)]


def test_neither_secret_is_shown() -> None:
    assert "s3cret" not in repr(Target("http://x", secret="s3cret", previous_secret="old-s3cret"))
