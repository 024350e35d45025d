"""Holding a lane or a topic, and letting it go, for scripts (F04)."""

from typing import Any

from flask import Blueprint, Response

from webapp.api.answers import answer, read_object
from webapp.extensions import csrf, read, transaction
from webapp.flows import hold_by_hand
from webapp.queries.order_json import rfc3339
from webapp.security import actor, needs_scope, refusal
from webapp.store.fields import Fields
from webapp.store.refusal import Refused

bp = Blueprint("holds_api", __name__, url_prefix="/api/v1/holds")
csrf.exempt(bp)


@bp.get("")
@needs_scope("messages:read")
def show_holds() -> Response:
    """What is held by hand."""
    with read() as session:
        return answer({"items": [_told(one) for one in hold_by_hand.held_by_hand(session)], "next": None})


@bp.post("")
@needs_scope("messages:write")
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
def end(hold_id: int) -> Response:
    """Let go what it held, in order."""
    with transaction() as session:
        released = hold_by_hand.let_go(session, hold_id, actor()) if hold_id < 2**31 else None
    if released is None:
        return refusal(404, "not_found", f"Nothing is held under the number {hold_id}.")
    return answer({"released": released})


def _told(hold: Any) -> dict[str, Any]:
    return {
        "id": hold.id,
        hold.scope: hold.name,
        "reason": hold.reason,
        "actor": hold.actor,
        "since": rfc3339(hold.since),
    }
