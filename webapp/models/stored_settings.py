"""Reading the settings in force from the database."""

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.domain.setting_kinds import Value
from webapp.domain.settings import Settings
from webapp.models.settings import Setting


def read_settings(session: Session) -> Settings:
    """All settings as they stand now; a secret replaced less than an hour ago comes along."""
    now = clock.now()
    values: dict[str, Value] = {}
    previous: dict[str, str] = {}
    for row in session.scalars(select(Setting)):
        values[row.key] = row.secret if row.secret is not None else _value(row.value)
        if row.previous_secret and row.previous_until and row.previous_until > now:
            previous[row.key] = row.previous_secret
    return Settings(values, previous)


def _value(text: str | None) -> Value:
    if text is None:
        return None
    value: Value = msgspec.json.decode(text.encode())
    return value
