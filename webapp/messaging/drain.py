"""The one loop all workers share: lower the bell, claim, hand over, settle (house rule 4).

It knows no topic: what to do with a message is handed in as `Handlers`. Outgoing messages are sent over
a window of concurrent calls, with no transaction and no lock held; incoming ones are applied one at a
time, each in one transaction with its settlement.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from typing import Protocol

import structlog
from flask import current_app
from sqlalchemy.orm import Session

from webapp import clock
from webapp.domain.outcome import Outcome, Verdict
from webapp.domain.refusals import Refused
from webapp.domain.states import Direction
from webapp.extensions import transaction
from webapp.messaging import bell, claims
from webapp.messaging.claims import Claimed
from webapp.messaging.settlement import settle
from webapp.models.locks import lock_orders

log = structlog.get_logger(__name__)

DRAIN_SECONDS = 20.0
SETTLE_EVERY = 100
SETTLE_WAIT = 0.05
RENEW_SECONDS = claims.LEASE_SECONDS / 4


class Sender(Protocol):
    """Sends one message to its far side; `window` calls at once, none longer than `timeout` seconds."""

    window: int
    timeout: float

    def send(self, claimed: Claimed) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class Handlers:
    """What to do with messages, topic by topic (made by `flows/registry`).

    `apply` makes an incoming message's effect in the session it is given, or raises `Refused`;
    `after` makes the effects of settled tries in the settlement's own transaction.
    """

    open_sender: Callable[[], AbstractContextManager[Sender]]
    apply: Callable[[Session, Claimed], Outcome]
    after: Callable[[Session, Sequence[tuple[Claimed, Outcome]]], None]


@dataclass(slots=True)
class Drained:
    """What one drain did, for logs and tests."""

    settled: int = 0
    lost: int = 0
    more: bool = False


def drain(
    lane: str,
    handlers: Handlers,
    *,
    seconds: float = DRAIN_SECONDS,
    stop: Callable[[], bool] = lambda: False,
) -> Drained:
    """Work a lane until it is empty, the time is up or a stop is asked for; rings again if work is left."""
    bell.lower(lane)
    done, ends = Drained(), clock.monotonic() + seconds

    def over() -> bool:
        return stop() or clock.monotonic() >= ends

    with handlers.open_sender() as sender:
        while not over():
            batch = claims.claim(lane, sender.window * 2)
            if not batch:
                return done
            work(batch, handlers, sender, done)
    done.more = True
    bell.ring(lane, again=True)
    return done


def deliver_now(ids: Sequence[int], handlers: Handlers) -> list[tuple[Claimed, Outcome]]:
    """Work these messages in this thread, as far as they can be claimed; gives how each ended (F07, F16)."""
    batch = claims.claim_these(ids)
    done = Drained()
    if not batch:
        return []
    with handlers.open_sender() as sender:
        return work(batch, handlers, sender, done)


def work(
    batch: Sequence[Claimed], handlers: Handlers, sender: Sender, done: Drained
) -> list[tuple[Claimed, Outcome]]:
    """Hand over a claimed batch, keeping its leases alive meanwhile, and settle it."""
    outgoing = [one for one in batch if one.direction is Direction.OUT]
    incoming = [one for one in batch if one.direction is Direction.IN]
    results: list[tuple[Claimed, Outcome]] = []
    with _leases_kept(batch):
        for group in _send(outgoing, sender):
            results += group
            done.settled += _settle(group, handlers)
        for claimed in incoming:
            results.append((claimed, apply_one(claimed, handlers)))
            done.settled += 1
    done.lost += len(results) - done.settled
    return results


def _send(batch: Sequence[Claimed], sender: Sender) -> Iterator[list[tuple[Claimed, Outcome]]]:
    """Send over the window; gives what came back, in groups to be settled together."""
    if not batch:
        return
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # the object behind the proxy

    def send(claimed: Claimed) -> Outcome:
        with app.app_context():
            return _send_one(claimed, sender)

    group: list[tuple[Claimed, Outcome]] = []
    with ThreadPoolExecutor(min(sender.window, len(batch))) as threads:
        under_way: dict[Future[Outcome], Claimed] = {threads.submit(send, one): one for one in batch}
        while under_way:
            ended, _ = wait(under_way, timeout=SETTLE_WAIT, return_when=FIRST_COMPLETED)
            group += [(under_way.pop(one), one.result()) for one in ended]
            if group and (len(group) >= SETTLE_EVERY or not ended or not under_way):
                yield group
                group = []


def _send_one(claimed: Claimed, sender: Sender) -> Outcome:
    left = (claimed.lease_until - clock.now()).total_seconds()
    if left <= sender.timeout and not claims.holds_longer(claimed, sender.timeout):
        return Outcome(Verdict.UNSENT, "Given back: its lease would have ended before the call could.")
    try:
        return sender.send(claimed)
    except Exception as error:
        # Failure policy: an error of ours is no verdict; the message is tried again on F05's schedule.
        log.exception("send_failed", message_id=claimed.uid, topic=claimed.topic)
        return fault(error)


def fault(error: Exception) -> Outcome:
    """A failure of the connector's own, as an outcome: tried again."""
    return Outcome(
        Verdict.FAULT,
        f"The connector could not finish this ({type(error).__name__}). It will try again by itself.",
        cause=f"fault.{type(error).__name__}",
    )


def _settle(group: Sequence[tuple[Claimed, Outcome]], handlers: Handlers) -> int:
    numbers = {claimed.order_number for claimed, _ in group if claimed.order_number}
    with transaction() as session:
        lock_orders(session, numbers)
        settled = settle(session, group)
        kept = {one.id for one in settled}
        handlers.after(session, [pair for pair in group if pair[0].id in kept])
    return len(settled)


def apply_one(claimed: Claimed, handlers: Handlers) -> Outcome:
    """Apply an incoming message in one transaction with its settlement (house rule 2)."""
    try:
        with transaction() as session:
            outcome = handlers.apply(session, claimed)
            if not settle(session, [(claimed, outcome)]):
                session.rollback()
            return outcome
    except Refused as refusal:
        outcome = Outcome(
            Verdict.INVALID,
            str(refusal),
            cause=refusal.cause,
            field=refusal.field,
            expected=refusal.expected,
        )
    except Exception as error:
        # Failure policy: whatever else stops it is tried again (protocol: What is answered when).
        log.exception("apply_failed", message_id=claimed.uid, topic=claimed.topic)
        outcome = fault(error)
    _settle([(claimed, outcome)], handlers)
    return outcome


@contextmanager
def _leases_kept(batch: Sequence[Claimed]) -> Iterator[None]:
    """Renew the batch's leases while it is worked on."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # the object behind the proxy
    over = Event()

    def keep() -> None:
        while not over.wait(RENEW_SECONDS):
            with app.app_context():
                try:
                    claims.renew(batch)
                except Exception:
                    # Failure policy: a renewal that fails once costs nothing; the next one is due soon.
                    log.warning("lease_not_renewed", exc_info=True)

    thread = Thread(target=keep, name="leases", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
