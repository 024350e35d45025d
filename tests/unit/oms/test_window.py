"""Many calls at once over one window: each judged by itself, one token for all (protocol: Token; F05)."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.fixtures.certificates import server_context
from tests.fixtures.far_side import Asked as Came
from tests.fixtures.far_side import FarSide, answer, drop, far_side, last, taken
from webapp.domain.outcome import Outcome, Verdict
from webapp.oms.answers import Asked
from webapp.oms.client import Client, Target, TokenSource
from webapp.oms.envelope import encode_call
from webapp.oms.window import Window

NOW = datetime(2030, 1, 31, 12, 0, 0, tzinfo=UTC)
CREATE = "magento.sales.order_management.create"
BODY = encode_call(CREATE, {"order": {"id": "000000042"}}, "id-1")


@contextmanager
def window(side: FarSide, tokens: TokenSource | None = None, **settings: object) -> Iterator[Window[int]]:
    target = Target(**{"url": side.url, "timeout_seconds": 20.0, **settings})  # type: ignore[arg-type]  # a test names what it changes
    opened: Window[int] = Window(Client(target, tokens, now=lambda: NOW))
    try:
        yield opened
    finally:
        opened.close()


def start(calls: Window[int], *keys: int) -> None:
    for key in keys:
        calls.start(key, Asked(CREATE, "id-1", "order 000000042"), BODY)


def ended(calls: Window[int], count: int) -> dict[int, Outcome]:
    """What became of so many calls."""
    outcomes: dict[int, Outcome] = {}
    while len(outcomes) < count:
        outcomes |= calls.ended(5.0)
    assert len(outcomes) == count
    return outcomes


def verdicts(outcomes: dict[int, Outcome]) -> dict[int, Verdict]:
    return {key: outcome.verdict for key, outcome in outcomes.items()}


def test_calls_go_side_by_side_over_kept_connections() -> None:
    together = threading.Barrier(4)

    def meet(connection, asked) -> bool:  # type: ignore[no-untyped-def]  # the far side's own types
        together.wait(timeout=60)
        return taken(connection, asked)

    with far_side(*[meet] * 4) as side, window(side) as calls:
        start(calls, 1, 2, 3, 4)
        first = ended(calls, 4)
        start(calls, 5, 6, 7)
        second = ended(calls, 3)
        assert (side.connections, len(side.asked)) == (4, 7)
    assert set(verdicts(first | second).values()) == {Verdict.SUCCEEDED}
    assert first[1].duration_ms is not None
    assert first[1].request_headers == {
        "Content-Type": "application/json",
        "Accept": "application/json",
        "User-Agent": "oms-connector",
    }


def test_each_call_is_judged_by_its_own_answer() -> None:
    with far_side(answer(500, b"broken"), drop, taken) as side, window(side) as calls:
        outcomes: dict[int, Outcome] = {}
        for key in (1, 2, 3):
            start(calls, key)
            outcomes |= ended(calls, 1)
    assert verdicts(outcomes) == {1: Verdict.ERROR_ANSWER, 2: Verdict.SILENT, 3: Verdict.SUCCEEDED}
    assert outcomes[2].reason == "The OMS closed the connection without an answer"


def test_one_that_hangs_keeps_no_other_and_ends_with_its_time() -> None:
    with far_side() as side, window(side, timeout_seconds=0.5) as calls:
        side.replies.append(side.hang)
        start(calls, 1)
        assert calls.ended(0.05) == []
        start(calls, 2, 3)
        quick = ended(calls, 2)
        slow = ended(calls, 1)
    assert verdicts(quick) == {2: Verdict.SUCCEEDED, 3: Verdict.SUCCEEDED}
    assert slow[1].reason == "The OMS did not answer within 0.5 s"


def test_a_far_side_that_closes_after_each_answer_without_saying_so_is_found_out() -> None:
    said = b'{"result":[]}'
    with far_side(*[last(said)] * 40) as side, window(side) as calls:
        outcomes: dict[int, Outcome] = {}
        for key in range(20):
            start(calls, key)
            outcomes |= ended(calls, 1)
    # It cannot be known whether what was sent on a connection that was being closed was taken.
    assert list(verdicts(outcomes).values()).count(Verdict.SILENT) <= 3


def test_what_cannot_be_sent_is_told_like_the_rest() -> None:
    with far_side() as side, window(side) as calls:
        calls.start(1, Asked(CREATE, "id-1"), b"x" * (2 * 1024 * 1024 + 1))
        start(calls, 2)
        outcomes = ended(calls, 2)
        assert len(side.asked) == 1
    assert verdicts(outcomes) == {1: Verdict.REFUSED, 2: Verdict.SUCCEEDED}
    with far_side() as side, window(side, url="ftp://oms.example/") as calls:
        start(calls, 1)
        assert ended(calls, 1)[1].cause == "oms.bad_url"


def test_tls_is_checked_here_too(tmp_path: Path) -> None:
    context, authority = server_context(tmp_path)
    with far_side(tls=context) as side:
        with window(side, ca_file=str(authority)) as calls:
            start(calls, 1, 2)
            assert set(verdicts(ended(calls, 2)).values()) == {Verdict.SUCCEEDED}
        with window(side) as calls:
            start(calls, 1)
            assert ended(calls, 1)[1].cause == "oms.tls"


def test_who_waits_can_be_woken() -> None:
    with far_side() as side, window(side) as calls:
        side.replies.append(side.hang)
        start(calls, 1)
        calls.ended(0.05)
        threading.Timer(0.05, calls.wake).start()
        assert calls.ended(600.0) == []


class Tokens:
    """A server of tokens: hands them out in turn, each for the one it was told was turned down."""

    def __init__(self, *tokens: str | Outcome | Exception) -> None:
        self.tokens = list(tokens)
        self.turned_down: list[str | None] = []

    def __call__(self, turned_down: str | None) -> str | Outcome:
        self.turned_down.append(turned_down)
        token = self.tokens.pop(0)
        if isinstance(token, Exception):
            raise token
        return token


def sent_tokens(side: FarSide) -> list[str]:
    return [asked.headers["authorization"].removeprefix("Bearer ") for asked in side.asked]


def only(token: str):  # type: ignore[no-untyped-def]  # the far side's own types
    """Takes calls with this token."""

    def reply(connection, asked: Came) -> bool:  # type: ignore[no-untyped-def]  # likewise
        right = asked.headers["authorization"] == f"Bearer {token}"
        return taken(connection, asked) if right else answer(401)(connection, asked)

    return reply


def test_one_token_serves_all() -> None:
    tokens = Tokens("t1")
    with far_side() as side, window(side, tokens) as calls:
        start(calls, 1, 2, 3)
        assert set(verdicts(ended(calls, 3)).values()) == {Verdict.SUCCEEDED}
        start(calls, 4)
        ended(calls, 1)
        assert sent_tokens(side) == ["t1"] * 4
    assert tokens.turned_down == [None]


@pytest.mark.parametrize("count", [1, 3, 8])
def test_a_token_turned_down_is_replaced_once_for_all(count: int) -> None:
    tokens = Tokens("old", "new")
    with far_side(*[only("new")] * 20) as side, window(side, tokens) as calls:
        start(calls, *range(count))
        outcomes = ended(calls, count)
        assert sorted(sent_tokens(side)) == ["new"] * count + ["old"] * count
    assert set(verdicts(outcomes).values()) == {Verdict.SUCCEEDED}
    assert tokens.turned_down == [None, "old"]
    assert all("new" not in repr(outcome.request_headers) for outcome in outcomes.values())


@pytest.mark.parametrize("second", ["old", Outcome(Verdict.SILENT, "No token", "oms.token")])
def test_where_no_other_token_can_be_had_the_first_answer_stands(second: str | Outcome) -> None:
    with far_side(answer(403), answer(403)) as side, window(side, Tokens("old", second)) as calls:
        start(calls, 1)
        outcome = ended(calls, 1)[1]
        assert len(side.asked) == 1
    assert (outcome.verdict, outcome.cause) == (Verdict.ERROR_ANSWER, "oms.http_403")


def test_a_second_refusal_of_the_token_is_the_answer() -> None:
    with far_side(answer(401), answer(401)) as side, window(side, Tokens("old", "new")) as calls:
        start(calls, 1)
        assert ended(calls, 1)[1].cause == "oms.http_401"
        assert sent_tokens(side) == ["old", "new"]


def test_without_a_token_nothing_is_sent() -> None:
    none = Outcome(Verdict.SILENT, "No token", "oms.token")
    with far_side() as side, window(side, Tokens(none, ValueError("ours"))) as calls:
        start(calls, 1, 2)
        assert set(ended(calls, 2).values()) == {none}
        start(calls, 3)
        assert verdicts(ended(calls, 1)) == {3: Verdict.FAULT}
        assert side.asked == []


def test_others_go_on_while_a_token_is_fetched() -> None:
    fetching, fetched = threading.Event(), threading.Event()

    def tokens(turned_down: str | None) -> str:
        if turned_down is None:
            return "old"
        fetching.set()
        fetched.wait(60)
        return "new"

    with far_side(answer(401), taken, taken) as side, window(side, tokens) as calls:
        start(calls, 1)
        while not fetching.is_set():
            calls.ended(0.01)
        start(calls, 2)
        assert verdicts(ended(calls, 1)) == {2: Verdict.SUCCEEDED}
        fetched.set()
        assert verdicts(ended(calls, 1)) == {1: Verdict.SUCCEEDED}
        assert sent_tokens(side) == ["old", "old", "new"]


def test_a_call_that_waited_too_long_for_its_token_is_not_sent() -> None:
    waited = threading.Event()

    def tokens(_turned_down: str | None) -> str:
        waited.wait(0.4)
        return "late"

    with far_side() as side, window(side, tokens, timeout_seconds=0.2) as calls:
        start(calls, 1)
        assert ended(calls, 1)[1].cause == "oms.timeout"
        assert side.asked == []
