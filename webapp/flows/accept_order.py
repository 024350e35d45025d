"""Order in: read it, keep it once, export it when its status says so (F15); idempotent by content.

Before export the store decides: new content replaces the old. After it the OMS does: what the store
says then is recorded, and has no effect.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.domain.outcome import Outcome, Verdict
from webapp.domain.refusals import Refused
from webapp.domain.states import Direction, Endpoint, ExportState, MessageStatus
from webapp.domain.told_ids import as_number
from webapp.extensions import read, transaction
from webapp.flows.cancel_order import CANCELED
from webapp.flows.compose_order import Composed, compose_order
from webapp.flows.export_order import (
    export_order,
    hold_for_review,
    order_key,
    set_aside_messages,
    write_lines,
)
from webapp.flows.record_change import STORE_TOPIC, journal_order, record_change
from webapp.flows.record_order import UNKNOWN_ORDER, note, take_over
from webapp.messaging.journal import NewMessage, message_key, record_settled
from webapp.messaging.replay import retry_waiting_for
from webapp.messaging.settlement import EXPIRED
from webapp.models.locks import lock_keys, lock_order
from webapp.models.messages import Message
from webapp.models.orders import Order
from webapp.models.stored_settings import read_settings
from webapp.oms.phrases import ALREADY_EXISTS
from webapp.store.magento_order import read_order

log = structlog.get_logger(__name__)

# What the store is told of an order's export (contract: POST /api/v1/orders).
Export = Literal["waiting", "queued", "exported", "held", "failed", "not_exported"]
ORDER_IS_HERE = "The order has come in now."
KEPT_OF_REFUSED = 1024 * 1024


@dataclass(frozen=True, slots=True)
class CutOver:
    """How orders from before the connector are taken in (F15): those the OMS has, and from when on."""

    already_in_oms: bool = False
    first_day: date | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of an order handed in; `export` is the contract's word for it.

    `message_ids` are what was written to send it now, the create last; empty when nothing new is sent.
    `awaited`: the OMS's verdict was waited for (F16).
    """

    increment_id: str
    export: Export
    reason: str = ""
    message_uid: str | None = None
    message_ids: tuple[int, ...] = ()
    changed: bool = False
    awaited: bool = False


def accept_order(data: object, body: bytes, actor: str, cut_over: CutOver = CutOver()) -> Accepted:
    """Take one order as the store gives it; `body` is its JSON, kept and journaled.

    Raises `Refused` naming the field, after journaling it; then nothing is changed.
    """
    try:
        order = read_order(data)
        with read() as session:
            settings = read_settings(session)
        composed = compose_order(order, settings)
    except Refused as refusal:
        journal_refusal(data, body, refusal, actor)
        raise
    with transaction() as session:
        here = lock_order(session, order.increment_id)
        if here is None:
            return _accept_new(session, composed, body, actor, cut_over)
        return _accept_again(session, here, composed, body, actor)


def _accept_new(session: Session, composed: Composed, body: bytes, actor: str, cut_over: CutOver) -> Accepted:
    here = Order(increment_id=composed.order.increment_id, received_at=clock.now(), attention="")
    take_over(here, composed, body)
    here.export_state = ExportState.WAITING
    session.add(here)
    session.flush()
    write_lines(session, here, composed.breakdown.lines)
    journal_order(session, here, body, " ".join(("Taken in.", *composed.warnings)), actor)
    ids = [] if _is_from_before(session, here, cut_over) else _decide(session, here, composed, actor)
    _wake_what_waits(session, here)
    return _accepted(session, here, ids, changed=True)


def _wake_what_waits(session: Session, here: Order) -> None:
    """Apply what the OMS has said of this order, also where it left out the zeros before its number."""
    keys = {order_key(here.increment_id), order_key(as_number(here.increment_id))}
    retry_waiting_for(session, Endpoint.OMS, keys, UNKNOWN_ORDER, ORDER_IS_HERE)


def _accept_again(session: Session, here: Order, composed: Composed, body: bytes, actor: str) -> Accepted:
    # Whoever claims a message of this order holds its key: what is not with the OMS now cannot go there
    # before this is decided.
    lock_keys(session, [message_key(Direction.OUT, Endpoint.OMS, order_key(here.increment_id))])
    order = composed.order
    if not _may_still_change(session, here):
        record_change(session, here, composed, body, actor)
        return _accepted(session, here, [], changed=False)
    same = here.content_hash == composed.content_hash
    if same and (here.state, here.status) == (order.state, order.status):
        return _accepted(session, here, [], changed=False)
    to_be_sent = here.export_state in (ExportState.QUEUED, ExportState.FAILED)
    take_over(here, composed, body)
    if not same:
        write_lines(session, here, composed.breakdown.lines)
    words = (f"Taken over: {here.status}.", *(() if same else composed.warnings))
    journal_order(session, here, body, " ".join(words), actor)
    if to_be_sent and same and order.state != CANCELED:
        return _accepted(session, here, [], changed=True)
    return _accepted(session, here, _decide(session, here, composed, actor), changed=True)


