"""The one loop all workers share: lower the bell, claim, hand over, settle (house rule 4).

It knows no topic: what to do with a message is handed in as `Handlers`. Outgoing messages are sent over
a window of calls that goes on while others are claimed and settled, with no transaction and no lock held;
incoming ones are applied one at a time, each in one transaction with its settlement. What is not begun
when the time is up or a stop is asked for is given back.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import structlog

from webapp import clock
from webapp.domain.states import Direction
from webapp.messaging import bell, claims
from webapp.messaging.claims import Claimed
from webapp.messaging.leases import Leases
from webapp.messaging.recording import Handlers, apply_one, named_in_logs, record
from webapp.messaging.sending import NOT_BEGUN, Pair, Sender, Sending

log = structlog.get_logger(__name__)

DRAIN_SECONDS = 20.0
# As many are settled together, or those that ended within so many seconds.
SETTLE_MOST = 500
SETTLE_WAIT = 0.05
# As many are claimed together, at the most; else what goes out in so many seconds.
CLAIM_MOST = 500
CLAIM_SECONDS = 0.5
# So often a lane is looked at while the calls under way take their time.
LOOK_SECONDS = 0.25


@dataclass(slots=True)
class Drained:
    """What one drain did, for logs and tests."""

    settled: int = 0
    lost: int = 0
    more: bool = False


def _never() -> bool:
    return False


def drain(
    lane: str,
    handlers: Handlers,
    *,
    seconds: float = DRAIN_SECONDS,
    stop: Callable[[], bool] = _never,
) -> Drained:
    """Work a lane until it is empty, the time is up or a stop is asked for; rings again if work is left."""
    bell.lower(lane)
    ends = clock.monotonic() + seconds

    def over() -> bool:
        return stop() or clock.monotonic() >= ends

    with handlers.open_sender() as sender, Delivery(handlers, sender, over) as delivery:
        done = _Lane(lane, delivery, sender).work_off(over)
    if done.more:
        bell.ring(lane, again=True)
    return done


def deliver_now(ids: Sequence[int], handlers: Handlers, *, by_hand: bool = False) -> list[Pair]:
    """Work these messages in this thread, as far as they can be claimed; gives how each ended (F07, F16).

    `by_hand`: though the breaker is open.
    """
    with handlers.open_sender() as sender:
        batch = claims.claim_these(ids, claims.lease_for(sender.timeout), by_hand=by_hand)
        return work(batch, handlers, sender) if batch else []


def work(
    batch: Sequence[Claimed], handlers: Handlers, sender: Sender, over: Callable[[], bool] = _never
) -> list[Pair]:
    """Hand over a claimed batch, keeping its leases alive meanwhile; gives what was settled of it."""
    with Delivery(handlers, sender, over) as delivery:
        settled = delivery.take_on(batch)
        while delivery.out:
            settled += delivery.settle(SETTLE_WAIT)
    return settled


class Delivery:
    """Claimed messages in this worker's hands, from the claim to the settlement."""

    def __init__(self, handlers: Handlers, sender: Sender, over: Callable[[], bool]) -> None:
        self._handlers, self._over = handlers, over
        self.leases = Leases(sender.timeout)
        self._sending = Sending(sender, over, self.leases.outlasts_a_call)
        self._stack = ExitStack()

    @property
    def out(self) -> int:
        """How many are to be sent, under way, or ended and not settled yet."""
        return self._sending.out

    @property
    def not_begun(self) -> int:
        """How many wait for a place in the window."""
        return self._sending.not_begun

    def take_on(self, batch: Sequence[Claimed]) -> list[Pair]:
        """Let the outgoing ones of a batch be sent, and apply the incoming ones; gives what is settled."""
        self.leases.hold(batch)
        self._sending.hand([one for one in batch if one.direction is Direction.OUT])
        incoming = [one for one in batch if one.direction is Direction.IN]
        settled: list[Pair] = []
        for place, claimed in enumerate(incoming):
            if self._over():
                settled += record([(one, NOT_BEGUN) for one in incoming[place:]], self._handlers)
                break
            with named_in_logs(claimed):
                outcome = apply_one(claimed, self._handlers)
            if outcome is not None:
                settled.append((claimed, outcome))
        self.leases.let_go(incoming)
        return settled

    def settle(self, seconds: float) -> list[Pair]:
        """Settle together what has ended; waits for the first at most `seconds`, then for more as long."""
        group = self._sending.take(seconds)
        ends = clock.monotonic() + seconds
        while group and self.out and len(group) < SETTLE_MOST and (left := ends - clock.monotonic()) > 0:
            group += self._sending.take(left)
        settled: list[Pair] = []
        for start in range(0, len(group), SETTLE_MOST):
            settled += record(group[start : start + SETTLE_MOST], self._handlers)
        # By now what went silent is known to all workers.
        self._sending.resume()
        self.leases.let_go(claimed for claimed, _ in group)
        return settled

    def __enter__(self) -> Self:
        self._stack.enter_context(self.leases)
        self._stack.enter_context(self._sending)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)


class _Lane:
    """A lane being worked off: claimed in batches as large as go out in half a second."""

    def __init__(self, name: str, delivery: Delivery, sender: Sender) -> None:
        self._name, self._delivery, self._window = name, delivery, sender.window
        self._limit = sender.window * 2
        self._claimed = 0
        self._looked_at = clock.monotonic()
        self._more = True

    def work_off(self, over: Callable[[], bool]) -> Drained:
        """Until nothing is due, and nothing under way; or, once `over`, until nothing is under way."""
        done = Drained()
        while not (stopping := over()):
            if self._wants_more():
                done.settled += len(self._delivery.take_on(self._claim()))
            if not self._delivery.out and not self._more:
                break
            settled = self._delivery.settle(0.0 if self._wants_more() else SETTLE_WAIT)
            done.settled += len(settled)
            # A key that moved on may have its next one due.
            self._more = self._more or bool(settled)
        while self._delivery.out:
            done.settled += len(self._delivery.settle(SETTLE_WAIT))
        done.lost = self._claimed - done.settled
        done.more = stopping
        return done

    def _wants_more(self) -> bool:
        if self._delivery.not_begun >= self._limit:
            return False
        return self._more or clock.monotonic() - self._looked_at >= LOOK_SECONDS

    def _claim(self) -> list[Claimed]:
        batch = claims.claim(self._name, self._limit, self._delivery.leases.length)
        now = clock.monotonic()
        took, self._looked_at = now - self._looked_at, now
        self._more = bool(batch)
        self._claimed += len(batch)
        if len(batch) == self._limit:
            # Twice as many where they went out quickly, fewer where they did not.
            wanted = self._limit * 2 if took < CLAIM_SECONDS else self._limit // 2
            self._limit = max(self._window * 2, min(CLAIM_MOST, wanted))
        return batch
