"""Order → OMS: the products it may not know, then the order, on the order's own key (F11, F15)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.domain.lines import UnitLine
from webapp.domain.states import Direction, ExportState, MessageStatus
from webapp.flows.compose_order import Composed
from webapp.messaging.journal import NewMessage, new_uid, publish
from webapp.messaging.replay import skip
from webapp.messaging.settlement import Change, change
from webapp.models.catalog import ToldSku
from webapp.models.messages import Message
from webapp.models.orders import Order, OrderLine
from webapp.oms.envelope import encode_call
from webapp.oms.topics import order_create, product_updated

LANE = "orders"


def order_key(increment_id: str) -> str:
    """The business key of everything about one order."""
    return f"order:{increment_id}"


NEWER_CONTENT = "Newer content of the order took its place."


def export_order(
    session: Session, order: Order, composed: Composed, actor: str, why: str = NEWER_CONTENT
) -> list[int]:
    """Write the order's messages and mark it queued; gives the messages' ids, the create last.

    The caller holds the order's lock. What was to go out before is superseded, in its place, for the
    reason `why` (F11, F15).
    """
    before = session.get(Message, order.export_message_id) if order.export_message_id else None
    place = (before.position or before.id) if before is not None else None
    unsent = [] if before is None else _unsent_products(session, order)
    products = [
        _message(order.increment_id, product_updated.TOPIC, params, place=place)
        for params in _untold_products(session, composed)
    ]
    create = _message(order.increment_id, order_create.TOPIC, composed.params, place=place, blocks_key=True)
    ids = publish(session, [*products, create], actor)
    order.export_message_id = ids[-1]
    order.export_state, order.export_reason = ExportState.QUEUED, ""
    if before is not None:
        change(session, [before.id], Change(MessageStatus.SUPERSEDED, actor, why, ids[-1]))
        # Theirs are not the create's 48 hours: what takes a product's place is a product.
        change(session, unsent, Change(MessageStatus.SUPERSEDED, actor, why, ids[0] if products else None))
    return ids


def hold_for_review(session: Session, order: Order, why: str, actor: str) -> None:
    """Keep an order that someone has to look at before it goes out; what was to go out before does not."""
    set_aside_messages(session, order, actor, why)
    order.export_state, order.export_reason, order.export_message_id = ExportState.QUEUED, why, None


def set_aside_messages(session: Session, order: Order, actor: str, why: str) -> None:
    """Nothing more of this order is sent; the caller holds its lock."""
    unsettled = select(Message.id).where(
        Message.order_number == order.increment_id, Message.direction == Direction.OUT, Message.is_open
    )
    skip(session, session.scalars(unsettled).all(), actor, why)


def _unsent_products(session: Session, order: Order) -> Sequence[int]:
    """The order's products that nobody has tried to send: they go anew, by the new lines."""
    waiting = select(Message.id).where(
        Message.order_number == order.increment_id,
        Message.topic == product_updated.TOPIC,
        Message.is_open,
        Message.tries == 0,
    )
    return session.scalars(waiting).all()


def write_lines(session: Session, order: Order, lines: Iterable[UnitLine]) -> None:
    """Keep the order's unit lines as the OMS is told them, in place of those kept before."""
    session.execute(delete(OrderLine).where(OrderLine.order_id == order.id))
    rows = [_line(order, line) for line in lines]
    if rows:
        session.execute(insert(OrderLine), rows)
    order.pieces = sum(row["product_type"] in ("PHYSICAL", "VIRTUAL") for row in rows)


def _line(order: Order, line: UnitLine) -> dict[str, Any]:
    quantity = dict(line.custom_attributes).get("quantity")
    return {
        "order_id": order.id,
        "line_number": line.line_number,
        "item_id": line.id,
        "parent_line_number": line.parent_line_number,
        "product_type": line.product_type,
        "sku": line.sku,
        "name": line.product_name[:512],
        "quantity": quantity or 1,
        "net_amount": line.net,
        "tax_amount": line.tax,
        "gross_amount": line.gross,
        "original_price": line.original_price,
    }


def _message(
    number: str,
    topic: str,
    params: Mapping[str, object],
    *,
    place: int | None,
    blocks_key: bool = False,
) -> NewMessage:
    uid = new_uid()
    return NewMessage(
        topic=topic,
        lane=LANE,
        business_key=order_key(number),
        payload=encode_call(topic, params, uid),
        uid=uid,
        order_number=number,
        blocks_key=blocks_key,
        position=place,
    )


def _untold_products(session: Session, composed: Composed) -> list[dict[str, object]]:
    """Products of the order's lines the OMS was never told, as the lines describe them (F11)."""
    by_sku = {line.sku: line for line in composed.breakdown.lines}
    told = set(session.scalars(select(ToldSku.sku).where(ToldSku.sku.in_(sorted(by_sku)))))
    return [
        product_updated.write_from_line(
            line,
            currency=composed.order.currency,
            unit=composed.breakdown.unit,
            locale=composed.view.locale,
            modified_at=clock.now(),
        )
        for sku, line in by_sku.items()
        if sku not in told
    ]
