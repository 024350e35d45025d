"""What every queue's job does: drain its lane in an app context, by the handlers of `flows/registry`."""

from webapp.flows.registry import handlers
from webapp.messaging.drain import drain
from workers import application
from workers.stopping import heeded


def drain_lane(lane: str) -> None:
    """Work the lane until it is empty, its time is up, or the worker is asked to stop."""
    with heeded() as is_stopping, application.current().app_context():
        drain(lane, handlers(), stop=is_stopping)
