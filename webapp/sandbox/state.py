"""What the sandbox remembers, in one SQLite file: settings, products, orders, stock, calls, callbacks.

One connection for the process, handed out under a lock: `with state.transaction() as db`. All of a block
is kept or none of it.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from webapp.sandbox import wire

Database = sqlite3.Connection

SCHEMA = """
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS products (sku TEXT PRIMARY KEY, product BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS stock (
    aggregate TEXT, sku TEXT, quantity INTEGER NOT NULL, unlimited INTEGER NOT NULL,
    PRIMARY KEY (aggregate, sku)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS orders (
    id TEXT PRIMARY KEY, seq INTEGER NOT NULL, step INTEGER NOT NULL, stepped_at REAL NOT NULL,
    advancing INTEGER NOT NULL, stop_after TEXT, document BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS orders_to_advance ON orders (stepped_at) WHERE advancing = 1;
CREATE INDEX IF NOT EXISTS orders_by_arrival ON orders (seq);
CREATE TABLE IF NOT EXISTS stops (order_id TEXT PRIMARY KEY, stop_after TEXT);
CREATE TABLE IF NOT EXISTS faults (
    kind TEXT PRIMARY KEY, calls INTEGER, until REAL, options BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS tokens (token TEXT PRIMARY KEY, expires_at REAL);
CREATE TABLE IF NOT EXISTS received (
    seq INTEGER PRIMARY KEY, arrived_at TEXT NOT NULL, answered_at TEXT NOT NULL, path TEXT NOT NULL,
    message_id TEXT, method TEXT, body BLOB NOT NULL, signature TEXT NOT NULL, fault TEXT,
    verdict TEXT NOT NULL, reason TEXT, http_status INTEGER NOT NULL, answer BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS callbacks (
    seq INTEGER PRIMARY KEY, key TEXT NOT NULL, id TEXT, method TEXT NOT NULL, body BLOB NOT NULL,
    forced INTEGER NOT NULL, state TEXT NOT NULL, ready INTEGER NOT NULL, held INTEGER NOT NULL,
    releases INTEGER, due_at REAL NOT NULL, tries INTEGER NOT NULL, made_at TEXT NOT NULL, settled_at TEXT,
    http_status INTEGER, answer BLOB, reason TEXT
);
CREATE INDEX IF NOT EXISTS callbacks_due ON callbacks (due_at) WHERE state = 'waiting' AND ready = 1;
CREATE INDEX IF NOT EXISTS callbacks_of_key ON callbacks (key, seq) WHERE state IN ('waiting', 'sending');
"""
AT_ONCE = 50
TABLES = ("settings", "products", "stock", "orders", "stops", "faults", "tokens", "received", "callbacks")


class State:
    """The SQLite file `sandbox.db` in `home`, which is made where it is missing."""

    def __init__(self, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True)
        path = home / "sandbox.db"
        path.touch(mode=0o600)
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
        self._db.row_factory = sqlite3.Row
        # Outlives the process, not the machine: enough for a sandbox, and many times faster.
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("PRAGMA journal_size_limit = 67108864")
        self._db.executescript(SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[Database]:
        """All that is done inside is kept together; an exception undoes it. Not to be nested."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def forget(self) -> None:
        """Everything, as if freshly made."""
        with self.transaction() as db:
            for table in TABLES:
                db.execute(f"DELETE FROM {table}")  # noqa: S608 - names from the constant above

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()


def read_in_parts(
    state: State, query: str, values: tuple[Any, ...], after: int, limit: int | None
) -> Iterator[sqlite3.Row]:
    """Rows with `seq` above `after`, so many at a time that the memory stays small; at most `limit`.

    `query` ends with two more marks than `values` fill: `seq > ?` and `LIMIT ?`.
    """
    while limit is None or limit > 0:
        part = AT_ONCE if limit is None else min(limit, AT_ONCE)
        with state.transaction() as db:
            rows = db.execute(query, (*values, after, part)).fetchall()
        yield from rows
        if len(rows) < part:
            return
        after = rows[-1]["seq"]
        limit = None if limit is None else limit - part


@contextmanager
def savepoint(db: Database) -> Iterator[None]:
    """Undo only what is inside when it raises, and keep the rest of the transaction."""
    db.execute("SAVEPOINT inside")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK TO inside")
        raise
    finally:
        db.execute("RELEASE inside")


def setting(db: Database, name: str, default: Any = None) -> Any:
    """A value kept under `name`, as it was given."""
    row = db.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
    return wire.read(row["value"]) if row else default


def keep_setting(db: Database, name: str, value: Any) -> None:
    """Keep a value (anything JSON can hold) under `name`."""
    db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, wire.write(value)))
