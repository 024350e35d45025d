"""The queue `retries`: the sweep that rings for whatever is due, and rescues what a dead worker left."""

import structlog

from webapp.flows.registry import handlers
from webapp.messaging.sweep import sweep as run_sweep
from workers import application

log = structlog.get_logger(__name__)


def sweep() -> None:
    """One sweep; says what it found, if anything."""
    with application.current().app_context():
        found = run_sweep(handlers())
    if found["rescued"] or found["held"] or found["released"]:
        log.warning("swept", **found)
