"""Is it working: the last hour, what waits and since when, what needs a person, where orders stand."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.models.jobs import Job
from webapp.models.messages import Message
from webapp.queries.attention import MOST_FAILURES, Attention, is_failed, read_attention
from webapp.queries.frame import Standing, counted, read_standing
from webapp.queries.jobs import lately
from webapp.queries.orders import count_by_export
from webapp.queries.throughput import Slot, last_hour
from webapp.queries.waiting import waiting_since


@dataclass(frozen=True, slots=True)
class Overview:
    """What the Overview says; `exports` counts orders by F20's words, `failed` all failed messages.

    `jobs` are those under way, and those that have ended a moment ago.
    """

    standing: Standing
    attention: Attention
    hour: list[Slot]
    failed: int
    oldest_waiting: datetime | None
    exports: dict[str, int]
    jobs: list[Job]


def read_overview(session: Session) -> Overview:
    """Everything the Overview says, as it is now."""
    failed = select(Message.id).where(is_failed(Message))
    return Overview(
        standing=read_standing(session),
        attention=read_attention(session),
        hour=last_hour(session),
        failed=session.execute(select(counted(failed, MOST_FAILURES))).scalar_one(),
        oldest_waiting=waiting_since(session),
        exports={state.value: many for state, many in count_by_export(session).items()},
        jobs=lately(session),
    )
