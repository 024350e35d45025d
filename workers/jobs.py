"""The queue `jobs`: long work that people began, batch by batch."""

from webapp.flows.registry import JOBS
from webapp.messaging.jobs import work
from workers import application
from workers.stopping import heeded

SECONDS = 20.0


def drain() -> None:
    """Go on with the jobs that are due."""
    with heeded() as is_stopping, application.current().app_context():
        work(JOBS, seconds=SECONDS, stop=is_stopping)
