"""Calls that do not prove to come from the OMS: written down, but a flood of them fills no database.

The first ones of an hour have a row each; those beyond them are one row, whose tries are their number.
"""

from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.domain.outcome import Outcome, Verdict
from webapp.domain.states import Direction
from webapp.extensions import transaction
from webapp.messaging.journal import NewMessage, count_settled, record_settled
from webapp.models.messages import Message
from webapp.queries.attention import is_failed

log = structlog.get_logger(__name__)

CAUSE: Final = "oms.signature"
TOPIC: Final = "unreadable"
ONE_BY_ONE: Final = 20
# Its beginning is enough to see what it was.
KEPT: Final = 16 * 1024


def turn_away(raw: bytes, why: str, actor: str) -> None:
    """Write down a call that proves nothing, and why it does not."""
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    new = NewMessage(TOPIC, "status_updates", "signature", raw[:KEPT])
    with transaction() as session:
        if _written_down(session, hour) < ONE_BY_ONE:
            outcome = Outcome(Verdict.INVALID, why, cause=CAUSE)
            record_settled(session, new, Direction.IN, outcome, actor, failed=True)
        else:
            words = f"{why} Beyond the first {ONE_BY_ONE} of this hour such calls are only counted, as tries."
            outcome = Outcome(Verdict.INVALID, words, cause=CAUSE)
            count_settled(session, new, outcome, actor, under=f"{CAUSE} {hour.isoformat()}")
    log.warning("callback_refused", topic=TOPIC, cause=CAUSE, reason=why[:500])


def _written_down(session: Session, since: datetime) -> int:
    """How many calls of this hour have a row, counted no further than it matters."""
    some = (
        select(Message.id)
        .where(
            is_failed(Message),
            Message.is_open.is_(False),
            Message.topic == TOPIC,
            Message.direction == Direction.IN,
            Message.cause == CAUSE,
            Message.settled_at >= since,
            Message.settled_at < since + timedelta(hours=1),
        )
        .limit(ONE_BY_ONE)
    )
    return session.execute(select(func.count()).select_from(some.subquery())).scalar_one()
