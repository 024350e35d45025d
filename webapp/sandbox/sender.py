"""Takes callbacks from the queue and posts them to the registered address, signed.

Failure policy: no connection, no answer in time, HTTP 404, 429 and 5xx and a JSON-RPC -32000 are tried
again, for ever; any other answer is final, refusals are kept with their reason.
"""

import logging
import sqlite3
import threading
from dataclasses import dataclass

import urllib3

from webapp.sandbox import callbacks, registration, signature
from webapp.sandbox.refusal import NOT_NOW
from webapp.sandbox.state import State, setting
from webapp.sandbox.wire import Json, NotJson, read

THREADS = 4
_CONNECT_SECONDS = 5.0
_ANSWER_SECONDS = 30.0
_LONGEST_NAP = 5.0
_PROBE_SECONDS = 3.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one try: `state` as in the queue, `waiting` = try again."""

    state: str
    http_status: int | None
    answer: bytes | None
    reason: str | None

    def outcome(self) -> Json:
        """As the queue keeps it."""
        return {"http_status": self.http_status, "answer": self.answer, "reason": self.reason}


class Sender:
    """A few threads over one queue; `start` and `stop` once each."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._pool = urllib3.PoolManager(maxsize=THREADS, retries=False)
        self._changed = threading.Condition()
        self._changes = 0
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, name=f"callbacks-{number}", daemon=True)
            for number in range(THREADS)
        ]

    def start(self) -> None:
        """Begin sending; what a former run left half-sent goes out again."""
        with self._state.transaction() as db:
            callbacks.take_back_unsettled(db)
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End after the calls under way."""
        self._stopping.set()
        self.wake()
        for thread in self._threads:
            thread.join()
        self._pool.clear()

    def wake(self) -> None:
        """Say that the queue has changed."""
        with self._changed:
            self._changes += 1
            self._changed.notify_all()

    def wait_until_settled(self, seq: int, seconds: float) -> bool:
        """Whether that callback was over within this time."""

        def over() -> bool:
            with self._state.transaction() as db:
                return callbacks.is_settled(db, seq)

        with self._changed:
            return self._changed.wait_for(over, seconds)

    def probe(self, url: str) -> str:
        """Ask the callback address by OPTIONS, as the bus does when it is registered; says what it found."""
        try:
            answer = self._pool.request("OPTIONS", url, timeout=_PROBE_SECONDS, redirect=False)
        except urllib3.exceptions.HTTPError as error:
            return f"no answer: {error}"
        if answer.status != 200:
            return f"answered HTTP {answer.status} instead of 200"
        if answer.headers.get("X-Magento-Service-Bus") != "*":
            return "answered without X-Magento-Service-Bus: *"
        return "ok" if not answer.data else "answered with a body, which should be empty"

    def _work(self) -> None:
        while not self._stopping.is_set():
            seen = self._changes
            try:
                nap = self._send_next()
            except sqlite3.OperationalError:
                # A full or locked disk passes; an outcome that was not kept is sent again after a restart.
                _log.exception("the queue could not be read or written")
                nap = _LONGEST_NAP
            with self._changed:
                if nap > 0 and self._changes == seen:
                    self._changed.wait(nap)

    def _send_next(self) -> float:
        """Send one callback; how long to sleep before looking again."""
        with self._state.transaction() as db:
            peer = registration.registration(db)
            callback = callbacks.claim_callback(db) if peer else None
            if peer is None or callback is None:
                wait = callbacks.seconds_to_next(db) if peer else None
                return _LONGEST_NAP if wait is None else min(max(wait, 0.01), _LONGEST_NAP)
            secret = registration.secret_in_force(db)
            algorithm = setting(db, "signature", "sha1")
        verdict = self._post(peer, callback, secret, algorithm)
        with self._state.transaction() as db:
            if verdict.state == "waiting":
                callbacks.retry_callback(db, callback, verdict.outcome())
            else:
                callbacks.settle_callback(db, callback, verdict.state, verdict.outcome())
        self.wake()
        return 0

    def _post(self, peer: Json, callback: Json, secret: str | None, algorithm: str) -> Verdict:
        method, body = callback["method"], callback["body"]
        if method not in peer["subscribes"] and method and not callback["forced"]:
            return Verdict("unsubscribed", None, None, f"{peer['id']} did not subscribe to {method}")
        headers = {"Content-Type": "application/json"}
        if secret:
            headers["X-Signature"] = signature.sign(secret, body, algorithm)
        try:
            answer = self._pool.request(
                "POST",
                peer["url"],
                body=body,
                headers=headers,
                redirect=False,
                timeout=urllib3.Timeout(connect=_CONNECT_SECONDS, read=_ANSWER_SECONDS),
            )
        except urllib3.exceptions.HTTPError as error:
            _log.info("callback %s has no answer yet: %s", callback["id"], error)
            return Verdict("waiting", None, None, f"no answer: {error}")
        return judge(answer.status, answer.data)


def judge(http_status: int, body: bytes) -> Verdict:
    """What an answer to a callback means (protocol: Envelope)."""
    try:
        answer = read(body)
    except NotJson:
        answer = None
    error = answer.get("error") if isinstance(answer, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    if http_status in (404, 429) or http_status >= 500 or code == NOT_NOW:
        return Verdict("waiting", http_status, body, f"HTTP {http_status}, to be tried again")
    if error:
        return Verdict("refused", http_status, body, str(error.get("message")) if code else str(error))
    if http_status == 200 and isinstance(answer, dict) and "result" in answer:
        return Verdict("delivered", http_status, body, None)
    return Verdict("refused", http_status, body, f"HTTP {http_status} without a JSON-RPC result")
