"""The client and its token: sent along, replaced once, never kept (protocol: Token)."""

from datetime import UTC, datetime

import pytest

from tests.fixtures.far_side import answer, far_side
from webapp.domain.outcome import Outcome, Verdict
from webapp.oms.client import Client, Target
from webapp.oms.envelope import encode_call

NOW = datetime(2030, 1, 31, 12, 0, 0, tzinfo=UTC)
CREATE = "magento.sales.order_management.create"
BODY = encode_call(CREATE, {"order": {"id": "000000042"}}, "id-1")


def call(client: Client) -> Outcome:
    return client.call(CREATE, BODY, "id-1", subject="order 000000042")


class Tokens:
    """A source that hands out its tokens in turn, and remembers which it was told were turned down."""

    def __init__(self, *tokens: str | Outcome) -> None:
        self.tokens = list(tokens)
        self.turned_down: list[str | None] = []

    def __call__(self, turned_down: str | None) -> str | Outcome:
        self.turned_down.append(turned_down)
        return self.tokens.pop(0)


def test_a_token_goes_along_and_is_not_kept_in_the_journal() -> None:
    with far_side() as side:
        outcome = call(Client(Target(side.url), Tokens("t0ken"), now=lambda: NOW))
    assert side.asked[0].headers["authorization"] == "Bearer t0ken"
    assert outcome.request_headers is not None
    assert outcome.request_headers["Authorization"] == "Bearer ••••"
    assert "t0ken" not in repr(outcome)


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_turned_down_is_replaced_once(status: int) -> None:
    tokens = Tokens("old", "new")
    with far_side(answer(status)) as side:
        outcome = call(Client(Target(side.url), tokens, now=lambda: NOW))
    assert tokens.turned_down == [None, "old"]
    assert [asked.headers["authorization"] for asked in side.asked] == ["Bearer old", "Bearer new"]
    assert side.asked[0].body == side.asked[1].body
    assert outcome.verdict is Verdict.SUCCEEDED


def test_a_second_refusal_of_the_token_is_the_answer() -> None:
    with far_side(answer(401), answer(401)) as side:
        outcome = call(Client(Target(side.url), Tokens("old", "new"), now=lambda: NOW))
        assert len(side.asked) == 2
    assert (outcome.verdict, outcome.cause) == (Verdict.ERROR_ANSWER, "oms.http_401")


def test_without_a_token_nothing_is_sent() -> None:
    none = Outcome(Verdict.SILENT, "No token", "oms.token")
    with far_side() as side:
        outcome = call(Client(Target(side.url), Tokens(none), now=lambda: NOW))
        assert side.asked == []
    assert outcome is none
