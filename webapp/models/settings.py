"""Settings as stored, and what was seen of the registration with the OMS."""

from datetime import datetime

from sqlalchemy import LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.extensions import Model
from webapp.models.types import Encrypted, UTCDateTime


class Setting(Model):
    """One setting that differs from its default: `value` as JSON, or `secret` encrypted.

    A replaced secret stays good until `previous_until`, so that both sides can change over.
    """

    __tablename__ = "settings"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[str | None] = mapped_column(Text)
    secret: Mapped[str | None] = mapped_column(Encrypted)
    previous_secret: Mapped[str | None] = mapped_column(Encrypted)
    previous_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Connection(Model):
    """What was seen of a far side (F01): one row an endpoint.

    `registered_version` is the connector's version the OMS last took (F02); `clock_skew` seconds by
    which its clock is ahead of ours; the token is the one all workers share, `token_lease_until` who
    is fetching a new one.
    """

    __tablename__ = "connections"

    endpoint: Mapped[str] = mapped_column(String(20), primary_key=True)
    registered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    registered_version: Mapped[str | None] = mapped_column(String(40))
    registered_url: Mapped[str | None] = mapped_column(Text)
    registered_topics: Mapped[str] = mapped_column(Text, default="")
    registration_error: Mapped[str] = mapped_column(Text, default="")
    registration_answer: Mapped[bytes | None] = mapped_column(LargeBinary)
    last_out_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_in_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    clock_skew: Mapped[int | None]
    token: Mapped[str | None] = mapped_column(Encrypted)
    token_expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    token_lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
