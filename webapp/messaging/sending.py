"""Calls to a far side, kept going by a thread of their own while the worker claims and settles others.

No transaction and no lock is held while a call is under way (house rule 2). What is not begun when the
time is up or a stop is asked for is given back.
"""

from collections import deque
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from threading import Event, Thread
from types import TracebackType
from typing import Protocol, Self

import structlog
from flask import Flask, current_app

from webapp import clock
from webapp.domain.outcome import Outcome, Verdict
from webapp.domain.states import Endpoint
from webapp.messaging.breaker import ANSWERS, OPENS_AFTER
from webapp.messaging.claims import Claimed

log = structlog.get_logger(__name__)

NOT_BEGUN = Outcome(Verdict.UNSENT, "Given back: the worker had to end before it came to this one.")
LEASE_TOO_SHORT = Outcome(Verdict.UNSENT, "Given back: its lease would have ended before the call could.")
SNOOZED = Outcome(Verdict.UNSENT, "Given back: the far side does not answer.")
LONGEST_WAIT_SECONDS = 1.0

Pair = tuple[Claimed, Outcome]


class Sender(Protocol):
    """Calls a far side: up to `window` calls at once, none longer than `timeout` seconds.

    All but `wake` is called by one thread.
    """

    window: int
    timeout: float

    def start(self, claimed: Claimed) -> None:
        """Begin the call of one message."""

    def ended(self, seconds: float) -> list[Pair]:
        """The calls that have ended, at the latest after `seconds` without any, or when woken."""

    def wake(self) -> None:
        """Let `ended` return soon."""


def fault(error: Exception) -> Outcome:
    """A failure of the connector's own, as an outcome: tried again."""
    return Outcome(
        Verdict.FAULT,
        f"The connector could not finish this ({type(error).__name__}). It will try again by itself.",
        cause=f"fault.{type(error).__name__}",
    )


class Sending:
    """Keeps a sender's window full; messages are handed in, and taken back with how their calls ended.

    `over` says that nothing more is to be begun; `has_time`, that a message's lease outlasts a call. Once a
    far side was silent so often in a row that its breaker opens, nothing more is begun to it until `resume`.
    """

    def __init__(self, sender: Sender, over: Callable[[], bool], has_time: Callable[[Claimed], bool]) -> None:
        self._sender, self._over, self._has_time = sender, over, has_time
        self._app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # behind the proxy
        # None: from here on a silent far side may be called again.
        self._to_send: deque[Claimed | None] = deque()
        self._silences: dict[Endpoint, int] = {}
        # An empty one: a far side was silent too often, and all that says so has come back before.
        self._back: SimpleQueue[list[Pair]] = SimpleQueue()
        self._all_told = False
        self._under_way: dict[int, Claimed] = {}
        self._handed, self._closing = Event(), False
        self._thread: Thread | None = None
        self.out = 0

    @property
    def not_begun(self) -> int:
        """How many wait for a place in the window."""
        return len(self._to_send)

    def hand(self, batch: Sequence[Claimed]) -> None:
        """Let these be sent, in this order."""
        if not batch:
            return
        self.out += len(batch)
        self._to_send.extend(batch)
        self._handed.set()
        self._sender.wake()
        if self._thread is None:
            self._thread = Thread(target=self._work, name="sending", daemon=True)
            self._thread.start()

    def resume(self) -> None:
        """What was taken back is known to all workers: what is handed in from now on may be sent again."""
        if self._all_told:
            self._all_told = False
            self._to_send.append(None)
            self._handed.set()
            self._sender.wake()

    def take(self, seconds: float) -> list[Pair]:
        """Those that came back, at the latest after `seconds` without any."""
        came: list[Pair] = []
        try:
            pairs = self._back.get(block=bool(self.out) and seconds > 0, timeout=seconds)
            while True:
                came += pairs
                self._all_told = self._all_told or not pairs
                pairs = self._back.get_nowait()
        except Empty:
            self.out -= len(came)
        return came

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._closing = True
        self._handed.set()
        self._sender.wake()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        with self._app.app_context():
            while not self._closing:
                self._handed.clear()
                self._fill()
                if self._under_way:
                    ended = self._ended()
                    paused = self._listen(ended)
                    self._come_back(ended)
                    if paused:
                        self._back.put([])
                elif not self._to_send:
                    self._handed.wait()

    def _fill(self) -> None:
        while self._to_send and not self._closing:
            claimed = self._to_send[0]
            if claimed is None:
                self._silences.clear()
            elif self._over():
                self._give_back(claimed, NOT_BEGUN)
            elif self._silences.get(claimed.endpoint, 0) >= OPENS_AFTER and not _is_owed(claimed):
                self._give_back(claimed, SNOOZED)
            elif len(self._under_way) >= self._sender.window:
                return
            else:
                self._begin(claimed)
            self._to_send.popleft()

    def _listen(self, ended: list[Pair]) -> bool:
        """Count the silences in a row of each far side; says whether one of them is to be left alone now."""
        paused = False
        for claimed, outcome in ended:
            if outcome.verdict is Verdict.SILENT:
                self._silences[claimed.endpoint] = self._silences.get(claimed.endpoint, 0) + 1
                paused = paused or self._silences[claimed.endpoint] == OPENS_AFTER
            elif outcome.verdict in ANSWERS:
                self._silences.pop(claimed.endpoint, None)
        return paused

    def _begin(self, claimed: Claimed) -> None:
        if not self._has_time(claimed):
            self._give_back(claimed, LEASE_TOO_SHORT)
            return
        self._under_way[claimed.id] = claimed
        try:
            self._sender.start(claimed)
        except Exception as error:
            # Failure policy: an error of ours is no verdict; the message is tried again on F05's schedule.
            log.exception("send_failed", message_id=claimed.uid, topic=claimed.topic)
            self._come_back([(claimed, fault(error))])

    def _ended(self) -> list[Pair]:
        try:
            return self._sender.ended(LONGEST_WAIT_SECONDS)
        except Exception as error:
            # Failure policy: what became of the calls under way is not known any more; all are tried again.
            log.exception("sending_failed", messages=len(self._under_way))
            return [(claimed, fault(error)) for claimed in self._under_way.values()]

    def _give_back(self, claimed: Claimed, outcome: Outcome) -> None:
        self._under_way[claimed.id] = claimed
        self._come_back([(claimed, outcome)])

    def _come_back(self, pairs: list[Pair]) -> None:
        known = [pair for pair in pairs if self._under_way.pop(pair[0].id, None)]
        if known:
            self._back.put(known)


def _is_owed(claimed: Claimed) -> bool:
    """Whether this is its last try, which is made in any case (F05)."""
    return claimed.expires_at is not None and claimed.expires_at <= clock.now()
