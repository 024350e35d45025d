"""People, API tokens, and the audit trail of what they did."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain.states import Role
from webapp.extensions import Model
from webapp.models.types import BigId, UTCDateTime, Words

__all__ = ["ApiToken", "AuditEntry", "Role", "User"]


class User(Model):
    """Someone who signs in; `session_key` is part of every session cookie, so changing it ends them all."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[Role] = mapped_column(Words(Role))
    session_key: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_seen_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class SignInTry(Model):
    """A sign-in that failed, kept while it counts against the next; who tried is kept as hashes alone.

    `pair` stands for e-mail and address together, `address` for the address.
    """

    __tablename__ = "sign_in_tries"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    pair: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)

    __table_args__ = (
        Index("ix_sign_in_tries_pair", "pair", "at"),
        Index("ix_sign_in_tries_address", "address", "at"),
    )


class ApiToken(Model):
    """A token for the API: shown once, kept as a hash; `scopes` space-separated."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class AuditEntry(Model):
    """Who changed what, from what to what; secrets appear as "set", never as themselves."""

    __tablename__ = "audit_entries"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    actor: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(200), index=True)
    before: Mapped[str] = mapped_column(Text, default="")
    after: Mapped[str] = mapped_column(Text, default="")
