"""Changing settings: all of a change or none of it, with its audit trail (contract: Settings)."""

from collections.abc import Mapping
from datetime import timedelta

import msgspec
from sqlalchemy.orm import Session

from webapp import clock
from webapp.domain.refusals import Refused
from webapp.domain.schemas import Schema
from webapp.domain.setting_kinds import Value
from webapp.domain.settings import DEFINITIONS, Settings, check, definition, read_text_value
from webapp.domain.states import Endpoint
from webapp.flows import see_oms
from webapp.flows.hold_integration import follow_address
from webapp.flows.registry import INCOMING
from webapp.messaging import breaker
from webapp.models.accounts import AuditEntry
from webapp.models.locks import lock_keys
from webapp.models.settings import Setting
from webapp.models.stored_settings import read_settings

MODE_OF = "inbound.mode."
LOCK = "settings"
# What decides how the OMS is reached: changed, it may answer again at once.
REACH = frozenset(("oms.url", "oms.token_url", "oms.ca_file", "oms.allow_addresses", "oms.timeout_seconds"))
BOTH_SECRETS_GOOD = timedelta(hours=1)
# A token is good for whom it was given to, and at the OMS it was given for.
TOKEN_FOR = frozenset({"oms.url", "oms.token_url", "oms.client_id", "oms.client_secret"})


def change_settings(session: Session, changes: Mapping[str, object], actor: str) -> Settings:
    """Check every value, then store them; gives the settings in force after it.

    Raises `Refused` naming the first key that cannot be, with nothing changed.
    """
    checked = {key: _checked(key, value) for key, value in changes.items()}
    # Two changes of one setting at once would both make its row.
    lock_keys(session, [LOCK])
    before = read_settings(session)
    changed = set()
    for key, value in checked.items():
        # What is shown of a secret, sent back as it was, is no new secret.
        if definition(key).secret and value == shown(before, key):
            continue
        if before[key] != (definition(key).default if value is None else value):
            _store(session, key, value)
            _note(session, key, before[key], value, actor)
            changed.add(key)
    session.flush()
    if "oms.url" in changed:
        see_oms.forget(session)
    if changed & TOKEN_FOR:
        see_oms.drop_token(session)
    follow_address(session, actor)
    if changed & REACH:
        breaker.probe_soon(session, Endpoint.OMS)
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


def taken_schema() -> Schema:
    """Which changes can be made, as JSON Schema: every setting there is, and none besides."""
    return {
        "type": "object",
        "properties": {key: {**definition(key).kind.schema} for key in _keys()},
        "additionalProperties": False,
    }


def shown_schema() -> Schema:
    """How settings are shown, as JSON Schema; of a secret only whether it is set."""
    properties: dict[str, Schema] = {}
    for key in _keys():
        secret = definition(key).secret
        properties[key] = {"enum": ["set", None]} if secret else {"type": definition(key).kind.kept}
    return {"type": "object", "properties": properties, "required": list(DEFINITIONS)}


def _keys() -> list[str]:
    return [*DEFINITIONS, *(f"{MODE_OF}{topic}" for topic in sorted(INCOMING))]


def change_one(session: Session, key: str, text: str, actor: str) -> Value:
    """Change one setting as typed, to its default by an empty text; gives it as it may be shown.

    Raises `Refused` naming the key.
    """
    value = read_text_value(key, text) if text.strip() else None
    return shown(change_settings(session, {key: value}, actor), key)


def _checked(key: str, value: object) -> Value:
    topic = key.removeprefix(MODE_OF)
    if topic != key and topic not in INCOMING:
        raise Refused(key[:80], f"{MODE_OF}TOPIC with one of {', '.join(sorted(INCOMING))}", topic)
    return check(key, value)


def _store(session: Session, key: str, value: Value) -> None:
    row = session.get(Setting, key, with_for_update=True)
    if row is None:
        row = Setting(key=key)
        session.add(row)
    row.changed_at = clock.now()
    if not definition(key).secret:
        row.value = msgspec.json.encode(value).decode()
        return
    if not value:
        # Taken away, not replaced: what it signs is good no longer.
        row.previous_secret = row.previous_until = None
    elif row.secret:
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
