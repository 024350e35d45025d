"""Writing down how tries ended, with what follows from each, in one transaction (house rule 2)."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from webapp.domain.outcome import Outcome, Verdict
from webapp.domain.refusals import Refused
from webapp.extensions import transaction
from webapp.messaging import breaker
from webapp.messaging.claims import Claimed
from webapp.messaging.sending import Pair, Sender, fault
from webapp.messaging.settlement import settle
from webapp.models.locks import lock_orders

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Handlers:
    """What to do with messages, topic by topic (made by `flows/registry`).

    `apply` makes an incoming message's effect in the session it is given, or raises `Refused`;
    `after` makes the effects of settled tries in the settlement's own transaction.
    """

    open_sender: Callable[[], AbstractContextManager[Sender]]
    apply: Callable[[Session, Claimed], Outcome]
    after: Callable[[Session, Sequence[Pair]], None]


def named_in_logs(claimed: Claimed) -> AbstractContextManager[None]:
    """Within the block every log line says which message, order and topic it is about."""
    bound: AbstractContextManager[None] = structlog.contextvars.bound_contextvars(
        message_id=claimed.uid, order=claimed.order_number, topic=claimed.topic
    )
    return bound


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
            breaker.note(session, ended)
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
