"""Someone ends a job before it is through; what it did stays done; audited."""

from sqlalchemy.orm import Session

from webapp import clock
from webapp.messaging.jobs import cancel
from webapp.models.accounts import AuditEntry
from webapp.models.jobs import Job


def cancel_job(session: Session, job: Job, actor: str) -> bool:
    """End it; False where it has ended by itself. Its row is as it then is."""
    if not cancel(session, job.id, actor):
        return False
    session.add(
        AuditEntry(
            at=clock.now(),
            actor=actor,
            action="job cancelled",
            subject=f"job {job.uid}",
            after=f"{job.done + job.failed} of {job.total}",
        )
    )
    return True
