"""What is done every so often: whoever moves its time on in the database does it, so two do it once."""

from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from webapp import clock
from webapp.extensions import transaction
from webapp.models.chores import Chore

ALERTS = "alerts"
RETENTION = "retention"
# Chore → how long after the first start it is done for the first time.
FIRST = {ALERTS: timedelta(0), RETENTION: timedelta(minutes=10)}


def take(name: str, every: timedelta) -> bool:
    """Whether this chore is due now, and so ours to do; it is due again after `every` in any case."""
    now = clock.now()
    with transaction() as session:
        _make_sure_of(session, name)
        taken = session.scalars(
            update(Chore)
            .where(Chore.name == name, Chore.due_at <= now)
            .values(due_at=now + every)
            .returning(Chore.name)
        ).all()
    return bool(taken)


def is_any_due(session: Session) -> bool:
    """Whether somebody should look after the chores."""
    later = select(func.count()).where(Chore.name.in_(FIRST), Chore.due_at > clock.now())
    return (session.scalar(later) or 0) < len(FIRST)


def put_off(session: Session, name: str, wait: timedelta, cursor: str | None = None) -> None:
    """Let it be due again in `wait`, and go on from `cursor` then."""
    values: dict[str, object] = {"due_at": clock.now() + wait}
    if cursor is not None:
        values["cursor"] = cursor
    session.execute(update(Chore).where(Chore.name == name).values(values))


def cursor_of(session: Session, name: str) -> str:
    """Where it goes on from, "" at the beginning."""
    return session.scalar(select(Chore.cursor).where(Chore.name == name)) or ""


def _make_sure_of(session: Session, name: str) -> None:
    if session.scalar(select(Chore.name).where(Chore.name == name)) is None:
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        row = {"name": name, "due_at": clock.now() + FIRST[name], "cursor": ""}
        session.execute(dialect.insert(Chore).values(row).on_conflict_do_nothing())
