"""The running sandbox: its state and the threads that act by themselves."""

import threading
from pathlib import Path

from flask import current_app

from webapp.sandbox.lifecycle import Lifecycle
from webapp.sandbox.sender import Sender
from webapp.sandbox.state import State

DEFAULT_PACE = 2.0


class Sandbox:
    """`start` sets the threads going, `stop` ends them; requests are answered without them too."""

    def __init__(self, home: Path, pace: float) -> None:
        self.state = State(home)
        self.sender = Sender(self.state)
        self.lifecycle = Lifecycle(self.state, self.sender, pace)
        self._hurry = threading.Condition()
        self._hurried = 0

    def start(self) -> None:
        """Send callbacks and let orders go their way from now on."""
        self.sender.start()
        self.lifecycle.start()

    def stop(self) -> None:
        """End all threads and let go of the state; nothing can be asked of it afterwards."""
        self.stop_dawdling()
        self.lifecycle.stop()
        self.sender.stop()
        self.state.close()

    def dawdle(self, seconds: float) -> None:
        """Take that long, unless the faults are cleared or the sandbox stops meanwhile."""
        with self._hurry:
            before = self._hurried
            self._hurry.wait_for(lambda: self._hurried != before, seconds)

    def stop_dawdling(self) -> None:
        """Whoever dawdles goes on at once."""
        with self._hurry:
            self._hurried += 1
            self._hurry.notify_all()


def running() -> Sandbox:
    """The sandbox of the request under way."""
    sandbox: Sandbox = current_app.extensions["sandbox"]
    return sandbox
