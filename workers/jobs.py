"""The queue `jobs`: what comes round by time (alerts, pruning), and long work that people began."""

from webapp.flows.look_after import look_after
from webapp.flows.registry import JOBS
from webapp.messaging.jobs import work
from webapp.pages.words.alerts import alert_letter
from workers import application
from workers.stopping import heeded

SECONDS = 20.0


def drain() -> None:
    """Look after what is due, then go on with the jobs."""
    with heeded() as is_stopping, application.current().app_context():
        look_after(alert_letter, is_stopping)
        work(JOBS, seconds=SECONDS, stop=is_stopping)
