"""What stands around every page: how the integration is, and how much of what needs a person.

Asked for on every page, so each figure is one look into an index, and counting stops early.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, literal_column, select, union
from sqlalchemy.orm import Session

from webapp.domain.states import Endpoint, ExportState, MessageStatus
from webapp.models.breakers import Breaker
from webapp.models.messages import Hold, Message
from webapp.models.orders import Order
from webapp.models.settings import Connection
from webapp.models.stored_settings import read_settings

# Counting stops here: a page says "10,000+" and "99+".
MOST_WAITING = 10_000
MOST_NEEDS = 100
# So many of the oldest retrying messages tell since when the OMS is silent.
LOOKED_AT = 200
WAITING = (MessageStatus.PENDING, MessageStatus.IN_FLIGHT, MessageStatus.RETRYING)
# Causes of silence: no connection, TLS, time-out, and a gateway's word that nobody is behind it (F05).
SILENCE = (
    "oms.timeout", "oms.no_answer", "oms.no_connection", "oms.connection_refused", "oms.unknown_name",
    "oms.unreachable", "oms.tls", "oms.address_refused", "oms.http_502", "oms.http_503", "oms.http_504",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """How the integration stands, as far as every page says it.

    `waiting`, `held` and the needs are counted up to their limits. `silent_since` is when the OMS stopped
    answering, None while it answers; `paused` are the lanes nothing is sent to it in until it does (F05).
    `holds_by_hand` are (scope, name, why).
    """

    url: str
    has_secret: bool
    requires_signature: bool
    registered: bool
    registration_error: str
    disabled: str
    holds_by_hand: tuple[tuple[str, str, str], ...]
    waiting: int
    held: int
    last_message_at: datetime | None
    silent_since: datetime | None
    paused: tuple[str, ...]
    orders_in_need: int
    messages_in_need: int


def read_standing(session: Session) -> Standing:
    """How the integration stands now."""
    settings = read_settings(session)
    seen = session.get(Connection, "oms")
    holds = list(session.scalars(select(Hold).order_by(Hold.id)))
    waiting, held, orders, messages = session.execute(
        select(
            counted(_messages(WAITING), MOST_WAITING),
            counted(_messages([MessageStatus.HELD]), MOST_WAITING),
            counted(_orders_in_need(), MOST_NEEDS),
            counted(_messages([MessageStatus.FAILED]), MOST_NEEDS),
        )
    ).one()
    breakers = session.scalars(
        select(Breaker).where(Breaker.endpoint == Endpoint.OMS, Breaker.opened_at.is_not(None))
    ).all()
    last = [at for at in (seen.last_in_at, seen.last_out_at) if at] if seen else []
    return Standing(
        url=settings.text("oms.url"),
        has_secret=settings.is_set("oms.secret"),
        requires_signature=settings.flag("oms.require_signature"),
        registered=seen is not None and seen.registered_at is not None,
        registration_error=seen.registration_error if seen is not None else "",
        disabled=next((hold.reason for hold in holds if hold.kind == "disabled"), ""),
        holds_by_hand=tuple((hold.scope, hold.name, hold.reason) for hold in holds if hold.kind == "by_hand"),
        waiting=waiting,
        held=held,
        last_message_at=max(last, default=None),
        silent_since=silent_since(session, seen.last_out_at if seen else None)
        or min((one.opened_at for one in breakers if one.opened_at), default=None),
        paused=tuple(sorted(one.lane for one in breakers)),
        orders_in_need=orders,
        messages_in_need=messages,
    )


def silent_since(session: Session, last_out_at: datetime | None) -> datetime | None:
    """Since when the OMS has not answered: a call it took ends a silence; None while it answers."""
    oldest = (
        select(Message.sent_at, Message.last_tried_at, Message.cause)
        .where(Message.status == MessageStatus.RETRYING)
        .order_by(Message.id)
        .limit(LOOKED_AT)
        .subquery()
    )
    silent = session.execute(select(oldest).where(oldest.c.cause.in_(SILENCE))).all()
    if last_out_at is not None:
        silent = [row for row in silent if row.last_tried_at > last_out_at]
    began = min((row.sent_at for row in silent), default=None)
    return max(began, last_out_at) if began and last_out_at else began


def counted(rows: Select[int], most: int) -> ColumnElement[int]:
    """How many rows there are, counted no further than one above `most`."""
    return select(func.count()).select_from(rows.limit(most + 1).subquery()).scalar_subquery()


def _messages(statuses: Iterable[MessageStatus]) -> Select[int]:
    return select(Message.id).where(Message.status.in_(list(statuses)))


def _orders_in_need() -> Select[int]:
    """Orders that failed, wait for review, or of which the OMS says something a person must see to."""
    each = [select(Order.id).where(where).limit(MOST_NEEDS + 1).subquery() for where in in_need()]
    found = union(*(select(one.c.id) for one in each)).subquery()
    return select(found.c.id)


def in_need() -> tuple[ColumnElement[bool], ...]:
    """Why an order needs a person: not exported, to be looked at, held for review."""
    return (Order.export_state == ExportState.FAILED, needs_attention(), held_for_review())


def needs_attention() -> ColumnElement[bool]:
    """Orders of which the OMS says something a person must see to; written out, so that the index serves."""
    return Order.attention != literal_column("''")


def held_for_review() -> ColumnElement[bool]:
    """Orders that were to go out, and were not written as a message (F17)."""
    return (Order.export_state == ExportState.QUEUED) & Order.export_message_id.is_(None)
