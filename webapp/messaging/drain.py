"""The one loop all workers share: lower the bell, claim, hand over, settle (house rule 4).

It knows no topic: what to do with a message is handed in as `Handlers`. Outgoing messages are sent over
a window of concurrent calls, with no transaction and no lock held; incoming ones are applied one at a
time, each in one transaction with its settlement. What is not begun when the time is up or a stop is
asked for is given back.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Protocol

import structlog
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError
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
# Often enough that a message of the batch has a whole call's time left whenever its turn comes.
RENEW_SECONDS = claims.LEASE_MARGIN_SECONDS / 4
NOT_BEGUN = Outcome(Verdict.UNSENT, "Given back: the worker had to end before it came to this one.")
LEASE_TOO_SHORT = Outcome(Verdict.UNSENT, "Given back: its lease would have ended before the call could.")

Pair = tuple[Claimed, Outcome]


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
    after: Callable[[Session, Sequence[Pair]], None]


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
    done, ends = Drained(), clock.monotonic() + seconds

    def over() -> bool:
        return stop() or clock.monotonic() >= ends

    with handlers.open_sender() as sender:
        while not over():
            batch = claims.claim(lane, sender.window * 2, claims.lease_for(sender.timeout))
            if not batch:
                return done
            settled = work(batch, handlers, sender, over)
            done.settled += len(settled)
            done.lost += len(batch) - len(settled)
    done.more = True
    bell.ring(lane, again=True)
    return done


def deliver_now(ids: Sequence[int], handlers: Handlers) -> list[Pair]:
    """Work these messages in this thread, as far as they can be claimed; gives how each ended (F07, F16)."""
    with handlers.open_sender() as sender:
        batch = claims.claim_these(ids, claims.lease_for(sender.timeout))
        return work(batch, handlers, sender) if batch else []


def work(
    batch: Sequence[Claimed], handlers: Handlers, sender: Sender, over: Callable[[], bool] = _never
) -> list[Pair]:
    """Hand over a claimed batch, keeping its leases alive meanwhile; gives what was settled of it."""
    outgoing = [one for one in batch if one.direction is Direction.OUT]
    incoming = [one for one in batch if one.direction is Direction.IN]
    settled: list[Pair] = []
    with _leases_kept(batch, claims.lease_for(sender.timeout)):
        for group in _send(outgoing, sender, over):
            settled += record(group, handlers)
        settled += _apply(incoming, handlers, over)
    return settled


def _send(batch: Sequence[Claimed], sender: Sender, over: Callable[[], bool]) -> Iterator[list[Pair]]:
    """Send over the window; gives what came back, in groups to be settled together."""
    if not batch:
        return
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # the object behind the proxy

    def send(claimed: Claimed) -> Outcome:
        with app.app_context(), _named_in_logs(claimed):
            return NOT_BEGUN if over() else _send_one(claimed, sender)

    group: list[Pair] = []
    with ThreadPoolExecutor(min(sender.window, len(batch))) as threads:
        under_way: dict[Future[Outcome], Claimed] = {threads.submit(send, one): one for one in batch}
        while under_way:
            ended, _ = wait(under_way, timeout=SETTLE_WAIT, return_when=FIRST_COMPLETED)
            group += [(under_way.pop(one), one.result()) for one in ended]
            if group and (len(group) >= SETTLE_EVERY or not ended or not under_way):
                yield group
                group = []


def _named_in_logs(claimed: Claimed) -> AbstractContextManager[None]:
    """Within the block every log line says which message, order and topic it is about."""
    bound: AbstractContextManager[None] = structlog.contextvars.bound_contextvars(
        message_id=claimed.uid, order=claimed.order_number, topic=claimed.topic
    )
    return bound


def _send_one(claimed: Claimed, sender: Sender) -> Outcome:
    if not _has_time(claimed, sender.timeout):
        return LEASE_TOO_SHORT
    try:
        return sender.send(claimed)
    except Exception as error:
        # Failure policy: an error of ours is no verdict; the message is tried again on F05's schedule.
        log.exception("send_failed", message_id=claimed.uid, topic=claimed.topic)
        return fault(error)


def _has_time(claimed: Claimed, seconds: float) -> bool:
    if (claimed.lease_until - clock.now()).total_seconds() > seconds:
        return True
    try:
        return claims.holds_longer(claimed, seconds)
    except SQLAlchemyError:
        # Failure policy: what may have been claimed by another by now is not sent.
        log.warning("lease_not_known", message_id=claimed.uid, exc_info=True)
        return False


def fault(error: Exception) -> Outcome:
    """A failure of the connector's own, as an outcome: tried again."""
    return Outcome(
        Verdict.FAULT,
        f"The connector could not finish this ({type(error).__name__}). It will try again by itself.",
        cause=f"fault.{type(error).__name__}",
    )


