"""Every call that came in, in order, with what was answered: what a test or a person looks at."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from webapp.sandbox import clock
from webapp.sandbox.state import Database, State
from webapp.sandbox.wire import Json

KEPT = 20_000
_AT_ONCE = 500


@dataclass(slots=True)
class ReceivedCall:
    """One call; `verdict` is accepted, refused or dropped, `signature` verified, unchecked, wrong or none."""

    path: str
    arrived_at: datetime
    body: bytes
    message_id: str | None = None
    method: str | None = None
    signature: str = "none"
    fault: str | None = None
    verdict: str = "dropped"
    reason: str | None = None
    http_status: int = 0
    answer: bytes = b""
    params: Json | None = None  # while it is dealt with; the body is what is kept


def note_received(db: Database, call: ReceivedCall) -> None:
    """Write it down as answered now, and forget the oldest above KEPT."""
    written = db.execute(
        "INSERT INTO received (arrived_at, answered_at, path, message_id, method, body, signature, fault,"
        " verdict, reason, http_status, answer) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            clock.rfc3339(call.arrived_at),
            clock.rfc3339(clock.now()),
            call.path,
            call.message_id,
            call.method,
            call.body,
            call.signature,
            call.fault,
            call.verdict,
            call.reason,
            call.http_status,
            call.answer,
        ),
    )
    db.execute("DELETE FROM received WHERE seq <= ?", ((written.lastrowid or 0) - KEPT,))


def received_calls(state: State, after: int = 0, limit: int | None = None) -> Iterator[Json]:
    """Calls in order of being dealt with, from the one after `after` on; read in small parts."""
    while limit is None or limit > 0:
        part = _AT_ONCE if limit is None else min(limit, _AT_ONCE)
        with state.transaction() as db:
            rows = db.execute(
                "SELECT * FROM received WHERE seq > ? ORDER BY seq LIMIT ?", (after, part)
            ).fetchall()
        for row in rows:
            told = {**row, "body": _text(row["body"]), "answer": _text(row["answer"])}
            yield {"id": told.pop("message_id"), **told}
        if len(rows) < part:
            return
        after = rows[-1]["seq"]
        limit = None if limit is None else limit - part


def latest_calls(db: Database, count: int) -> list[Json]:
    """The newest calls, newest first, without bodies: for the page."""
    rows = db.execute(
        "SELECT seq, arrived_at, path, message_id, method, signature, fault, verdict, reason, http_status"
        " FROM received ORDER BY seq DESC LIMIT ?",
        (count,),
    )
    return [dict(row) for row in rows]


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")
