"""Calls the OMS, once per call: what came of it is an outcome, never an exception (F05).

Nothing is redirected, retried or remembered here. Sending again is the journal's decision. `Client.call`
waits for one call; many at once go through a `Window` (window.py) of the same client.
"""

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Final, Literal
from urllib.parse import quote, urlsplit, urlunsplit

from webapp.domain.outcome import Outcome, Verdict
from webapp.oms.addresses import is_refused
from webapp.oms.answers import Asked, classify
from webapp.oms.connections import Rules
from webapp.oms.deadline import seconds_left, time_limit
from webapp.oms.exchange import Answer, Exchange, Request, Silence
from webapp.oms.paths import address_of, kind_of
from webapp.oms.signature import HEADER, Algorithm, sign
from webapp.oms.silence import explain_bad_url, explain_no_time, explain_silence
from webapp.oms.wire import BAD_SIGNATURE, RECEIVED_LIMIT, SENT_LIMIT

# The token to use now; given one the OMS turned down, a newer one. An outcome where none can be had.
TokenSource = Callable[[str | None], str | Outcome]

ANSWER_LIMIT: Final = 4 * 1024 * 1024
_MASK: Final = "••••"
_SECRET_HEADERS: Final = frozenset(("authorization", "proxy-authorization", "set-cookie", "cookie"))


@dataclass(frozen=True, slots=True)
class Target:
    """An OMS and how to speak to it: settings `oms.*` as values. `version` is ours, for the User-Agent.

    `previous_secret` is the one that `secret` replaced less than an hour ago: an OMS may not have the new
    one yet.
    """

    url: str
    paths: Literal["single", "bus"] = "single"
    endpoint: str = "oms"
    secret: str = field(default="", repr=False)
    previous_secret: str = field(default="", repr=False)
    signature: Algorithm = "sha1"
    timeout_seconds: float = 15.0
    concurrency: int = 32
    ca_file: str | None = None
    allow_addresses: tuple[str, ...] = ()
    version: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One call, as it is to be posted but for the token; of its answer at most `limit` bytes are read."""

    asked: Asked
    url: str
    body: bytes
    limit: int


class Client:
    """Kept-alive connections to one target; several threads may call at once, each over its own."""

    def __init__(
        self, target: Target, token_source: TokenSource | None = None, *, now: Callable[[], datetime]
    ) -> None:
        self.target = target
        self.token_source = token_source
        self._now = now
        self._rules = _make_rules(target)
        self._idle: deque[Exchange] = deque()
        # The one the OMS took last comes first.
        self._secrets = [target.secret, target.previous_secret] if target.previous_secret else [target.secret]

    @property
    def secret(self) -> str:
        """What calls are signed with now."""
        return self._secrets[0]

    def other_secret(self, turned_down: str) -> str | None:
        """What else to sign a call with that was turned down by this one; None where nothing else is good."""
        return next((one for one in self._secrets if one != turned_down), None)

    def note_believed(self, secret: str, outcome: Outcome) -> None:
        """A call signed with this was not turned down: if it was answered at all, this is tried first now."""
        if outcome.http_status is not None and secret != self._secrets[0]:
            self._secrets = [secret, *(one for one in self._secrets if one != secret)]

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
        call = self.plan(Asked(topic, message_id, subject), body, awaited=awaited)
        if isinstance(call, Outcome):
            return call
        seconds = self.target.timeout_seconds if timeout is None else timeout
        with time_limit(seconds):
            return self._authorised(lambda token: self._signed(call, token, seconds))

    def post_form(self, url: str, form: bytes, headers: Mapping[str, str]) -> Outcome:
        """Posts a form (for a token) under the same rules; what its answer says is the caller's to read."""
        seconds = self.target.timeout_seconds
        sent = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
            "User-Agent": self._agent(),
            **headers,
        }
        address = _checked(url)
        if isinstance(address, Outcome):
            return address
        with time_limit(seconds):
            return self._judged(Asked("", ""), Request(address, form, sent, ANSWER_LIMIT), seconds)

    def close(self) -> None:
        """Closes the connections that no call is using."""
        while self._idle:
            self._idle.pop().close()

    def plan(self, asked: Asked, body: bytes, *, awaited: bool = False) -> Call | Outcome:
        """The call as it is to be posted, or why it cannot be."""
        if len(body) > SENT_LIMIT:
            size = f"{len(body) / 1024 / 1024:.1f} MB, and the OMS takes at most 2 MB a message"
            return Outcome(Verdict.REFUSED, f"Too large to be sent: {size}", "oms.too_large")
        if isinstance(self._rules, Outcome):
            return self._rules
        target = self.target
        url = _checked(
            address_of(
                asked.topic, url=target.url, paths=target.paths, endpoint=target.endpoint, awaited=awaited
            )
        )
        if isinstance(url, Outcome):
            return url
        limit = RECEIVED_LIMIT if kind_of(asked.topic) == "query" else ANSWER_LIMIT
        return Call(asked, url, body, limit)

    def request(self, call: Call, token: str | None, secret: str) -> Request:
        """What goes over the wire for a call: signed with this secret, and with this token."""
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "User-Agent": self._agent(),
        }
        if secret:
            headers[HEADER] = sign(call.body, secret, self.target.signature)
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if self.target.paths == "bus":
            headers["to"] = "*"
        return Request(call.url, call.body, headers, call.limit)

    def open_exchange(self) -> Exchange:
        """A connection of its own under the target's rules; only for who has a planned `Call`."""
        if isinstance(self._rules, Outcome):
            raise ValueError(self._rules.reason)
        return Exchange(self._rules)

    def judge(
        self, asked: Asked, request: Request, came: Answer | Silence, seconds: float, took: float
    ) -> Outcome:
        """What an answer, or a silence, means; `seconds` was the limit, `took` what passed of it."""
        headers = came.headers if isinstance(came, Answer) else None
        if isinstance(came, Silence):
            outcome = explain_silence(came, seconds)
        else:
            outcome = _judge(asked, came, self._now())
        return replace(
            outcome,
            request_headers=_masked(request.headers),
            answer_headers=None if headers is None else _masked(headers),
            duration_ms=round(took * 1000),
        )

    def _authorised(self, send: Callable[[str | None], Outcome]) -> Outcome:
        if self.token_source is None:
            return send(None)
        token = self.token_source(None)
        if isinstance(token, Outcome):
            return token
        outcome = send(token)
        if not is_turned_down(outcome):
            return outcome
        fresh = self.token_source(token)
        return outcome if isinstance(fresh, Outcome) or fresh == token else send(fresh)

    def _signed(self, call: Call, token: str | None, seconds: float) -> Outcome:
        """By the secret in force; turned down within an hour of a change, by the other one."""
        secret = self.secret
        outcome = self._judged(call.asked, self.request(call, token, secret), seconds)
        other = self.other_secret(secret)
        if other is None or not is_turned_down(outcome):
            return outcome
        by_the_other = self._judged(call.asked, self.request(call, token, other), seconds)
        if is_turned_down(by_the_other):
            return outcome
        self.note_believed(other, by_the_other)
        return by_the_other

    def _agent(self) -> str:
        return f"oms-connector/{self.target.version}" if self.target.version else "oms-connector"

    def _judged(self, asked: Asked, request: Request, seconds: float) -> Outcome:
        if isinstance(self._rules, Outcome):
            return self._rules
        exchange = self._idle.pop() if self._idle else Exchange(self._rules)
        began = time.perf_counter()
        try:
            exchange.begin(request, seconds_left() or seconds)
            came = exchange.perform()
        # Failure policy: whatever the network or the far side does wrong is an outcome, told to the journal.
        except TimeoutError:
            exchange.close()
            return explain_no_time(seconds)
        except ValueError as error:
            exchange.close()
            return explain_bad_url(str(error))
        took = time.perf_counter() - began
        if isinstance(came, Answer) and not came.too_large:
            self._idle.append(exchange)
        else:
            exchange.close()
        return self.judge(asked, request, came, seconds, took)


