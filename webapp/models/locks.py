"""The only row and key locks in the code, and their order: a job, then orders, then message keys, then rows.

Several of a kind are taken sorted.
On SQLite a transaction is the only writer there is, so it holds every lock already.
"""

from collections.abc import Iterable

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from webapp.domain.told_ids import as_number
from webapp.models.jobs import Job
from webapp.models.orders import Order

# PostgreSQL keeps room for some 6,400 locks in all, shared by everybody (64 for each of 100 connections).
MOST_AT_ONCE = 2_000


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _take(session: Session, names: Iterable[str]) -> None:
    wanted = sorted(set(names))
    if len(wanted) > MOST_AT_ONCE:
        raise ValueError(
            f"one transaction may hold {MOST_AT_ONCE} locks of a kind, and {len(wanted)} were asked for"
        )
    if wanted and _is_postgresql(session):
        # A function in FROM gives its rows in the array's order, and the locks are taken row by row.
        session.execute(
            text(
                "SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) "
                "FROM unnest(CAST(:names AS text[])) AS name"
            ),
            {"names": wanted},
        )


def lock_job(session: Session, job_id: int) -> Job | None:
    """Hold one job, as it is under the lock, to the end of the transaction."""
    return session.scalar(
        select(Job).where(Job.id == job_id).with_for_update().execution_options(populate_existing=True)
    )


def _order_name(number: str) -> str:
    # A number told without the zeros before it holds the order it may stand for.
    return f"order:{as_number(number)}"


def lock_order(session: Session, increment_id: str) -> Order | None:
    """Hold one order, whether it is here already or not, to the end of the transaction.

    Gives it as it is under the lock, whatever this session had read of it before.
    """
    _take(session, [_order_name(increment_id)])
    return session.scalar(
        select(Order)
        .where(Order.increment_id == increment_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


def lock_orders(session: Session, increment_ids: Iterable[str]) -> None:
    """Hold several orders, whether they are here or not; nothing of them is read."""
    _take(session, map(_order_name, increment_ids))


def lock_keys(session: Session, keys: Iterable[str]) -> None:
    """Hold message keys: who publishes into a key, and who settles in it, does so one at a time."""
    _take(session, (f"key:{key}" for key in keys))


def try_keys(session: Session, keys: Iterable[str]) -> set[str]:
    """Hold those of the keys that nobody else holds now, without waiting; gives those held."""
    wanted = sorted(set(keys))
    if not _is_postgresql(session) or not wanted:
        return set(wanted)
    rows = session.execute(
        text(
            "SELECT name FROM unnest(CAST(:names AS text[])) AS name "
            "WHERE pg_try_advisory_xact_lock(hashtextextended('key:' || name, 0))"
        ),
        {"names": wanted},
    )
    return {row.name for row in rows}
