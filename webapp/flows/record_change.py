"""What the store says of an order it no longer decides over: recorded, mostly without an effect (F15).

Nothing new is what the store had said before, and what only echoes where the order stands here.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.outcome import Outcome, Verdict
from webapp.domain.refusals import Refused
from webapp.domain.states import Direction, Endpoint, ExportState
from webapp.flows.cancel_order import ASKED, CANCELED, ask_to_cancel
from webapp.flows.compose_order import Composed, compose_order
from webapp.flows.export_order import order_key, write_lines
from webapp.flows.record_order import note, take_over
from webapp.messaging.journal import NewMessage, record_settled
from webapp.models.messages import Message
from webapp.models.orders import Order, OrderComment
from webapp.models.stored_settings import read_settings
from webapp.oms.phrases import ALREADY_EXISTS
from webapp.oms.wire import decode
from webapp.store.magento_order import read_order

STORE_TOPIC = "store.order"
CONTENT = "its content"
TAKEN_BACK = "The store went back to the content that was sent."


def record_change(session: Session, here: Order, composed: Composed, body: bytes, actor: str) -> None:
    """Record what is new in what the store says; a cancel there is asked of the OMS (F22)."""
    if here.export_state is ExportState.NOT_EXPORTED and here.state != CANCELED:
        _follow(session, here, composed, body, actor)
        return
    changes = _changes(session, here, here.noted_content or here.content, body, composed)
    if composed.order.state == CANCELED and here.state != CANCELED:
        words = _cancel(session, here, changes, actor)
    elif (
        CONTENT in changes
        and here.noted_content
        and not _changes(session, here, here.content, body, composed)
    ):
        here.noted_content, words = None, TAKEN_BACK
    elif CONTENT in changes and _is_outcome_unknown(session, here):
        here.noted_content = body
        words = (
            f"The store changed {' and '.join(changes)} while it is unknown whether the OMS has the order. "
            "It is sent if the OMS refuses what was sent before."
        )
    else:
        words = _without_effect(here, changes)
    if words and not _is_noted(session, here, words):
        note(session, here, words, kind="store")
        journal_order(session, here, body, words, actor)


def _follow(session: Session, here: Order, composed: Composed, body: bytes, actor: str) -> None:
    """An order that is not for the OMS goes on being the store's alone."""
    same = here.content_hash == composed.content_hash
    if same and (here.state, here.status) == (composed.order.state, composed.order.status):
        return
    take_over(here, composed, body)
    if not same:
        write_lines(session, here, composed.breakdown.lines)
    journal_order(session, here, body, f"Taken over: {here.status}. The order is not exported.", actor)


def _changes(session: Session, here: Order, before: bytes, body: bytes, composed: Composed) -> list[str]:
    """What differs from what the store said `before`, by the settings in force now."""
    if before == body:
        return []
    order, changes = composed.order, []
    try:
        earlier = compose_order(read_order(decode(before)), read_settings(session))
    except Refused:
        return [CONTENT]
    if earlier.content_hash != composed.content_hash:
        changes.append(CONTENT)
    said_before = (earlier.order.state, earlier.order.status)
    if (order.state, order.status) not in (said_before, (here.state, here.status)):
        changes.append(f"its status to {order.status}")
    return changes


def _cancel(session: Session, here: Order, changes: list[str], actor: str) -> str:
    # The store says so on every call from here on; it is asked of the OMS once.
    if _is_noted(session, here, ASKED):
        return ""
    return ask_to_cancel(session, here, actor) or _without_effect(here, changes)


def _is_outcome_unknown(session: Session, here: Order) -> bool:
    """Whether the OMS may have the order, or may not: it was sent, and there was no clear answer."""
    message = session.get(Message, here.export_message_id) if here.export_message_id else None
    unsettled = here.export_state in (ExportState.QUEUED, ExportState.FAILED)
    return unsettled and message is not None and message.cause != ALREADY_EXISTS


def _without_effect(here: Order, changes: list[str]) -> str:
    if not changes:
        return ""
    why = "the order was exported, and the OMS decides over it from there."
    if here.export_state is ExportState.NOT_EXPORTED:
        why = "the order was cancelled before it was exported."
    elif here.export_state is ExportState.FAILED:
        why = "the OMS has another order under this number."
    return f"The store changed {' and '.join(changes)}. It has no effect: {why}"


def _is_noted(session: Session, here: Order, words: str) -> bool:
    """Whether the last thing noted of the store is the same: its repeats are nothing new."""
    last = session.scalar(
        select(OrderComment.text)
        .where(OrderComment.order_id == here.id, OrderComment.kind == "store")
        .order_by(OrderComment.id.desc())
        .limit(1)
    )
    return last == words


def journal_order(session: Session, here: Order, body: bytes, words: str, actor: str) -> None:
    """Write down what the store handed in, and what became of it."""
    new = NewMessage(
        STORE_TOPIC,
        "orders",
        order_key(here.increment_id),
        body,
        endpoint=Endpoint.STORE,
        order_number=here.increment_id,
    )
    record_settled(session, new, Direction.IN, Outcome(Verdict.SUCCEEDED, words), actor, failed=False)
