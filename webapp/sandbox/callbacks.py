"""What the sandbox has to say, kept until it is said: a queue in the state, in order within a key.

waiting → sending → delivered | refused | unsubscribed, and back to waiting when it is to be tried again. The
body is written once, so every try sends the same bytes under the same id. The key is the order (or
aggregate) a callback is about; faults may repeat callbacks or let one overtake another of its key: `held` is
then 1 while the overtaken waits for its successor, 2 once that is on its way.
"""

import uuid
from collections.abc import Iterator

from webapp.sandbox import clock, dialects
from webapp.sandbox.faults import take_fault
from webapp.sandbox.keeping import keep_newest
from webapp.sandbox.state import Database, State, read_in_parts
from webapp.sandbox.wire import Json

_LISTED = (
    "SELECT seq, key, id, method, body, state, tries, made_at, settled_at, http_status, answer, reason"
    " FROM callbacks WHERE (key = ? OR ? IS NULL) AND seq > ? ORDER BY seq LIMIT ?"
)
# Longer than an order takes to its next step, so that there is something to be overtaken by.
_HELD_SECONDS = 10.0
_EMPTY_BODY_EVERY = 10
_FIRST_RETRY_SECONDS = 0.25
_LAST_RETRY_SECONDS = 5.0


def say(db: Database, key: str, method: str, params: Json) -> int:
    """Queue a callback in the dialect in force; its number in the queue."""
    dialect = dialects.dialect_in_force(db)
    message_id = str(uuid.uuid4())
    body = dialects.render_call(dialect, method, params, message_id)
    seq = _queue_in_turn(db, key, message_id, method, body)
    if take_fault(db, "duplicate_callbacks") is not None:
        _queue(db, key, message_id, method, body)
        another = str(uuid.uuid4())
        _queue(db, key, another, method, dialects.render_call(dialect, method, params, another))
    if dialect.sends_empty_bodies and seq % _EMPTY_BODY_EVERY == 0:
        _queue(db, "empty body", None, "", b"")
    return seq


def say_raw(db: Database, body: bytes, method: str, message_id: str | None, key: str | None = None) -> int:
    """Queue these bytes as they are, subscribed to or not; without a key, in no order with any other."""
    seq = _queue(db, key or str(uuid.uuid4()), message_id, method, body)
    db.execute("UPDATE callbacks SET forced = 1 WHERE seq = ?", (seq,))
    return seq


def _queue_in_turn(db: Database, key: str, message_id: str, method: str, body: bytes) -> int:
    """As the newest of its key; while callbacks are reordered, every other one waits for its successor."""
    held = db.execute(
        "SELECT seq FROM callbacks WHERE key = ? AND state = 'waiting' AND held = 1", (key,)
    ).fetchone()
    seq = _queue(db, key, message_id, method, body)
    if held is not None:
        db.execute("UPDATE callbacks SET ready = 1, releases = ? WHERE seq = ?", (held["seq"], seq))
        db.execute("UPDATE callbacks SET held = 2 WHERE seq = ?", (held["seq"],))
    elif take_fault(db, "reorder_callbacks") is not None:
        due_at = clock.timestamp() + _HELD_SECONDS
        db.execute("UPDATE callbacks SET held = 1, due_at = ? WHERE seq = ?", (due_at, seq))
    return seq


def _queue(db: Database, key: str, message_id: str | None, method: str, body: bytes) -> int:
    behind = db.execute(
        "SELECT 1 FROM callbacks WHERE key = ? AND state IN ('waiting', 'sending') LIMIT 1", (key,)
    ).fetchone()
    now = clock.now()
    written = db.execute(
        "INSERT INTO callbacks (key, id, method, body, forced, state, ready, held, due_at, tries, made_at)"
        " VALUES (?, ?, ?, ?, 0, 'waiting', ?, 0, ?, 0, ?)",
        (key, message_id, method, body, behind is None, now.timestamp(), clock.rfc3339(now)),
    )
    seq = written.lastrowid or 0
    keep_newest(db, "callbacks", seq)
    return seq


def newest_callback(db: Database) -> int:
    """The number of the last one queued, 0 before any."""
    return int(db.execute("SELECT coalesce(max(seq), 0) FROM callbacks").fetchone()[0])


