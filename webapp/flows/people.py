"""People and tokens: who may sign in, and which scripts may call (contract: Roles, scopes)."""

import re
import secrets
from collections.abc import Sequence

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.domain.refusals import Refused
from webapp.domain.states import Role
from webapp.extensions import current_config
from webapp.models.accounts import ApiToken, AuditEntry, User
from webapp.security import SCOPES, hash_password, hash_token, new_token

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 1_000
LONGEST_EMAIL = 254


def add_user(session: Session, email: str, password: str, role: Role, actor: str) -> User:
    """Add a person, or give one who is here a new password and role; raises `Refused` naming the field."""
    address = email.strip().lower()
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", address) or len(address) > LONGEST_EMAIL:
        raise Refused("email", "an e-mail address", email)
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Refused("password", f"at least {SHORTEST_PASSWORD} characters", f"{len(password)} characters")
    user = session.scalar(select(User).where(User.email == address))
    action = "user changed"
    if user is None:
        user, action = User(email=address, created_at=clock.now()), "user added"
        session.add(user)
    user.password_hash, user.role = hash_password(password), role
    # A new key ends every session begun under the old password.
    user.session_key = secrets.token_hex(16)
    if action == "user changed":
        _forget_generated_password(session, address)
    _note(session, actor, action, address, role.value)
    return user


def _forget_generated_password(session: Session, email: str) -> None:
    """Once the first admin has another password, the generated one is kept nowhere."""
    config = current_config()
    if email == config.admin_email.strip().lower():
        event.listen(
            session, "after_commit", lambda _: config.admin_password_file.unlink(missing_ok=True), once=True
        )


def add_token(session: Session, name: str, scopes: Sequence[str], actor: str) -> str:
    """Make an API token and give it, this once; raises `Refused` naming the field."""
    title = name.strip()
    if not title or len(title) > 100:
        raise Refused("name", "a name of at most 100 characters", name)
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise Refused("scope", "one or more of " + ", ".join(SCOPES), unknown[0] if unknown else "")
    if session.scalar(select(ApiToken.id).where(ApiToken.name == title)) is not None:
        raise Refused("name", "a name no other token has", name)
    token = new_token()
    session.add(
        ApiToken(
            name=title,
            token_hash=hash_token(token),
            scopes=" ".join(sorted(set(scopes))),
            created_at=clock.now(),
        )
    )
    _note(session, actor, "token added", title, " ".join(scopes))
    return token


def _note(session: Session, actor: str, action: str, subject: str, after: str) -> None:
    session.add(AuditEntry(at=clock.now(), actor=actor, action=action, subject=subject, after=after))
