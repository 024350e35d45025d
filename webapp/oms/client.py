"""Calls the OMS, once per call: what came of it is an outcome, never an exception (F05).

Nothing is redirected, retried or remembered here. Sending again is the journal's decision.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import ceil
from typing import Final, Literal

import urllib3
from urllib3.exceptions import HTTPError, LocationValueError
from urllib3.util import parse_url

from webapp.domain.outcome import Outcome, Verdict
from webapp.oms.addresses import is_refused
from webapp.oms.answers import Asked, classify
from webapp.oms.connections import make_pool
from webapp.oms.deadline import seconds_left, time_limit
from webapp.oms.paths import address_of, kind_of
from webapp.oms.signature import HEADER, Algorithm, sign
from webapp.oms.silence import explain_silence
from webapp.oms.wire import RECEIVED_LIMIT, SENT_LIMIT

# The token to use now; given one the OMS turned down, a newer one. An outcome where none can be had.
TokenSource = Callable[[str | None], str | Outcome]

ANSWER_LIMIT: Final = 4 * 1024 * 1024
_KEPT_OF_TOO_LARGE: Final = 64 * 1024
_MASK: Final = "••••"
_SECRET_HEADERS: Final = frozenset(("authorization", "proxy-authorization", "set-cookie", "cookie"))


@dataclass(frozen=True, slots=True)
class Target:
    """An OMS and how to speak to it: settings `oms.*` as values. `version` is ours, for the User-Agent."""

    url: str
    paths: Literal["single", "bus"] = "single"
    endpoint: str = "oms"
    secret: str = field(default="", repr=False)
    signature: Algorithm = "sha1"
    timeout_seconds: float = 15.0
    concurrency: int = 32
    ca_file: str | None = None
    allow_addresses: tuple[str, ...] = ()
    version: str = ""


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    too_large: bool


class Client:
    """Kept-alive connections to one target, to be used by `concurrency` threads at once."""

    def __init__(
        self, target: Target, token_source: TokenSource | None = None, *, now: Callable[[], datetime]
    ) -> None:
        self.target = target
        self._token_source = token_source
        self._now = now
        self._pool: urllib3.PoolManager | Outcome = _open_pool(target)
        self._ways: dict[str, tuple[urllib3.HTTPConnectionPool, str]] = {}

    def call(
        self,
        topic: str,
        body: bytes,
        message_id: str,
        *,
        subject: str = "",
        awaited: bool = False,
        timeout: float | None = None,
    ) -> Outcome:
        """Posts one encoded call and says what became of it.

        `subject` names the call in sentences; `awaited`: paths.py. `timeout` (seconds, else the target's)
        holds for everything: token, connecting, sending, reading, and the second try after a 401 or 403.
        """
        if len(body) > SENT_LIMIT:
            size = f"{len(body) / 1024 / 1024:.1f} MB, and the OMS takes at most 2 MB a message"
            return Outcome(Verdict.REFUSED, f"Too large to be sent: {size}", "oms.too_large")
        url = address_of(
            topic,
            url=self.target.url,
            paths=self.target.paths,
            endpoint=self.target.endpoint,
            awaited=awaited,
        )
        limit = RECEIVED_LIMIT if kind_of(topic) == "query" else ANSWER_LIMIT
        seconds = self.target.timeout_seconds if timeout is None else timeout
        with time_limit(seconds):
            return self._authorised(
                lambda token: self._judged(
                    Asked(topic, message_id, subject), url, body, self._headers(body, token), limit, seconds
                )
            )

    def post_form(self, url: str, form: bytes, headers: Mapping[str, str]) -> Outcome:
        """Posts a form (for a token) under the same rules; what its answer says is the caller's to read."""
        seconds = self.target.timeout_seconds
        sent = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
            "User-Agent": self._agent(),
            **headers,
        }
        with time_limit(seconds):
            return self._judged(Asked("", ""), url, form, sent, ANSWER_LIMIT, seconds)

    def close(self) -> None:
        """Closes the connections that no call is using."""
        if isinstance(self._pool, urllib3.PoolManager):
            self._ways.clear()
            self._pool.clear()

    def _authorised(self, send: Callable[[str | None], Outcome]) -> Outcome:
        if self._token_source is None:
            return send(None)
        token = self._token_source(None)
        if isinstance(token, Outcome):
            return token
        outcome = send(token)
        if outcome.http_status not in (401, 403):
            return outcome
        fresh = self._token_source(token)
        return outcome if isinstance(fresh, Outcome) or fresh == token else send(fresh)

    def _agent(self) -> str:
        return f"oms-connector/{self.target.version}" if self.target.version else "oms-connector"

    def _headers(self, body: bytes, token: str | None) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "User-Agent": self._agent(),
        }
        if self.target.secret:
            headers[HEADER] = sign(body, self.target.secret, self.target.signature)
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if self.target.paths == "bus":
            headers["to"] = "*"
        return headers

    def _judged(
        self, asked: Asked, url: str, body: bytes, headers: dict[str, str], limit: int, seconds: float
    ) -> Outcome:
        if isinstance(self._pool, Outcome):
            return self._pool
        started = time.perf_counter()
        answer = None
        try:
            connections, target = self._way_to(self._pool, url)
            answer = _post(connections, target, body, headers, limit)
        # Failure policy: whatever the network or the far side does wrong is an outcome, told to the journal.
        except (HTTPError, OSError, ValueError) as error:
            outcome = explain_silence(error, seconds)
        else:
            outcome = _judge(asked, answer, self._now())
        return replace(
            outcome,
            request_headers=_masked(headers),
            answer_headers=_masked(answer.headers) if answer else None,
            duration_ms=round((time.perf_counter() - started) * 1000),
        )

    def _way_to(self, pool: urllib3.PoolManager, url: str) -> tuple[urllib3.HTTPConnectionPool, str]:
        """The connections to the URL's host, and what to ask for there; remembered, as URLs are few."""
        if url not in self._ways:
            parsed = parse_url(url)
            if parsed.scheme not in ("http", "https"):
                raise LocationValueError(f"{url[:200]!r} does not begin with https://")
            self._ways[url] = (pool.connection_from_url(url), parsed.request_uri)
        return self._ways[url]