def is_turned_down(outcome: Outcome) -> bool:
    """Whether the OMS did not look at the call for want of a proof that it was ours."""
    return outcome.http_status in (401, 403) or outcome.cause == f"oms.error.{BAD_SIGNATURE}"


def _make_rules(target: Target) -> Rules | Outcome:
    try:
        is_refused("127.0.0.1", target.allow_addresses)
    except ValueError as error:
        return Outcome(Verdict.FAULT, f"oms.allow_addresses: {error}", "oms.allow_addresses")
    try:
        return Rules(target.allow_addresses, target.ca_file)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else error
        reason = f"oms.ca_file: {target.ca_file} cannot be read as certificates ({why})"
        return Outcome(Verdict.FAULT, reason, "oms.ca_file")


@lru_cache(maxsize=64)
def _checked(url: str) -> str | Outcome:
    """The URL as it is asked for, names and paths of other scripts written out; without a password in it."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        if parts.scheme not in ("http", "https") or not host:
            return explain_bad_url(f"{url[:200]!r} does not begin with https:// and a name")
        name = host if ":" in host or host.isascii() else host.encode("idna").decode()
    except ValueError as error:
        return explain_bad_url(f"{url[:200]!r}: {error}")
    place = (f"[{name}]" if ":" in name else name) + (f":{port}" if port is not None else "")
    path, query = (quote(part, safe="%/:=&?~+!$,;'@()*[]") for part in (parts.path, parts.query))
    return urlunsplit((parts.scheme, place, path, query, ""))


def _judge(asked: Asked, answer: Answer, now: datetime) -> Outcome:
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
