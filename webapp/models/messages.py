"""The API Journal: messages either way, their tries, their changes of state, and holds.

The outbox and the inbox are the same table (house rules 1 to 6). Only `messaging/settlement` and
`messaging/claims` change a message's state.
"""

from datetime import datetime

from sqlalchemy import Float, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.domain.states import Direction, Endpoint, MessageStatus
from webapp.extensions import Model
from webapp.models.jobs import Job
from webapp.models.types import BigId, UTCDateTime, Words, index_where_set

ACTOR_LENGTH = 200
CAUSE_LENGTH = 80


class Message(Model):
    """One call to or from a far side.

    `uid` is the id people and the API use, and for an outgoing call also the JSON-RPC id, the same on
    every resend; `wire_id` is what the sender of an incoming call gave. `key` is direction + endpoint +
    business key, the unit of order; `position` is the place within the key (the message's own id unless
    inherited from one it supersedes). `is_open` is true while the message holds back those behind it.
    `next_try_at` is null while it waits for one ahead of it. `expires_at` is when the 48 hours end while
    they run; `window_left` the seconds left when they last stood still. `payload` is the body, byte for
    byte; `once` the inbox's unique key (message id + body hash).
    """

    __tablename__ = "messages"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[str] = mapped_column(String(36), unique=True)
    wire_id: Mapped[str | None] = mapped_column(String(200), index=True)
    once: Mapped[str | None] = mapped_column(String(64), unique=True)
    direction: Mapped[Direction] = mapped_column(Words(Direction))
    endpoint: Mapped[Endpoint] = mapped_column(Words(Endpoint))
    lane: Mapped[str] = mapped_column(String(20))
    topic: Mapped[str] = mapped_column(String(120))
    key: Mapped[str] = mapped_column(String(200))
    position: Mapped[int | None] = mapped_column(BigId)
    status: Mapped[MessageStatus] = mapped_column(Words(MessageStatus))
    is_open: Mapped[bool] = mapped_column(default=True)
    blocks_key: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(Text, default="")
    cause: Mapped[str] = mapped_column(String(CAUSE_LENGTH), default="")
    actor: Mapped[str] = mapped_column(String(ACTOR_LENGTH), default="")
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)
    tries: Mapped[int] = mapped_column(default=0)
    series_tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_tried_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    next_try_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    window_left: Mapped[float] = mapped_column(Float, default=0.0)
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    claim_token: Mapped[str | None] = mapped_column(String(36))
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    order_number: Mapped[str | None] = mapped_column(String(64))
    superseded_by: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"))

    attempts: Mapped[list["Attempt"]] = relationship(order_by="Attempt.number", viewonly=True)
    transitions: Mapped[list["Transition"]] = relationship(order_by="Transition.id", viewonly=True)

    __table_args__ = (
        # What it needs to be told that none of a million may go while a breaker is open, or which may.
        Index("ix_messages_due", "lane", "next_try_at", "id", "expires_at", "endpoint", "direction",
              postgresql_where=text("status IN ('pending','retrying')"),
              sqlite_where=text("status IN ('pending','retrying')")),
        Index("ix_messages_open_key", "key", func.coalesce(text("position"), text("id")), "id",
              postgresql_where=text("is_open"), sqlite_where=text("is_open = 1")),
        Index("ix_messages_lease", "lease_until", postgresql_where=text("status = 'in_flight'"),
              sqlite_where=text("status = 'in_flight'")),
        # Of the failed ones, all that tells them apart: so that counting them by cause reads nothing else.
        Index("ix_messages_failed", "is_open", "topic", "direction", "endpoint", "cause", "settled_at",
              "status", "id", postgresql_where=text("status = 'failed'"),
              sqlite_where=text("status = 'failed'")),
        Index("ix_messages_key", "key", "id"),
        Index("ix_messages_status", "status", "id"),
        Index("ix_messages_topic", "topic", "id"),
        Index("ix_messages_order", "order_number", "id"),
        Index("ix_messages_settled", "settled_at"),
        index_where_set("ix_messages_superseded_by", "superseded_by"),
    )  # fmt: skip


class Attempt(Model):
    """One try: recorded when the message is claimed, outcome unknown (null) until settled.

    `struck` marks a try that was given back unsent, and so was none.
    """

    __tablename__ = "attempts"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    number: Mapped[int]
    token: Mapped[str] = mapped_column(String(36))
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    verdict: Mapped[str | None] = mapped_column(String(20))
    struck: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(Text, default="")
    cause: Mapped[str] = mapped_column(String(CAUSE_LENGTH), default="")
    http_status: Mapped[int | None]
    duration_ms: Mapped[int | None]
    request_headers: Mapped[bytes | None] = mapped_column(LargeBinary)
    answer_headers: Mapped[bytes | None] = mapped_column(LargeBinary)
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)

    __table_args__ = (Index("ix_attempts_message", "message_id", "number"),)


class Transition(Model):
    """A change of state that no try explains: held, released, skipped, superseded, replayed.

    `job_id` is the job that made it, where one did.
    """

    __tablename__ = "transitions"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    before: Mapped[MessageStatus] = mapped_column(Words(MessageStatus))
    after: Mapped[MessageStatus] = mapped_column(Words(MessageStatus))
    actor: Mapped[str] = mapped_column(String(ACTOR_LENGTH))
    reason: Mapped[str] = mapped_column(Text)
    job_id: Mapped[int | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"))

    job: Mapped[Job | None] = relationship(viewonly=True)

    __table_args__ = (
        Index("ix_transitions_job", "job_id", "message_id", postgresql_where=text("job_id IS NOT NULL"),
              sqlite_where=text("job_id IS NOT NULL")),
    )  # fmt: skip


class Hold(Model):
    """Outgoing messages of a far side, a lane or a topic that wait until it is lifted.

    `scope` is `endpoint`, `lane` or `topic`; `name` the one meant; `kind` why (`disabled`, `no_address`,
    `by_hand`).
    """

    __tablename__ = "holds"

    id: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(String(ACTOR_LENGTH))
    since: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (UniqueConstraint("scope", "name", "kind"),)
