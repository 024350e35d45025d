"""OAuth2 client credentials against a real far side (protocol: Token)."""

import base64
from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest

from tests.fixtures.far_side import FarSide, Reply, answer, drop, far_side
from webapp.domain.outcome import Outcome, Verdict
from webapp.oms.client import Client, Target
from webapp.oms.token import Credentials, Token, fetch_token

NOW = datetime(2030, 1, 31, 12, tzinfo=UTC)


def fetch(side: FarSide) -> Token | Outcome:
    client = Client(Target(side.url, secret="s", timeout_seconds=20.0), now=lambda: NOW)
    return fetch_token(client, Credentials(side.url, "me@shop", "s&cret"))


@pytest.mark.parametrize(
    ("status", "body", "expires_in"),
    [
        (200, b'{"access_token":"t","token_type":"bearer","expires_in":3600}', 3600.0),
        (200, b'{"access_token":"t","expires_in":"3600"}', 3600.0),
        (201, b'{"access_token":"t"}', None),
        (200, b'{"access_token":"t","expires_in":"soon"}', None),
        (200, b'{"access_token":"t","expires_in":-1}', None),
        (200, b'{"access_token":"t","expires_in":99999999999}', None),
    ],
)
def test_a_token_with_and_without_a_lifetime(status: int, body: bytes, expires_in: float | None) -> None:
    with far_side(answer(status, body)) as side:
        assert fetch(side) == Token("t", expires_in)
        (asked,) = side.asked
    assert parse_qs(asked.body.decode()) == {"grant_type": ["client_credentials"]}
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    expected = base64.b64encode(b"me%40shop:s%26cret").decode()
    assert asked.headers["authorization"] == f"Basic {expected}"
    assert "x-signature" not in asked.headers


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_server_that_reads_the_form_only(status: int) -> None:
    with far_side(
        answer(status, b'{"error":"invalid_client"}'), answer(201, b'{"access_token":"t"}')
    ) as side:
        assert fetch(side) == Token("t", None)
        first, second = side.asked
    assert "authorization" not in second.headers
    assert parse_qs(second.body.decode()) == {
        "grant_type": ["client_credentials"],
        "client_id": ["me@shop"],
        "client_secret": ["s&cret"],
    }
    assert first.method == second.method == "POST"


@pytest.mark.parametrize(
    ("reply", "verdict", "reason"),
    [
        (
            answer(401, b'{"error":"invalid_client","error_description":"Unknown client"}'),
            Verdict.ERROR_ANSWER,
            "The token address gave no token (HTTP 401): Unknown client",
        ),
        (
            answer(404, b"<html/>"),
            Verdict.ERROR_ANSWER,
            "The token address gave no token (HTTP 404): check client id and client secret",
        ),
        (
            answer(200, b"{}"),
            Verdict.ERROR_ANSWER,
            "The token address answered HTTP 200 without an access_token",
        ),
        (
            answer(200, b'{"access_token":"a\\nb"}'),
            Verdict.ERROR_ANSWER,
            "The token address answered HTTP 200 without an access_token",
        ),
        (
            answer(200, b"<html/>"),
            Verdict.ERROR_ANSWER,
            "The token address answered HTTP 200 without an access_token",
        ),
        (
            answer(503, b""),
            Verdict.SILENT,
            "The token address gave no token (HTTP 503): check client id and client secret",
        ),
        (drop, Verdict.SILENT, "The token address closed the connection without an answer"),
    ],
)
def test_why_there_is_no_token(reply: Reply, verdict: Verdict, reason: str) -> None:
    with far_side(reply, reply) as side:
        outcome = fetch(side)
    assert isinstance(outcome, Outcome)
    assert (outcome.verdict, outcome.reason) == (verdict, reason)
    # It may hold a token under another name.
    assert outcome.answer is None
    assert "s&cret" not in repr(outcome)
    assert "s%26cret" not in repr(outcome)


def test_a_token_and_its_credentials_are_not_shown() -> None:
    assert "t0ken" not in repr(Token("t0ken", None))
    assert "s3cret" not in repr(Credentials("http://x", "me", "s3cret"))
