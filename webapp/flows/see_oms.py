"""What is seen of the OMS: when it last called, when it last took a call, how its clock goes (F01).

All of it is one row, which every worker and every callback would write: so it is written now and then.
"""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from webapp import clock
from webapp.domain.states import Endpoint
from webapp.models.settings import Connection

OMS = Endpoint.OMS.value
NOTED_EVERY = timedelta(seconds=5)


def is_call_to_be_noted(session: Session) -> bool:
    """Whether it is a while since a call of the OMS was noted."""
    last = session.scalar(select(Connection.last_in_at).where(Connection.endpoint == OMS))
    return last is None or abs(clock.now() - last) >= NOTED_EVERY


def note_call_in(session: Session) -> None:
    """The OMS has called, and proved that it was the OMS."""
    make_sure_of_row(session)
    session.execute(update(Connection).where(Connection.endpoint == OMS).values(last_in_at=clock.now()))


def note_call_out(session: Session, at: datetime, skew: float | None) -> None:
    """The OMS has taken a call; `skew` is by how many seconds its clock is ahead, None if it did not say."""
    make_sure_of_row(session)
    seen: dict[str, object] = {"last_out_at": at}
    if skew is not None:
        # A clock a year off is off; a larger number would say no more.
        seen["clock_skew"] = round(max(-31_536_000.0, min(skew, 31_536_000.0)))
    session.execute(update(Connection).where(Connection.endpoint == OMS).values(seen))


def forget(session: Session) -> None:
    """What was seen was seen of another OMS: of the one at the new address nothing is known yet."""
    columns = (
        *("registered_at", "registered_version", "registered_url", "registration_answer"),
        *("last_out_at", "last_in_at", "clock_skew"),
    )
    nothing = {**dict.fromkeys(columns), "registered_topics": "", "registration_error": ""}
    session.execute(update(Connection).where(Connection.endpoint == OMS).values(nothing))


def drop_token(session: Session) -> None:
    """Forget the token of all workers: the next call fetches a new one."""
    nothing = {"token": None, "token_expires_at": None}
    session.execute(update(Connection).where(Connection.endpoint == OMS).values(nothing))


def make_sure_of_row(session: Session) -> None:
    """The row is there from here on, whoever else makes it at the same time."""
    if session.scalar(select(Connection.endpoint).where(Connection.endpoint == OMS)) is None:
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        row = {"endpoint": OMS, "registered_topics": "", "registration_error": ""}
        session.execute(dialect.insert(Connection).values(row).on_conflict_do_nothing())
