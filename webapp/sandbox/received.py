"""Every call that came in, in order, with what was answered: what a test or a person looks at."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.sandbox import clock
from webapp.sandbox.keeping import keep_newest
from webapp.sandbox.state import Database, State, read_in_parts
from webapp.sandbox.wire import Json

_LISTED = "SELECT * FROM received WHERE seq > ? ORDER BY seq LIMIT ?"


@dataclass(slots=True)
class ReceivedCall:
    """One call, written down when it comes and again when it is answered.

    `verdict`: under way, accepted, refused or dropped; `signature`: verified, unchecked, wrong or none.
    """

    path: str
    arrived_at: datetime
    body: bytes
    seq: int = 0
    message_id: str | None = None
    method: str | None = None
    signature: str = "none"
    fault: str | None = None
    verdict: str = "under way"
    reason: str | None = None
    http_status: int = 0
    answer: bytes = b""
    unwritten: bytes | None = None  # answered instead, and not to be written down
    # While it is dealt with; the body is what is kept. `problem` says why it is no JSON.
    document: Any = None
    problem: str | None = None
    params: Json | None = None


def note_arrival(db: Database, call: ReceivedCall) -> None:
    """Write down that it is here, in its place among all calls; the oldest beyond a limit are forgotten."""
    written = db.execute(
        "INSERT INTO received (arrived_at, answered_at, path, message_id, method, body, signature, fault,"
        " verdict, reason, http_status, answer) VALUES (?, '', ?, ?, ?, ?, ?, ?, ?, NULL, 0, x'')",
        (
            clock.rfc3339(call.arrived_at),
            call.path,
            call.message_id,
            call.method,
            call.body,
            call.signature,
            call.fault,
            call.verdict,
        ),
    )
    call.seq = written.lastrowid or 0
    keep_newest(db, "received", call.seq)


def note_answer(db: Database, call: ReceivedCall) -> None:
    """Write down what became of it and what it is answered with, now; unless all was forgotten meanwhile."""
    db.execute(
        "UPDATE received SET answered_at = ?, signature = ?, fault = ?, verdict = ?, reason = ?,"
        " http_status = ?, answer = ? WHERE seq = ? AND arrived_at = ?",
        (
            clock.rfc3339(clock.now()),
            call.signature,
            call.fault,
            call.verdict,
            call.reason,
            call.http_status,
            call.answer,
            call.seq,
            clock.rfc3339(call.arrived_at),
        ),
    )


def received_calls(state: State, after: int = 0, limit: int | None = None) -> Iterator[Json]:
    """Calls in the order they came, from the one after `after` on.

    `answered_at` is null while a call is under way.
    """
    for row in read_in_parts(state, _LISTED, (), after, limit):
        told = {**row, "body": _text(row["body"]), "answer": _text(row["answer"])}
        yield {"id": told.pop("message_id"), **told, "answered_at": row["answered_at"] or None}


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
