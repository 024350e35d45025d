"""Someone holds a lane or a topic, with a reason that stands on every page, and lets it go (F04); audited."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.domain.refusals import Refused
from webapp.domain.schemas import Schema, integer, visible_text
from webapp.flows.registry import INCOMING, OUTGOING
from webapp.messaging import holds
from webapp.messaging.bell import JOBS, LANES, SWEEPS
from webapp.models.accounts import AuditEntry
from webapp.models.messages import Hold

BY_HAND = "by_hand"
LONGEST_REASON = 500
# What can be held, by what it is told by.
NAMES = {
    "lane": tuple(lane for lane in LANES if lane not in (JOBS, SWEEPS)),
    "topic": tuple(sorted({*INCOMING, *OUTGOING})),
}
# What is to be held, and why, as JSON Schema: a lane or a topic.
HELD: Schema = {
    "type": "object",
    "required": ["reason"],
    "properties": {"reason": {"anyOf": [visible_text(LONGEST_REASON), integer()]}},
    "oneOf": [
        {
            "required": [scope],
            "properties": {
                scope: {"enum": [*names]},
                **{other: {"type": "null"} for other in NAMES if other != scope},
            },
        }
        for scope, names in NAMES.items()
    ],
}


def hold(session: Session, scope: str, name: str, reason: str, actor: str) -> Hold:
    """Hold a lane or a topic; one held already gets this reason. Raises `Refused` naming what can't be."""
    if scope not in NAMES:
        raise Refused("scope", "lane or topic", scope)
    if name not in NAMES[scope]:
        raise Refused(scope, "one of " + ", ".join(NAMES[scope]), name)
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= LONGEST_REASON:
        raise Refused("reason", f"a text of 1 to {LONGEST_REASON} characters that says why", reason)
    holds.place(session, scope, name, BY_HAND, reason, actor)
    _note(session, "held", scope, name, actor, reason)
    return session.scalars(
        select(Hold).where(Hold.scope == scope, Hold.name == name, Hold.kind == BY_HAND)
    ).one()


def let_go(session: Session, hold_id: int, actor: str) -> int | None:
    """End a hold by hand; gives how many messages go on, None where there is no such hold."""
    held = session.get(Hold, hold_id)
    if held is None or held.kind != BY_HAND:
        return None
    _note(session, "let go", held.scope, held.name, actor)
    return holds.lift(session, held.scope, held.name, BY_HAND, actor)


def held_by_hand(session: Session) -> list[Hold]:
    """What is held by hand, oldest first."""
    return [one for one in holds.active(session) if one.kind == BY_HAND]


def _note(session: Session, action: str, scope: str, name: str, actor: str, reason: str = "") -> None:
    subject = f"{scope} {name}"
    session.add(AuditEntry(at=clock.now(), actor=actor, action=action, subject=subject, after=reason))
