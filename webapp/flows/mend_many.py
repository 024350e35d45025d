"""Many messages sent again or set aside: all that a filter matches, or those named, as a job (F04).

Counted first; then worked through in the order of their ids, each once. What has changed since it was
counted is passed over: what failed again meanwhile, too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.domain.refusals import Refused
from webapp.domain.schemas import Schema
from webapp.domain.states import Direction, Endpoint, MessageStatus
from webapp.flows.mend_messages import Mended, replay_these, skip_these
from webapp.messaging import jobs
from webapp.messaging.jobs import Step, Unable
from webapp.messaging.replay import ENDED
from webapp.models.accounts import AuditEntry
from webapp.models.jobs import Job
from webapp.models.messages import Message
from webapp.queries.messages import FILTER_MARKS, TURNED_AWAY, MessageFilter

REPLAY = "messages.replay"
SKIP = "messages.skip"
BATCH = 200
MOST_IDS = 5_000
# Which messages, as JSON Schema: a filter tells them apart by one mark at least.
CHOSEN: Schema = {
    "type": "object",
    "oneOf": [
        {
            "required": ["ids"],
            "properties": {
                "ids": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": MOST_IDS},
                "filter": {"type": "null"},
            },
        },
        {"required": ["filter"], "properties": {"filter": FILTER_MARKS, "ids": {"type": "null"}}},
    ],
}
ACTIONS = {REPLAY: "messages replayed", SKIP: "messages skipped"}


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which messages: those with these ids (UUIDs), or all that `filter` matches (marks as in an address)."""

    ids: tuple[str, ...] = ()
    filter: Mapping[str, str] | None = None

    def as_data(self) -> dict[str, Any]:
        """The same as JSON."""
        return {"ids": list(self.ids)} if self.filter is None else {"filter": dict(self.filter)}


def choose_ids(session: Session, ids: Sequence[str]) -> Chosen:
    """These messages, each once; raises `Refused` naming the first that is none of the journal's."""
    known = set(session.scalars(select(Message.uid).where(Message.uid.in_(ids))))
    for place, uid in enumerate(ids):
        if uid not in known:
            raise Refused(f"ids[{place}]", "the id of a message in the journal", uid)
    return Chosen(ids=tuple(dict.fromkeys(ids)))


def choose_by_filter(given: Mapping[str, str]) -> Chosen:
    """All that a filter matches; raises `Refused` for one that can't be, and for one that says nothing."""
    marks = MessageFilter.read(given).as_given()
    if not marks:
        raise Refused("filter", "at least one mark to tell messages by, such as status or topic", given)
    return Chosen(filter=marks)


def count_by_status(session: Session, kind: str, chosen: Chosen) -> dict[MessageStatus, int]:
    """How many messages that would be, by where they stand now."""
    rows = session.execute(
        select(Message.status, func.count().label("many"))
        .where(*_which(session, kind, chosen))
        .group_by(Message.status)
    )
    return {row.status: row.many for row in rows}


def begin(
    session: Session, kind: str, chosen: Chosen, actor: str, *, reason: str = "", rings: bool = True
) -> Job:
    """Write the job down, and in the audit trail who wants it done to how many."""
    total = sum(count_by_status(session, kind, chosen).values())
    about = chosen.as_data() | ({"reason": reason} if reason else {})
    job = jobs.begin(session, kind, about, total, actor, rings=rings)
    session.add(
        AuditEntry(
            at=clock.now(),
            actor=actor,
            action=ACTIONS[kind],
            subject=f"job {job.uid}",
            before=msgspec.json.encode(chosen.as_data()).decode(),
            after=f"{total} messages" + (f": {reason}" if reason else ""),
        )
    )
    return job


def replay_batch(session: Session, job: Job) -> Step:
    """Send the next few again (job kind `messages.replay`)."""
    return _batch(session, job, lambda ids: replay_these(session, ids, job.actor, job_id=job.id))


def skip_batch(session: Session, job: Job) -> Step:
    """Set the next few aside (job kind `messages.skip`)."""
    reason = str(msgspec.json.decode(job.about)["reason"])
    return _batch(session, job, lambda ids: skip_these(session, ids, reason, job.actor, job_id=job.id))


def _batch(session: Session, job: Job, mend: Any) -> Step:
    found = _next(session, job)
    if not found:
        return Step(over=True)
    mended: Mended = mend([row.id for row in found])
    uids = {row.id: row.uid for row in found}
    unable = [Unable(uids[one], why) for one, why in sorted(mended.refused.items())]
    last = found[-1].id
    return Step(len(mended.done), unable, cursor=str(last), over=len(found) < BATCH)


def _next(session: Session, job: Job) -> Sequence[Any]:
    about = msgspec.json.decode(job.about)
    chosen = Chosen(tuple(about.get("ids", ())), about.get("filter"))
    return session.execute(
        select(Message.id, Message.uid)
        .where(
            *_which(session, job.kind, chosen, counted_at=job.created_at), Message.id > int(job.cursor or 0)
        )
        .order_by(Message.id)
        .limit(BATCH)
    ).all()


def _which(
    session: Session, kind: str, chosen: Chosen, counted_at: datetime | None = None
) -> list[ColumnElement[bool]]:
    """The chosen messages as SQL; of a filter's, those this can be done to, as they were when counted."""
    if chosen.filter is None:
        return [Message.uid.in_(chosen.ids)]
    which = MessageFilter.read(chosen.filter).conditions(session)
    if kind == REPLAY:
        which += [Message.status.in_(ENDED), _was_taken_in()]
    else:
        which.append(Message.status == MessageStatus.FAILED)
    return which if counted_at is None else [*which, Message.settled_at <= counted_at]


def _was_taken_in() -> ColumnElement[bool]:
    """Not turned away as it came: then there is something to do again."""
    turned_away = or_(*(Message.cause.startswith(one, autoescape=True) for one in TURNED_AWAY))
    return or_(Message.direction == Direction.OUT, (Message.endpoint != Endpoint.STORE) & ~turned_away)
