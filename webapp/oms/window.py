"""A window of calls to the OMS under way at once, over kept-alive connections, in one thread.

Each is judged as `Client.call` judges it: one time limit over everything, and turned down (401, 403) a second
try with the other secret of two, and with a newer token, which is fetched once for all of them, aside, while
the other calls go on.
"""

import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

from webapp.domain.outcome import Outcome, Verdict
from webapp.oms.answers import Asked
from webapp.oms.client import Call, Client, is_turned_down
from webapp.oms.deadline import time_limit
from webapp.oms.exchange import Answer, Exchange, Request, Silence
from webapp.oms.silence import explain_bad_url, explain_no_time
from webapp.oms.transfers import Transfers

K = TypeVar("K")


@dataclass(slots=True, eq=False)
class _UnderWay(Generic[K]):
    """A call, until when it may take, and with which token and secret it went.

    `doubted` is what came of the first of two secrets, `denied` of a token.
    """

    key: K
    call: Call
    ends: float
    began: float = 0.0
    token: str | None = None
    secret: str = ""
    request: Request | None = None
    doubted: Outcome | None = None
    denied: Outcome | None = None


class Window(Generic[K]):
    """Calls side by side over one client's rules; `key` tells its caller which of them ended."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._seconds = client.target.timeout_seconds
        self._transfers = Transfers()
        self._idle: deque[Exchange] = deque()
        self._sent: dict[Exchange, _UnderWay[K]] = {}
        self._done: list[tuple[K, Outcome]] = []
        self._token: str | None = None
        self._asked: Future[str | Outcome] | None = None
        self._waiting: list[_UnderWay[K]] = []
        self._aside: ThreadPoolExecutor | None = None

    def start(self, key: K, asked: Asked, body: bytes) -> None:
        """Begin one call; what came of it is among the `ended` in its time."""
        call = self._client.plan(asked, body)
        if isinstance(call, Outcome):
            self._done.append((key, call))
            return
        one = _UnderWay(key, call, time.monotonic() + self._seconds)
        if self._client.token_source is not None and self._token is None:
            self._waiting.append(one)
        else:
            self._send(one)

    def ended(self, seconds: float) -> list[tuple[K, Outcome]]:
        """The calls that have ended, at the latest after `seconds` without any, or when woken."""
        self._see_to_the_token()
        for exchange, came in self._transfers.wait(0.0 if self._done else seconds):
            self._take(exchange, came)
        self._see_to_the_token()
        done, self._done = self._done, []
        return done

    def wake(self) -> None:
        """Let `ended` return soon; from any thread."""
        self._transfers.wake()

    def close(self) -> None:
        """Leave what is under way, and close all connections."""
        self._transfers.close()
        while self._idle:
            self._idle.pop().close()
        if self._aside is not None:
            self._aside.shutdown()

    def _send(self, one: _UnderWay[K]) -> None:
        left = one.ends - time.monotonic()
        if left <= 0:
            self._done.append((one.key, explain_no_time(self._seconds)))
            return
        one.token, one.began = self._token, time.perf_counter()
        one.secret = one.secret or self._client.secret
        one.request = self._client.request(one.call, one.token, one.secret)
        exchange = self._idle.pop() if self._idle else self._client.open_exchange()
        try:
            exchange.begin(one.request, left, hurried=True)
        except ValueError as error:
            exchange.close()
            self._done.append((one.key, explain_bad_url(str(error))))
            return
        self._sent[exchange] = one
        self._transfers.add(exchange)

    def _take(self, exchange: Exchange, came: Answer | Silence) -> None:
        one = self._sent.pop(exchange)
        took = time.perf_counter() - one.began
        if isinstance(came, Answer) and not came.too_large:
            self._idle.append(exchange)
        else:
            exchange.close()
        request = one.request or self._client.request(one.call, one.token, one.secret)
        outcome = self._client.judge(one.call.asked, request, came, self._seconds, took)
        if not is_turned_down(outcome):
            self._client.note_believed(one.secret, outcome)
            self._done.append((one.key, outcome))
        elif one.doubted is None and (other := self._client.other_secret(one.secret)) is not None:
            one.doubted, one.secret = outcome, other
            self._send(one)
        else:
            self._deny(one, one.doubted or outcome)

    def _deny(self, one: _UnderWay[K], outcome: Outcome) -> None:
        """No secret is good enough: that leaves a newer token, once."""
        if one.token is not None and one.denied is None:
            one.denied, one.doubted, one.secret = outcome, None, ""
            self._waiting.append(one)
        else:
            self._done.append((one.key, outcome))

    def _see_to_the_token(self) -> None:
        """Let those go on that waited for a token, and ask for the one that others wait for."""
        if self._asked is not None and self._asked.done():
            self._use(self._asked.result())
            self._asked = None
        newer = [one for one in self._waiting if one.denied is not None and one.token != self._token]
        self._waiting = [one for one in self._waiting if one not in newer]
        for one in newer:
            # It was turned down with an older token than the one there is.
            self._send(one)
        if self._waiting and self._asked is None:
            self._asked = self._ask(self._token)

    def _use(self, found: str | Outcome) -> None:
        stuck = isinstance(found, Outcome) or found == self._token
        waiting, self._waiting = self._waiting, []
        if not isinstance(found, Outcome):
            self._token = found
        for one in waiting:
            if one.denied is not None and stuck:
                self._done.append((one.key, one.denied))
            elif isinstance(found, Outcome):
                self._done.append((one.key, found))
            else:
                self._send(one)

    def _ask(self, turned_down: str | None) -> Future[str | Outcome]:
        """Ask the token's source in a thread of its own: it may wait for others, or for a server."""
        source, seconds = self._client.token_source, self._seconds
        if source is None:
            raise ValueError("no token is needed where there is no source of them")
        if self._aside is None:
            self._aside = ThreadPoolExecutor(1, thread_name_prefix="token")

        def ask() -> str | Outcome:
            try:
                with time_limit(seconds):
                    return source(turned_down)
            except Exception as error:  # noqa: BLE001 - whatever it is, the calls that wait must end
                # Failure policy: an error of ours is no verdict; the messages are tried again.
                reason = f"No token for the OMS could be had ({type(error).__name__})"
                return Outcome(Verdict.FAULT, reason, "oms.token")

        asked = self._aside.submit(ask)
        asked.add_done_callback(lambda _: self.wake())
        return asked
