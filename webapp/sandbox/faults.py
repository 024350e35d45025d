"""Faults switched on by hand, each for a number of calls, for a while, or until it is taken away.

down (the connection closes, nothing is done) · slow (the answer takes `delay` seconds) · http_500 ·
empty_answer (HTTP 200 with nothing in it, nothing is done: so answers a peer that failed) ·
reject (refused, whatever it says; calls of one `method` only, where it is named) · drop_answer (done, and
the connection closes instead of an answer) · duplicate_callbacks · reorder_callbacks (a "call" is then one
callback). All but the last two concern what comes in, calls for a token among it.
"""

from typing import Any

from webapp.sandbox import clock, wire
from webapp.sandbox.state import Database
from webapp.sandbox.wire import Json

_AT_ONCE = ("down", "http_500", "empty_answer")
_ON_ANY_CALL = (*_AT_ONCE, "slow", "drop_answer")
KINDS = (*_ON_ANY_CALL, "reject", "duplicate_callbacks", "reorder_callbacks")

# Longer than a shop waits for a synchronous export, shorter than a call's usual time limit.
DEFAULT_DELAY = 12.0


def set_fault(db: Database, kind: str, calls: int | None, seconds: float | None, options: Json) -> None:
    """From now on; a fault set again starts anew."""
    until = None if seconds is None else clock.timestamp() + seconds
    db.execute("INSERT OR REPLACE INTO faults VALUES (?, ?, ?, ?)", (kind, calls, until, wire.write(options)))


def clear_faults(db: Database) -> None:
    """None stands afterwards."""
    db.execute("DELETE FROM faults")


def standing_faults(db: Database) -> list[Json]:
    """`[{kind, calls, seconds, …options}]`, what is left of each."""
    _drop_expired(db)
    now = clock.timestamp()
    return [
        {
            **wire.read(row["options"]),
            "kind": row["kind"],
            "calls": row["calls"],
            "seconds": None if row["until"] is None else round(row["until"] - now),
        }
        for row in db.execute("SELECT * FROM faults ORDER BY kind")
    ]


def take_fault(db: Database, kind: str, method: str | None = None) -> Json | None:
    """This fault's options where it stands, and one call fewer of it; None where it does not.

    A fault of one method spares, and does not count, the calls of others.
    """
    _drop_expired(db)
    row = db.execute("SELECT * FROM faults WHERE kind = ?", (kind,)).fetchone()
    options: Json = wire.read(row["options"]) if row else {}
    if row is None or options.get("method") not in (None, method):
        return None
    if row["calls"] is not None:
        if row["calls"] <= 1:
            db.execute("DELETE FROM faults WHERE kind = ?", (kind,))
        else:
            db.execute("UPDATE faults SET calls = calls - 1 WHERE kind = ?", (kind,))
    return options


def take_call_faults(db: Database) -> dict[str, Json]:
    """The faults one incoming call meets; what ends it at once spares the others."""
    met: dict[str, Any] = {}
    for kind in _ON_ANY_CALL:
        options = take_fault(db, kind)
        if options is not None:
            met[kind] = options
            if kind in _AT_ONCE:
                break
    return met


def _drop_expired(db: Database) -> None:
    db.execute("DELETE FROM faults WHERE until <= ?", (clock.timestamp(),))
