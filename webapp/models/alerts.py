"""What people are told of by e-mail and webhook, and the notices that tell them (F04)."""

from datetime import datetime

from sqlalchemy import Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain.states import AlertKind, Channel, Told
from webapp.extensions import Model
from webapp.models.types import BigId, UTCDateTime, Words

KEY_LENGTH = 255


class Alert(Model):
    """Something that needs a person, from when it was seen until it is over.

    `key` tells it from others of its kind: for failures their marks. `since` is when it began, `gone_at` when
    it was first not seen any more. `told` is what was last told of it, `told_at` when, `told_count` how many
    it was then, `reminders` how often it was told that it goes on.
    """

    __tablename__ = "alerts"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[AlertKind] = mapped_column(Words(AlertKind))
    key: Mapped[str] = mapped_column(String(KEY_LENGTH))
    marks: Mapped[str] = mapped_column(Text, default="{}")
    count: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(Text, default="")
    sample: Mapped[str] = mapped_column(String(36), default="")
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    gone_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    over_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    told: Mapped[Told] = mapped_column(Words(Told), default=Told.NOTHING)
    told_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    told_count: Mapped[int] = mapped_column(default=0)
    reminders: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        Index("uq_alerts_open", "kind", "key", unique=True, postgresql_where=text("over_at IS NULL"),
              sqlite_where=text("over_at IS NULL")),
    )  # fmt: skip


class Notice(Model):
    """One e-mail or one call of the webhook, about one or several alerts; kept until it was taken.

    `content` is what it says, as JSON; `next_try_at` null once it has ended: sent, or given up with a reason.
    """

    __tablename__ = "notices"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[str] = mapped_column(String(36), unique=True)
    channel: Mapped[Channel] = mapped_column(Words(Channel))
    content: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reason: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (
        Index("ix_notices_due", "next_try_at", postgresql_where=text("next_try_at IS NOT NULL"),
              sqlite_where=text("next_try_at IS NOT NULL")),
    )  # fmt: skip
