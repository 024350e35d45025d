"""Topic → schema, lane, key, flow; kind of job → its batch.

Adding a topic: one file in `oms/topics`, one flow, one row here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from webapp.domain.outcome import Outcome, Verdict
from webapp.domain.refusals import Refused
from webapp.domain.states import Direction
from webapp.flows import call_oms, mend_many, settle_order
from webapp.flows.apply_shipment import apply_shipment
from webapp.flows.apply_status import apply_created, apply_status
from webapp.flows.cancel_order import after_cancel
from webapp.flows.export_order import order_key
from webapp.flows.record_order import orders_meant
from webapp.flows.refuse_callback import refused_outcome
from webapp.flows.register import after_register, after_unregister
from webapp.messaging.claims import Claimed
from webapp.messaging.jobs import Kinds
from webapp.messaging.recording import Handlers
from webapp.models.messages import Message
from webapp.models.stored_settings import read_settings
from webapp.oms import envelope
from webapp.oms.registration import REGISTER, UNREGISTER
from webapp.oms.topics import (
    customer_shipment_done,
    order_cancel,
    order_create,
    order_created,
    order_updated,
    product_updated,
)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A topic the OMS calls us with: how it is read, ordered and applied.

    `read` raises `Refused` naming the field; `apply` makes the effect in the session it is given and
    says in a sentence what it did, or raises `Refused`.
    """

    topic: str
    lane: str
    read: Callable[[object], Any]
    key: Callable[[Session, Any], str]
    apply: Callable[[Session, Any, Claimed], str]


def _incoming(module: Any, lane: str, apply: Callable[[Session, Any, Claimed], str]) -> Incoming:
    return Incoming(module.TOPIC, lane, module.read, _of_order, apply)


def _of_order(session: Session, content: Any) -> str:
    """The order's key; a number told without its zeros goes with the order it stands for, if that is here."""
    meant = orders_meant(session, content.order_number)
    return order_key(meant[0] if len(meant) == 1 else content.order_number)


def order_of(business_key: str) -> str | None:
    """The order a business key speaks of, if it is one's."""
    kind, _, number = business_key.partition(":")
    return number[:64] if kind == "order" else None


INCOMING = {
    row.topic: row
    for row in (
        _incoming(order_created, "status_updates", apply_created),
        _incoming(order_updated, "status_updates", apply_status),
        _incoming(customer_shipment_done, "status_updates", apply_shipment),
    )
}

# Topic → what follows, in the settlement's own transaction, from how its tries ended.
OUTGOING: dict[str, Callable[[Session, Sequence[tuple[Claimed, Outcome]]], None]] = {
    order_create.TOPIC: settle_order.after_create,
    product_updated.TOPIC: settle_order.after_product,
    order_cancel.TOPIC: after_cancel,
    REGISTER: after_register,
    UNREGISTER: after_unregister,
}

# Kind of job → one batch of it.
JOBS: Kinds = {mend_many.REPLAY: mend_many.replay_batch, mend_many.SKIP: mend_many.skip_batch}


def handlers() -> Handlers:
    """What the workers hand their messages to."""
    return Handlers(open_sender=call_oms.open_sender, apply=_apply, after=_after)


def _apply(session: Session, claimed: Claimed) -> Outcome:
    try:
        # What is refused half-way leaves nothing behind.
        with session.begin_nested():
            return Outcome(Verdict.SUCCEEDED, _effect(session, claimed))
    except Refused as refusal:
        awaited = read_settings(session).is_sync(claimed.topic)
        return refused_outcome(claimed.payload, refusal, awaited=awaited)


def _effect(session: Session, claimed: Claimed) -> str:
    topic = INCOMING.get(claimed.topic)
    if topic is None:
        raise Refused("method", "a topic that is applied here", claimed.topic)
    call = envelope.read_calls(claimed.payload)[0]
    if isinstance(call, envelope.BadCall):
        raise Refused("", "a JSON-RPC call", call.error.message)
    content = topic.read(call.params)
    done = topic.apply(session, content, claimed)
    number = order_of(topic.key(session, content))
    if number != claimed.order_number:
        # It came before its order, with a number that did not say yet which order that is.
        session.execute(update(Message).where(Message.id == claimed.id).values(order_number=number))
    return done


def _after(session: Session, ended: Sequence[tuple[Claimed, Outcome]]) -> None:
    by_topic: dict[str, list[tuple[Claimed, Outcome]]] = {}
    for pair in ended:
        if pair[0].direction is Direction.OUT and pair[0].topic in OUTGOING:
            by_topic.setdefault(pair[0].topic, []).append(pair)
    for topic, pairs in by_topic.items():
        OUTGOING[topic](session, pairs)


def subscribed_topics() -> list[str]:
    """The topics the OMS is asked to call us with."""
    return sorted(INCOMING)
