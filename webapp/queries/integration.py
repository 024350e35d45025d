"""How the integration stands, as seen and not as configured (F01), and the settings in force."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, defer

from webapp.domain.settings import Settings, definition
from webapp.domain.states import Channel, Endpoint, ExportState
from webapp.models.alerts import Notice
from webapp.models.breakers import Breaker, BreakerChange
from webapp.models.messages import Hold, Message
from webapp.models.orders import Order
from webapp.models.settings import Connection
from webapp.models.stored_settings import read_settings
from webapp.queries.frame import MOST_WAITING, Standing, counted, read_standing
from webapp.queries.waiting import waiting_since

LOOKED_AT = 10_000
OUTAGES = 20
_open_at_the_oms = (Breaker.endpoint == Endpoint.OMS, Breaker.opened_at.is_not(None))


@dataclass(frozen=True, slots=True)
class Integration:
    """The status card: what was seen of the OMS, and what waits for it.

    `registration` is the newest registration's message; `disabled_since` when it was disabled, by whom is
    in `standing.disabled`. `notices` is the newest notice by the way it went (`email`, `webhook`). `breakers`
    are the open ones, `outages` what opened and closed, newest first.
    """

    standing: Standing
    seen: Connection
    registration: Message | None
    disabled_since: datetime | None
    oldest_waiting: datetime | None
    notices: dict[str, Notice]
    settings: Settings
    breakers: list[Breaker]
    outages: list[BreakerChange]


@dataclass(frozen=True, slots=True)
class Choices:
    """What the settings' forms need to know: order statuses seen, with how many orders wait in each.

    `covered` is how many orders wait although their status is one that exports, up to `MOST_WAITING`.
    """

    settings: Settings
    waiting_by_status: dict[str, int]
    covered: int


def read_integration(session: Session, registration_topic: str) -> Integration:
    """The status card as it is now."""
    disabled = select(Hold.since).where(Hold.kind == "disabled").order_by(Hold.id).limit(1)
    newest = select(Message).where(Message.topic == registration_topic).order_by(Message.id.desc()).limit(1)
    seen = session.get(Connection, "oms")
    return Integration(
        standing=read_standing(session),
        seen=seen or Connection(endpoint="oms", registered_topics="", registration_error=""),
        registration=session.scalar(newest.options(defer(Message.payload), defer(Message.answer))),
        disabled_since=session.scalar(disabled),
        oldest_waiting=waiting_since(session),
        notices=_newest_notices(session),
        settings=read_settings(session),
        breakers=list(session.scalars(select(Breaker).where(*_open_at_the_oms).order_by(Breaker.opened_at))),
        outages=list(session.scalars(select(BreakerChange).order_by(BreakerChange.id.desc()).limit(OUTAGES))),
    )


def _newest_notices(session: Session) -> dict[str, Notice]:
    newest = select(Notice).order_by(Notice.created_at.desc(), Notice.id.desc()).limit(1)
    each = {channel.value: session.scalar(newest.where(Notice.channel == channel)) for channel in Channel}
    return {way: notice for way, notice in each.items() if notice is not None}


def read_choices(session: Session) -> Choices:
    """What the settings' forms are filled with."""
    settings = read_settings(session)
    waiting = (
        select(Order.status).where(Order.export_state == ExportState.WAITING).limit(LOOKED_AT).subquery()
    )
    status, many = waiting.c.status, func.count().label("many")
    by_status = session.execute(select(status, many).group_by(status))
    covered = select(Order.id).where(*is_covered(settings))
    return Choices(
        settings=settings,
        waiting_by_status={row.status: row.many for row in by_status},
        covered=session.execute(select(counted(covered, MOST_WAITING))).scalar_one(),
    )


def is_covered(settings: Settings) -> tuple[ColumnElement[bool], ...]:
    """Orders that wait although their status is now one that exports (F15)."""
    return (
        Order.export_state == ExportState.WAITING,
        Order.export_message_id.is_(None),
        Order.status.in_(settings.codes("orders.export_statuses")),
        Order.state != "canceled",
    )


def consequence_of(key: str) -> str:
    """The sentence that says what follows from a setting."""
    return definition(key).consequence
