"""Circuit breakers: how often in a row a far side was silent, lane by lane, and since when (F05)."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain.states import Endpoint
from webapp.extensions import Model
from webapp.models.types import BigId, UTCDateTime, Words


class Breaker(Model):
    """One far side in one lane, the same for all workers; `opened_at` is null while it is closed.

    `failures` are the silences in a row, `reason` is what was said of the last. `probe_at` is when one
    message may try again, while it is open.
    """

    __tablename__ = "breakers"

    endpoint: Mapped[Endpoint] = mapped_column(Words(Endpoint), primary_key=True)
    lane: Mapped[str] = mapped_column(String(20), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(Text, default="")
    opened_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    probe_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class BreakerChange(Model):
    """A breaker that opened, or closed, and why."""

    __tablename__ = "breaker_changes"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    endpoint: Mapped[Endpoint] = mapped_column(Words(Endpoint))
    lane: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    opened: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_breaker_changes_at", "at"),)
