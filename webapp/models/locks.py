"""The only row and key locks in the code, and their order: orders first, then message keys, each sorted.

On SQLite a transaction is the only writer there is, so it holds every lock already.
"""

from collections.abc import Iterable

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from webapp.models.orders import Order


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _take(session: Session, names: Iterable[str]) -> None:
    if _is_postgresql(session):
        for name in sorted(set(names)):
            session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})


def lock_order(session: Session, increment_id: str) -> Order | None:
    """Hold one order, whether it is here already or not, to the end of the transaction."""
    _take(session, [f"order:{increment_id}"])
    return session.scalar(select(Order).where(Order.increment_id == increment_id).with_for_update())


def lock_orders(session: Session, increment_ids: Iterable[str]) -> dict[str, Order]:
    """Hold several orders, in the fixed order; gives those that are here by their numbers."""
    numbers = sorted(set(increment_ids))
    _take(session, (f"order:{number}" for number in numbers))
    found = session.scalars(select(Order).where(Order.increment_id.in_(numbers)).with_for_update())
    return {order.increment_id: order for order in found}


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
