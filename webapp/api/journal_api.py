"""The API Journal for scripts: list, look, send again, set aside (contract: /api/v1/messages; F03, F04)."""

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from webapp.api.answers import answer, read_object
from webapp.api.described import described
from webapp.extensions import csrf, read, transaction
from webapp.flows import mend_many
from webapp.flows.mend_many import CHOSEN, Chosen, choose_by_filter, choose_ids
from webapp.flows.mend_messages import LONGEST_REASON, REASON, replay_one, skip_one
from webapp.queries.jobs import JobJson, job_as_json
from webapp.queries.message_json import MessageJson, MessagePage, message_as_json
from webapp.queries.messages import MARKS, QUERY, MessageFilter, find_message, list_messages
from webapp.queries.paging import PAGE_QUERY, read_page
from webapp.queries.shared_ids import note_shared_id
from webapp.security import actor, needs_scope, refusal
from webapp.store.fields import Fields, checked_text
from webapp.store.refusal import Refused

WHY = {"type": "object", "properties": {"reason": REASON}, "required": ["reason"]}

bp = Blueprint("journal_api", __name__, url_prefix="/api/v1/messages")
csrf.exempt(bp)


@bp.get("")
@needs_scope("messages:read")
@described({200: MessagePage}, query={**PAGE_QUERY, **QUERY})
def show_messages() -> Response:
    """A page of messages, newest first."""
    page = read_page(request.args.get("limit"), request.args.get("cursor"))
    with read() as session:
        found = list_messages(session, MessageFilter.read(request.args), page)
        items = [message_as_json(one, one.attempts) for one in found.messages]
    told: MessagePage = {"items": items, "next": str(found.next_before) if found.next_before else None}
    return answer(told)


@bp.get("/<uuid:uid>")
@needs_scope("messages:read")
@described({200: MessageJson})
def show_message(uid: UUID) -> Response:
    """One message with its tries."""
    with read() as session:
        file = find_message(session, str(uid))
        if file is None:
            return _unknown(uid)
        note = note_shared_id(session, file.message)
        told = message_as_json(file.message, file.attempts, note)
        if file.waits_for is not None:
            told["waits_for"] = file.waits_for.uid
        return answer(told)


@bp.post("/<uuid:uid>/replay")
@needs_scope("messages:write")
@described({202: MessageJson}, refusals=(409,))
def replay_message(uid: UUID) -> Response:
    """Begin a new series of tries."""
    with transaction() as session:
        mended = replay_one(session, str(uid), actor())
    return _mended(uid, mended)


@bp.post("/replay")
@needs_scope("messages:write")
@described({202: JobJson}, takes=CHOSEN, refusals=(404,))
def replay_many() -> Response:
    """Begin a new series of tries on those named, or on all that a filter matches, as a job."""
    body = read_object()
    with transaction() as session:
        job = mend_many.begin(session, mend_many.REPLAY, _chosen(session, body), actor())
        return answer(job_as_json(session, job), 202)


def _chosen(session: Session, body: Mapping[str, object]) -> Chosen:
    given = [name for name in ("ids", "filter") if body.get(name) is not None]
    if len(given) != 1:
        raise Refused("", 'either "ids" or "filter"', dict(body))
    return _by_filter(body["filter"]) if given == ["filter"] else _by_ids(session, body["ids"])


def _by_ids(session: Session, ids: object) -> Chosen:
    if not isinstance(ids, list) or not 0 < len(ids) <= mend_many.MOST_IDS:
        raise Refused("ids", f"a list of 1 to {mend_many.MOST_IDS:,} ids of messages", ids)
    for place, uid in enumerate(ids):
        if not isinstance(uid, str) or not uid.isprintable():
            raise Refused(f"ids[{place}]", "the id of a message in the journal", uid)
    return choose_ids(session, ids)


def _mark(given: Fields, name: str) -> str:
    """A mark as it stands: one that is looked for has no blanks in the place of what no text may have."""
    value = given.values[name]
    if type(value) is int and abs(value) < 2**63:
        return str(value)
    if value is not None and (not isinstance(value, str) or "\0" in value):
        raise given.refuse(name, "a text")
    return value or ""


def _by_filter(marks: object) -> Chosen:
    given = Fields(marks, "filter")
    for name in given.values:
        if name not in MARKS:
            raise Refused(given.at(str(name))[:80], "one of " + ", ".join(MARKS))
    try:
        return choose_by_filter({name: _mark(given, name) for name in given.values})
    except Refused as refused:
        at_mark = refused.field if refused.field.startswith("filter") else given.at(refused.field)
        raise Refused(at_mark, refused.expected, given.values.get(refused.field, marks)) from None


@bp.post("/<uuid:uid>/skip")
@needs_scope("messages:write")
@described({202: MessageJson}, takes=WHY, refusals=(409,))
def skip_message(uid: UUID) -> Response:
    """Set a message aside, with a reason."""
    given = read_object().get("reason", "")
    reason = checked_text(given, "reason", LONGEST_REASON).strip()
    if not reason:
        raise Refused("reason", "a text that says why", given)
    with transaction() as session:
        mended = skip_one(session, str(uid), reason, actor())
    return _mended(uid, mended)


def _mended(uid: UUID, refused: str | None) -> Response:
    with read() as session:
        file = find_message(session, str(uid))
        if file is None:
            return _unknown(uid)
        if refused is not None:
            return refusal(409, "conflict", refused)
        return answer(message_as_json(file.message, file.attempts), 202)


def _unknown(uid: UUID) -> Response:
    return refusal(404, "not_found", f"There is no message {uid} in the journal.")
