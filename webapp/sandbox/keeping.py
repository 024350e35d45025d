"""How much of the past is kept, so that a sandbox that runs for weeks does not fill the disk.

Calls and callbacks: the newest 20,000 of each, and of those as many as fit into 256 MB. Orders: the newest
200,000; what still moves, or is still to be said, stays.
"""

from typing import Literal

from webapp.sandbox.state import Database

KEPT = 20_000
KEPT_BYTES = 256 * 1024 * 1024
KEPT_ORDERS = 200_000
# Weighing takes a look at every row, so not for each of them.
_WEIGHED_EVERY = 200

_OVER = {"received": "1", "callbacks": "state NOT IN ('waiting', 'sending')"}


def keep_newest(
    db: Database, table: Literal["received", "callbacks"], newest: int, kept_bytes: int = KEPT_BYTES
) -> None:
    """Forget what is too old or, now and then, too much; `newest` is the number just given."""
    _forget(db, table, newest - KEPT)
    if newest % _WEIGHED_EVERY:
        return
    heavy = db.execute(
        "SELECT max(seq) FROM (SELECT seq, sum(length(body) + coalesce(length(answer), 0))"  # noqa: S608 - one of two
        f" OVER (ORDER BY seq DESC) AS weight FROM {table}) WHERE weight > ?",
        (kept_bytes,),
    ).fetchone()[0]
    if heavy is not None:
        _forget(db, table, heavy)


def _forget(db: Database, table: str, up_to: int) -> None:
    db.execute(f"DELETE FROM {table} WHERE seq <= ? AND {_OVER[table]}", (up_to,))  # noqa: S608 - as above


def keep_newest_orders(db: Database, newest: int, kept: int = KEPT_ORDERS) -> None:
    """Forget orders too old that take no more steps; `newest` is the number just given."""
    db.execute("DELETE FROM orders WHERE seq <= ? AND advancing = 0", (newest - kept,))
