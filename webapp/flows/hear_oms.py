"""What the OMS says of an order, recorded once by the database's own word (house rule 6; F19).

An event is once by its business key (protocol: once by); a message is once by what it says, whatever its
id: each that says something else has its comment, a repeat has none, so the history of an order is as long
whatever came when.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from webapp.messaging.claims import Claimed
from webapp.models.orders import Order, OrderEvent
from webapp.oms.envelope import Call, read_calls
from webapp.oms.wire import as_text

SAID = "said"
EVENTS_AT_ONCE = 1_000


def is_said_anew(session: Session, order: Order, claimed: Claimed) -> bool:
    """Whether no message of this topic has said the same of this order before; it has from here on."""
    once = f"{claimed.topic.rpartition('.')[2]}/{said_hash(claimed)}"
    return bool(hear(session, [event_of(order, SAID, once, claimed)]))


def event_of(order: Order, kind: str, once: str, claimed: Claimed) -> dict[str, Any]:
    """An event as it is kept; `once` is what makes it the same when the OMS says so again."""
    return {
        "order_id": order.id,
        "kind": kind,
        "once": once,
        "received_at": claimed.created_at,
        "message_id": claimed.id,
        "status": "",
        "reason": "",
        "date": None,
    }


def hear(session: Session, events: Sequence[dict[str, Any]]) -> set[str]:
    """Record these events; gives the keys of those not heard before."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    new: set[str] = set()
    for start in range(0, len(events), EVENTS_AT_ONCE):
        some = list(events[start : start + EVENTS_AT_ONCE])
        insert = dialect.insert(OrderEvent).values(some).on_conflict_do_nothing()
        new.update(session.scalars(insert.returning(OrderEvent.once)))
    return new


def said_hash(claimed: Claimed) -> str:
    """What a message says, whatever its id."""
    call = read_calls(claimed.payload)[0]
    said = as_text(call.params) if isinstance(call, Call) else ""
    return sha256(said.encode()).hexdigest()
