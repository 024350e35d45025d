"""The OMS says that an order's number exists: is it this very order, sent before? (F05)

`order_repository.find` decides, by line numbers, SKUs and amounts. Where it cannot be asked, the order
counts as delivered if an earlier try of this message had no clear answer and no other create of this
order was ever tried.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from sqlalchemy import or_, select

from webapp.domain.outcome import Outcome, Verdict
from webapp.domain.refusals import Refused
from webapp.domain.states import Direction
from webapp.extensions import read, transaction
from webapp.messaging.claims import Claimed
from webapp.messaging.journal import NewMessage, new_uid, record_settled
from webapp.models.messages import Attempt, Message
from webapp.oms.client import Client
from webapp.oms.envelope import BadCall, encode_call, read_calls
from webapp.oms.oms_order import OmsOrder
from webapp.oms.topics import order_find
from webapp.oms.wire import WireError

UNCLEAR = (Verdict.SILENT.value, Verdict.ERROR_ANSWER.value, Verdict.FAULT.value)
DELIVERED = "The OMS has this order already, from an earlier try."


def confirm_existing(client: Client, claimed: Claimed, refusal: Outcome) -> Outcome:
    """What the refusal of an existing number comes to: delivered before, or refused."""
    call = read_calls(claimed.payload)[0]
    order = call.params.get("order") if not isinstance(call, BadCall) else None
    if not isinstance(order, dict):
        return refusal
    there = _find(client, claimed, order)
    if there is not None:
        if _same(order, there):
            return replace(refusal, verdict=Verdict.SUCCEEDED, reason=DELIVERED, cause="")
        reason = (
            f"The OMS has an order {claimed.order_number} already, with other lines or amounts than ours."
        )
        return replace(refusal, reason=reason)
    if _may_be_ours(claimed):
        return replace(refusal, verdict=Verdict.SUCCEEDED, reason=DELIVERED, cause="")
    return refusal


def _find(client: Client, claimed: Claimed, order: Mapping[str, object]) -> OmsOrder | None:
    """The order as the OMS has it; None where it can't be asked. The call is journaled."""
    uid = new_uid()
    params = order_find.write(order_id=str(order.get("id", "")), sales_channel_id=str(order.get("store", "")))
    payload = encode_call(order_find.TOPIC, params, uid)
    asked = client.call(order_find.TOPIC, payload, uid, subject=f"the question for order {order.get('id')}")
    new = NewMessage(
        order_find.TOPIC,
        claimed.lane,
        claimed.key.split(":", 2)[-1],
        payload,
        uid,
        order_number=claimed.order_number,
    )
    failed = asked.verdict is not Verdict.SUCCEEDED
    with transaction() as session:
        record_settled(session, new, Direction.OUT, asked, "connector", failed=failed)
    if failed or asked.answer is None:
        return None
    try:
        return order_find.read_answer(asked.answer)
    except (Refused, WireError):
        return None


def _same(ours: Mapping[str, object], theirs: OmsOrder) -> bool:
    lines = ours.get("lines")
    if not isinstance(lines, list) or len(lines) != len(theirs.lines):
        return False
    there = {line.line_number: line for line in theirs.lines}
    for line in lines:
        other = there.get(line["line_number"])
        if other is None or (other.sku is not None and other.sku != line["sku"]):
            return False
        if other.gross is not None and other.gross != Decimal(line["amount"]["gross_amount"]):
            return False
    return True


def _may_be_ours(claimed: Claimed) -> bool:
    with read() as session:
        unclear = session.scalar(
            select(Attempt.id)
            .where(
                Attempt.message_id == claimed.id,
                Attempt.token != claimed.token,
                ~Attempt.struck,
                or_(Attempt.verdict.is_(None), Attempt.verdict.in_(UNCLEAR)),
            )
            .limit(1)
        )
        other = session.scalar(
            select(Message.id)
            .where(
                Message.order_number == claimed.order_number,
                Message.topic == claimed.topic,
                Message.direction == Direction.OUT,
                Message.id != claimed.id,
                Message.tries > 0,
            )
            .limit(1)
        )
    return unclear is not None and other is None
