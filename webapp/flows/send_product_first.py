"""The OMS refused an order for a SKU it does not know: the product goes first, then the order anew (F11)."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.domain.outcome import Outcome
from webapp.domain.refusals import Refused
from webapp.flows.compose_order import compose_order
from webapp.flows.export_order import export_order
from webapp.flows.record_order import note
from webapp.messaging.claims import Claimed
from webapp.models.catalog import ToldSku
from webapp.models.messages import Message, Transition
from webapp.models.orders import Order
from webapp.models.stored_settings import read_settings
from webapp.oms.phrases import UNKNOWN_SKU, find_unknown_sku
from webapp.oms.wire import decode
from webapp.store.magento_order import read_order


def send_product_first(session: Session, order: Order, claimed: Claimed, outcome: Outcome) -> bool:
    """Send the product the refusal names, then the order, in the refused create's place; once per SKU.

    False where the refusal is another, names none of the order's SKUs, or this one went first before.
    The caller holds the order's lock.
    """
    if outcome.cause != UNKNOWN_SKU:
        return False
    skus = [line.sku for line in sorted(order.lines, key=lambda line: line.line_number)]
    sku = find_unknown_sku(outcome.reason, skus, outcome.field)
    if sku is None or sku not in skus:
        return False
    why = f"The OMS does not know {sku}; the product is sent first, then the order again."
    if _went_first(session, order, why):
        return False
    try:
        composed = compose_order(read_order(decode(order.content)), read_settings(session), reviewed=True)
    except Refused:
        # Failure policy: what cannot be composed any more must not stop the refusal from being settled.
        return False
    session.execute(delete(ToldSku).where(ToldSku.sku == sku))
    export_order(session, order, composed, "connector", why)
    note(session, order, why, kind="export", message_id=claimed.id)
    return True


def _went_first(session: Session, order: Order, why: str) -> bool:
    before = (
        select(Transition.id)
        .join(Message, Message.id == Transition.message_id)
        .where(Message.order_number == order.increment_id, Transition.reason == why)
    )
    return session.scalar(before.limit(1)) is not None