def claim_callback(db: Database) -> Json | None:
    """The next one due, now `sending`; None where none is."""
    row = db.execute(
        "SELECT * FROM callbacks WHERE state = 'waiting' AND ready = 1 AND due_at <= ?"
        " ORDER BY due_at, seq LIMIT 1",
        (clock.timestamp(),),
    ).fetchone()
    if row is None:
        return None
    db.execute(
        "UPDATE callbacks SET state = 'sending', held = 0, tries = tries + 1 WHERE seq = ?", (row["seq"],)
    )
    return dict(row)


def seconds_to_next(db: Database) -> float | None:
    """How long until one is due; None where none waits."""
    due = db.execute("SELECT min(due_at) FROM callbacks WHERE state = 'waiting' AND ready = 1").fetchone()[0]
    return None if due is None else max(0.0, due - clock.timestamp())


def settle_callback(db: Database, callback: Json, state: str, outcome: Json) -> None:
    """It is over: delivered, refused or unsubscribed. The next of its key may go.

    `outcome`: `{http_status, answer, reason}`, each may be None.
    """
    if not _note(db, callback, state, outcome):
        return
    db.execute(
        "UPDATE callbacks SET ready = 1 WHERE seq ="
        " (SELECT min(seq) FROM callbacks WHERE key = ? AND state IN ('waiting', 'sending'))",
        (callback["key"],),
    )
    if callback["releases"] is not None:
        db.execute(
            "UPDATE callbacks SET held = 0, due_at = ? WHERE seq = ? AND state = 'waiting'",
            (clock.timestamp(), callback["releases"]),
        )


def retry_callback(db: Database, callback: Json, outcome: Json) -> None:
    """Try it again later, ever later up to a few seconds; what is behind it in its key waits."""
    wait = min(_LAST_RETRY_SECONDS, _FIRST_RETRY_SECONDS * 2 ** min(callback["tries"], 10))
    if _note(db, callback, "waiting", outcome):
        due_at = clock.timestamp() + wait
        db.execute("UPDATE callbacks SET due_at = ? WHERE seq = ?", (due_at, callback["seq"]))


def _note(db: Database, callback: Json, state: str, outcome: Json) -> bool:
    """Whether it is still there: all may be forgotten while one is on its way, and numbers begin anew."""
    settled_at = None if state == "waiting" else clock.rfc3339(clock.now())
    told = (state, settled_at, outcome["http_status"], outcome["answer"], outcome["reason"])
    noted = db.execute(
        "UPDATE callbacks SET state = ?, settled_at = ?, http_status = ?, answer = ?, reason = ?"
        " WHERE seq = ? AND made_at = ?",
        (*told, callback["seq"], callback["made_at"]),
    )
    return noted.rowcount > 0


def release_held(db: Database) -> None:
    """Let go at once what a reordering held back."""
    db.execute(
        "UPDATE callbacks SET held = 0, due_at = ? WHERE state = 'waiting' AND held > 0", (clock.timestamp(),)
    )


def take_back_unsettled(db: Database) -> None:
    """After a restart: what was being sent has an unknown outcome and goes out again."""
    db.execute("UPDATE callbacks SET state = 'waiting' WHERE state = 'sending'")


def retry_now(db: Database) -> None:
    """Whatever waits for a next try is due now (the peer has registered anew)."""
    db.execute("UPDATE callbacks SET due_at = ? WHERE state = 'waiting' AND held = 0", (clock.timestamp(),))


def callback_states(db: Database) -> dict[str, int]:
    """How many are in each state."""
    rows = db.execute("SELECT state, count(*) FROM callbacks GROUP BY state")
    return {row[0]: row[1] for row in rows}


def list_callbacks(state: State, key: str | None, after: int = 0, limit: int | None = None) -> Iterator[Json]:
    """All that are kept, in the order they were made, with body and answer as text."""
    for row in read_in_parts(state, _LISTED, (key, key), after, limit):
        yield {**row, "body": row["body"].decode("utf-8", "replace"), "answer": _text(row["answer"])}


def is_settled(db: Database, seq: int) -> bool:
    """Whether it is over for this one."""
    row = db.execute("SELECT state FROM callbacks WHERE seq = ?", (seq,)).fetchone()
    return row is None or row["state"] not in ("waiting", "sending")


def _text(answer: bytes | None) -> str | None:
    return None if answer is None else answer.decode("utf-8", "replace")