def record(group: Sequence[Pair], handlers: Handlers, *, lapsed_by: datetime | None = None) -> list[Pair]:
    """Settle these tries, each with what follows from it; gives those settled (`lapsed_by`: see `settle`).

    Failure policy: what cannot be settled together is settled one by one, so that none keeps another
    from it, and one whose effects cannot be made is a fault of ours, to be tried again. One that cannot be
    settled at all stays claimed until its lease runs out.
    """
    try:
        return _record(group, handlers, lapsed_by)
    except Exception:
        log.exception("group_not_settled", messages=len(group))
    return [pair for one in group for pair in _record_alone(one, handlers, lapsed_by)]


def _record(group: Sequence[Pair], handlers: Handlers, lapsed_by: datetime | None) -> list[Pair]:
    with transaction() as session:
        lock_orders(session, {claimed.order_number for claimed, _ in group if claimed.order_number})
        settled = {one.id for one in settle(session, group, lapsed_by=lapsed_by)}
        ended = [pair for pair in group if pair[0].id in settled]
        if ended:
            handlers.after(session, ended)
    return ended


def _record_alone(pair: Pair, handlers: Handlers, lapsed_by: datetime | None) -> list[Pair]:
    claimed, outcome = pair
    try:
        return _record([pair], handlers, lapsed_by)
    except Exception as error:
        log.exception("not_settled", message_id=claimed.uid, topic=claimed.topic, verdict=outcome.verdict)
        try:
            return _record([(claimed, fault(error))], handlers, lapsed_by)
        except Exception:
            log.exception("left_to_its_lease", message_id=claimed.uid, topic=claimed.topic)
            return []


def _apply(batch: Sequence[Claimed], handlers: Handlers, over: Callable[[], bool]) -> list[Pair]:
    applied: list[Pair] = []
    for place, claimed in enumerate(batch):
        if over():
            return applied + record([(one, NOT_BEGUN) for one in batch[place:]], handlers)
        with _named_in_logs(claimed):
            outcome = apply_one(claimed, handlers)
        if outcome is not None:
            applied.append((claimed, outcome))
    return applied


def apply_one(claimed: Claimed, handlers: Handlers) -> Outcome | None:
    """Apply an incoming message in one transaction with its settlement (house rule 2).

    None where its claim was lost meanwhile: then nothing of its effect is kept.
    """
    try:
        with transaction() as session:
            lock_orders(session, [claimed.order_number] if claimed.order_number else [])
            outcome = _effect(session, claimed, handlers)
            if settle(session, [(claimed, outcome)]):
                return outcome
            session.rollback()
            return None
    except Exception as error:
        # Failure policy: whatever stops it is tried again (protocol: What is answered when).
        log.exception("apply_failed", message_id=claimed.uid, topic=claimed.topic)
        outcome = fault(error)
    return outcome if record([(claimed, outcome)], handlers) else None


def _effect(session: Session, claimed: Claimed, handlers: Handlers) -> Outcome:
    """The message's effect; refused, none of it.

    Either way the order stays locked until the message is settled: one that comes in meanwhile finds
    what failed for want of it (house rule 6).
    """
    try:
        with session.begin_nested():
            return handlers.apply(session, claimed)
    except Refused as refusal:
        return Outcome(
            Verdict.INVALID,
            str(refusal),
            cause=refusal.cause,
            field=refusal.field,
            expected=refusal.expected,
        )


@contextmanager
def _leases_kept(batch: Sequence[Claimed], lease: timedelta) -> Iterator[None]:
    """Renew the batch's leases while it is worked on."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # the object behind the proxy
    over = Event()

    def keep() -> None:
        while not over.wait(RENEW_SECONDS):
            with app.app_context():
                try:
                    claims.renew(batch, lease)
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