def _may_still_change(session: Session, here: Order) -> bool:
    """Whether the store's new content still replaces the old: nothing of it may be with the OMS (F15)."""
    if here.export_state in (ExportState.WAITING, ExportState.NOT_EXPORTED):
        return here.export_state is ExportState.WAITING
    message = session.get(Message, here.export_message_id) if here.export_message_id else None
    if message is None:
        # Held for review; of any other the message is older than the journal is kept, so it went out.
        return here.export_state is ExportState.QUEUED
    if message.status in (MessageStatus.PENDING, MessageStatus.HELD):
        return message.tries == 0
    refused = message.status is MessageStatus.FAILED and message.cause != EXPIRED
    # A number that exists there is refused again, whatever stands under it.
    return refused and message.cause != ALREADY_EXISTS


def _decide(session: Session, here: Order, composed: Composed, actor: str) -> list[int]:
    """Export, wait, or never export: by the order's status and the trigger statuses in force."""
    if here.state == CANCELED:
        _never_export(session, here, actor)
        return []
    triggers = read_settings(session).codes("orders.export_statuses")
    # One that has reached such a status goes out, also when it has left it since.
    if here.export_state is ExportState.WAITING and here.status not in triggers:
        here.export_reason = f"Waiting for status: it is {here.status} now."
        return []
    if composed.breakdown.hold:
        hold_for_review(session, here, composed.breakdown.hold, actor)
        return []
    return export_order(session, here, composed, actor)


def _is_from_before(session: Session, here: Order, cut_over: CutOver) -> bool:
    """Whether this order is not ours to export; then it is marked so."""
    if cut_over.first_day is not None and here.placed_at.date() < cut_over.first_day:
        here.export_state = ExportState.NOT_EXPORTED
        here.export_reason = f"It was placed before {cut_over.first_day.isoformat()}, the cut-over date."
    elif cut_over.already_in_oms:
        here.export_state, here.loaded_at = ExportState.LOADED, clock.now()
        note(session, here, "Taken in as already in the OMS.", kind="store")
    else:
        return False
    return True


def _never_export(session: Session, here: Order, actor: str) -> None:
    here.export_state = ExportState.NOT_EXPORTED
    here.export_reason = "It was cancelled in the store before it was exported."
    set_aside_messages(session, here, actor, here.export_reason)
    note(session, here, here.export_reason, kind="store")


def _accepted(session: Session, here: Order, ids: list[int], *, changed: bool) -> Accepted:
    message = session.get(Message, here.export_message_id) if here.export_message_id else None
    held = (message is not None and message.status is MessageStatus.HELD) or (
        message is None and here.export_state is ExportState.QUEUED
    )
    words: dict[ExportState, Export] = {
        ExportState.WAITING: "waiting",
        ExportState.QUEUED: "held" if held else "queued",
        ExportState.SENT: "exported",
        ExportState.LOADED: "exported",
        ExportState.FAILED: "failed",
        ExportState.NOT_EXPORTED: "not_exported",
    }
    reason = here.export_reason or (message.reason if message is not None and held else "")
    uid = message.uid if message is not None else None
    return Accepted(here.increment_id, words[here.export_state], reason, uid, tuple(ids), changed)


def accepted_now(accepted: Accepted) -> Accepted:
    """How the same order stands now, after its messages were worked on (F16)."""
    with read() as session:
        here = session.scalar(select(Order).where(Order.increment_id == accepted.increment_id))
        if here is None:
            return accepted
        return _accepted(session, here, list(accepted.message_ids), changed=accepted.changed)


def journal_refusal(data: object, body: bytes, refusal: Refused, actor: str) -> None:
    """Write down what could not be taken in, and why; of a very long body, its beginning."""
    given = data.get("increment_id") if isinstance(data, dict) else None
    number = given if isinstance(given, str) and given.isprintable() and 0 < len(given) <= 64 else None
    new = NewMessage(
        STORE_TOPIC,
        "orders",
        order_key(number or "unreadable"),
        body[:KEPT_OF_REFUSED],
        endpoint=Endpoint.STORE,
        order_number=number,
    )
    outcome = Outcome(Verdict.INVALID, str(refusal), cause="store.refused", field=refusal.field)
    with transaction() as session:
        record_settled(session, new, Direction.IN, outcome, actor, failed=True)