def _open_pool(target: Target) -> urllib3.PoolManager | Outcome:
    try:
        is_refused("127.0.0.1", target.allow_addresses)
    except ValueError as error:
        return Outcome(Verdict.FAULT, f"oms.allow_addresses: {error}", "oms.allow_addresses")
    try:
        return make_pool(target.concurrency, target.allow_addresses, target.ca_file)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else error
        reason = f"oms.ca_file: {target.ca_file} cannot be read as certificates ({why})"
        return Outcome(Verdict.FAULT, reason, "oms.ca_file")


def _post(
    connections: urllib3.HTTPConnectionPool, target: str, body: bytes, headers: dict[str, str], limit: int
) -> _Answer:
    response = connections.urlopen(
        "POST",
        target,
        body=body,
        headers=headers,
        redirect=False,
        retries=False,
        preload_content=False,
        pool_timeout=ceil(seconds_left() or 0) or None,
        # Every wait ends with the call's own limit (deadline.py).
        timeout=urllib3.Timeout(total=None),
    )
    try:
        received = response.read(limit + 1, decode_content=True)
    finally:
        if response.connection is not None:
            # Something of the answer is left unread, so the connection can serve no other call.
            response.close()
            response.release_conn()
    too_large = len(received) > limit
    kept = received[:_KEPT_OF_TOO_LARGE] if too_large else received
    lower = {name.lower(): value for name, value in response.headers.items()}
    return _Answer(response.status, lower, kept, too_large)


def _judge(asked: Asked, answer: _Answer, now: datetime) -> Outcome:
    outcome = classify(asked, answer.status, answer.headers, answer.body, now)
    if not answer.too_large:
        return outcome
    reason = "The OMS's answer is too large to be read; whether it took the message is unknown"
    return replace(outcome, verdict=Verdict.ERROR_ANSWER, reason=reason, cause="oms.answer_too_large")


def _masked(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers as they may be kept and shown: without what would let their reader in."""
    return {
        name: (f"Bearer {_MASK}" if value.startswith("Bearer ") else _MASK)
        if name.lower() in _SECRET_HEADERS
        else value
        for name, value in headers.items()
    }
