"""Long pieces of work that people begin: how far each is, and what could not be done (contract: jobs)."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain.states import JobState
from webapp.extensions import Model
from webapp.models.types import BigId, UTCDateTime, Words

KIND_LENGTH = 40
SUBJECT_LENGTH = 255


class Job(Model):
    """One piece of work, done in batches; what is done, and where the next begins, is committed with each.

    `kind` is AREA.WHAT (`messages.replay`); `about` what it is over, as JSON; `cursor` where the next batch
    begins, in the kind's own terms. `done` and `failed` count things, `batches` what was committed together;
    `rate` is things a minute, lately. `due_at` is when a worker may go on with it (null once it has ended);
    `faults` how often in a row one has failed to.
    """

    __tablename__ = "jobs"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[str] = mapped_column(String(36), unique=True)
    kind: Mapped[str] = mapped_column(String(KIND_LENGTH))
    state: Mapped[JobState] = mapped_column(Words(JobState))
    actor: Mapped[str] = mapped_column(String(200))
    about: Mapped[str] = mapped_column(Text)
    cursor: Mapped[str] = mapped_column(String(255), default="")
    total: Mapped[int] = mapped_column(BigId)
    done: Mapped[int] = mapped_column(BigId, default=0)
    failed: Mapped[int] = mapped_column(BigId, default=0)
    batches: Mapped[int] = mapped_column(default=0)
    rate: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    faults: Mapped[int] = mapped_column(default=0)
    claim_token: Mapped[str | None] = mapped_column(String(36))
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)

    __table_args__ = (
        Index("ix_jobs_due", "due_at", "id", postgresql_where=text("due_at IS NOT NULL"),
              sqlite_where=text("due_at IS NOT NULL")),
        Index("ix_jobs_finished", "finished_at"),
    )  # fmt: skip


class JobError(Model):
    """One thing a job could not do: which (`subject`), in which field of it, and why."""

    __tablename__ = "job_errors"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    subject: Mapped[str] = mapped_column(String(SUBJECT_LENGTH))
    field: Mapped[str] = mapped_column(String(120), default="")
    reason: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_job_errors_job", "job_id", "id"),)
