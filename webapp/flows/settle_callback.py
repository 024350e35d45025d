"""What follows for a callback of the OMS from its being refused (protocol: What is answered when)."""

from collections.abc import Iterable, Mapping

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.domain.outcome import Outcome, Verdict
from webapp.domain.states import Endpoint
from webapp.flows.export_order import order_key
from webapp.flows.record_order import UNKNOWN_ORDER
from webapp.messaging.claims import Claimed
from webapp.messaging.replay import retry_waiting_for
from webapp.models.messages import Message
from webapp.models.orders import Order
from webapp.models.stored_settings import read_settings
from webapp.oms import envelope
from webapp.oms.wire import BAD_PARAMS

ORDER_IS_HERE = "The order has come in now."


def after_callback(session: Session, ended: Iterable[tuple[Claimed, Outcome]]) -> None:
    """Keep what a refused callback is answered where the OMS waits for it; see whether its order came in."""
    settings = read_settings(session)
    for claimed, outcome in ended:
        if outcome.verdict is not Verdict.INVALID:
            continue
        if settings.is_sync(claimed.topic):
            answer = answer_to(claimed.payload, outcome)
            session.execute(update(Message).where(Message.id == claimed.id).values(answer=answer))
        if outcome.cause == UNKNOWN_ORDER:
            _retry_if_here(session, claimed.order_number or "")


def answer_to(payload: bytes, outcome: Outcome) -> bytes:
    """What the OMS is told of a callback that cannot be applied."""
    call = envelope.read_calls(payload)[0]
    data: Mapping[str, object] | None = None
    if outcome.field:
        data = {"field": outcome.field, "expected": outcome.expected}
    return envelope.error(call.raw_id, BAD_PARAMS, outcome.reason, data)


def _retry_if_here(session: Session, number: str) -> None:
    """The order may have come in since it was looked for: then nobody else tries the callback again."""
    if session.scalar(select(Order.id).where(Order.increment_id == number)) is not None:
        retry_waiting_for(session, Endpoint.OMS, order_key(number), UNKNOWN_ORDER, ORDER_IS_HERE)
