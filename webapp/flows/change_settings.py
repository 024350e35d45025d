"""Changing settings: all of a change or none of it, with its audit trail (contract: Settings)."""

from collections.abc import Mapping
from datetime import timedelta

import msgspec
from sqlalchemy.orm import Session

from webapp import clock
from webapp.domain.settings import DEFINITIONS, Settings, Value, check, definition, read_text_value
from webapp.flows.hold_integration import follow_address
from webapp.models.accounts import AuditEntry
from webapp.models.settings import Setting
from webapp.models.stored_settings import read_settings

BOTH_SECRETS_GOOD = timedelta(hours=1)


def change_settings(session: Session, changes: Mapping[str, object], actor: str) -> Settings:
    """Check every value, then store them; gives the settings in force after it.

    Raises `Refused` naming the first key that cannot be, with nothing changed.
    """
    checked = {key: check(key, value) for key, value in changes.items()}
    before = read_settings(session)
    for key, value in checked.items():
        if before[key] != value:
            _store(session, key, value)
            _note(session, key, before[key], value, actor)
    session.flush()
    follow_address(session, actor)
    return read_settings(session)


def shown(settings: Settings, key: str) -> Value:
    """A setting as it may be shown: of a secret only whether it is set."""
    if definition(key).secret:
        return "set" if settings.is_set(key) else None
    return settings[key]


def all_shown(session: Session) -> dict[str, Value]:
    """Every setting as it may be shown, topics with a mode of their own too."""
    settings = read_settings(session)
    return {key: shown(settings, key) for key in [*DEFINITIONS, *settings.topic_modes()]}


def change_one(session: Session, key: str, text: str, actor: str) -> Value:
    """Change one setting as typed; gives it as it may be shown. Raises `Refused` naming the key."""
    return shown(change_settings(session, {key: read_text_value(key, text)}, actor), key)


def _store(session: Session, key: str, value: Value) -> None:
    row = session.get(Setting, key, with_for_update=True)
    if row is None:
        row = Setting(key=key)
        session.add(row)
    row.changed_at = clock.now()
    if not definition(key).secret:
        row.value = msgspec.json.encode(value).decode()
        return
    if row.secret:
        row.previous_secret, row.previous_until = row.secret, clock.now() + BOTH_SECRETS_GOOD
    row.secret, row.value = (str(value), None) if value else (None, "null")


def _note(session: Session, key: str, before: Value, after: Value, actor: str) -> None:
    secret = definition(key).secret
    session.add(
        AuditEntry(
            at=clock.now(),
            actor=actor,
            action="setting changed",
            subject=key,
            before=_told(before, secret=secret),
            after=_told(after, secret=secret),
        )
    )


def _told(value: Value, *, secret: bool) -> str:
    if secret:
        return "set" if value else "not set"
    return "" if value is None else value if isinstance(value, str) else msgspec.json.encode(value).decode()
