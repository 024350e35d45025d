"""Holding what goes to the OMS while it has no address or is disabled, and letting it go (F01)."""

from sqlalchemy.orm import Session

from webapp import clock
from webapp.messaging import holds
from webapp.models.accounts import AuditEntry
from webapp.models.stored_settings import read_settings

OMS = ("endpoint", "oms")
DISABLED = "disabled"
NO_ADDRESS = "no_address"
NO_ADDRESS_REASON = "No OMS address is set. Enter it on the Integration page."


def follow_address(session: Session, actor: str) -> None:
    """Hold what goes to the OMS while `oms.url` is not set; let it go once it is."""
    held = any(hold.kind == NO_ADDRESS for hold in holds.active(session))
    has_address = read_settings(session).is_set("oms.url")
    if not has_address and not held:
        holds.place(session, *OMS, NO_ADDRESS, NO_ADDRESS_REASON, actor)
    elif has_address and held:
        holds.lift(session, *OMS, NO_ADDRESS, actor)


def is_disabled(session: Session) -> bool:
    """Whether the integration is disabled: callbacks get 503, outgoing messages are held."""
    return any(hold.kind == DISABLED for hold in holds.active(session))


def disable(session: Session, actor: str) -> None:
    """Hold everything that goes to the OMS and refuse its callbacks for now."""
    if not is_disabled(session):
        holds.place(session, *OMS, DISABLED, f"The integration is disabled (by {actor}).", actor)
        _note(session, "integration disabled", actor)


def enable(session: Session, actor: str) -> int:
    """End a disable and let everything go, in order; gives how many messages."""
    if not is_disabled(session):
        return 0
    _note(session, "integration enabled", actor)
    return holds.lift(session, *OMS, DISABLED, actor)


def _note(session: Session, action: str, actor: str) -> None:
    session.add(AuditEntry(at=clock.now(), actor=actor, action=action, subject="integration"))
