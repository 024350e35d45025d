"""Holding a lane or a topic, and letting it go, for scripts (F04)."""

from typing import Any, NotRequired, TypedDict

from flask import Blueprint, Response

from webapp.api.answers import answer, read_object
from webapp.api.described import described
from webapp.extensions import csrf, read, transaction
from webapp.flows import hold_by_hand
from webapp.queries.times_json import Moment, rfc3339
from webapp.security import actor, needs_scope, refusal
from webapp.store.fields import Fields
from webapp.store.refusal import Refused

bp = Blueprint("holds_api", __name__, url_prefix="/api/v1/holds")
csrf.exempt(bp)


class HoldJson(TypedDict):
    """A lane or a topic that is held by hand; `actor` is who holds it."""

    id: int
    lane: NotRequired[str]
    topic: NotRequired[str]
    reason: str
    actor: str
    since: Moment


class HoldList(TypedDict):
    """All that is held by hand."""

    items: list[HoldJson]
    next: None


class LetGoJson(TypedDict):
    """How many messages go on."""

    released: int


@bp.get("")
@needs_scope("messages:read")
@described({200: HoldList})
def show_holds() -> Response:
    """What is held by hand."""
    with read() as session:
        told: HoldList = {"items": [_told(one) for one in hold_by_hand.held_by_hand(session)], "next": None}
        return answer(told)


@bp.post("")
@needs_scope("messages:write")
@described({201: HoldJson}, takes=hold_by_hand.HELD)
def place() -> Response:
    """Hold a lane or a topic, with a reason."""
    given = Fields(read_object())
    scopes = [scope for scope in hold_by_hand.NAMES if given.has(scope)]
    if len(scopes) != 1:
        raise Refused("", 'either "lane" or "topic"', given.values)
    name, reason = given.text(scopes[0]), given.text("reason", longest=hold_by_hand.LONGEST_REASON)
    with transaction() as session:
        return answer(_told(hold_by_hand.hold(session, scopes[0], name, reason, actor())), 201)


@bp.delete("/<int:hold_id>")
@needs_scope("messages:write")
@described({200: LetGoJson})
def end(hold_id: int) -> Response:
    """Let go what it held, in order."""
    with transaction() as session:
        released = hold_by_hand.let_go(session, hold_id, actor()) if hold_id < 2**31 else None
    if released is None:
        return refusal(404, "not_found", f"Nothing is held under the number {hold_id}.")
    told: LetGoJson = {"released": released}
    return answer(told)


def _told(hold: Any) -> HoldJson:
    told: HoldJson = {
        "id": hold.id,
        "reason": hold.reason,
        "actor": hold.actor,
        "since": rfc3339(hold.since),
    }
    if hold.scope == "lane":
        return {**told, "lane": hold.name}
    return {**told, "topic": hold.name}
