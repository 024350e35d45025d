"""What workers do besides messages and jobs: alerts now, and whatever else comes round by time."""

from collections.abc import Callable

from webapp.flows.prune_journal import prune_journal
from webapp.flows.send_notices import send_notices
from webapp.flows.watch_for_alerts import Words, watch_for_alerts
from webapp.messaging import bell


def look_after(words: Words, stop: Callable[[], bool]) -> None:
    """Do what is due of it."""
    bell.lower(bell.JOBS)
    watch_for_alerts(words)
    send_notices(stop)
    prune_journal(stop)
