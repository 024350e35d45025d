"""What a call leads to before its message can be settled, done aside while other calls go on."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import structlog
from flask import Flask, current_app

from webapp.domain.outcome import Outcome
from webapp.messaging.claims import Claimed
from webapp.messaging.recording import named_in_logs
from webapp.messaging.sending import Pair, fault

log = structlog.get_logger(__name__)

THREADS = 4


class Aside:
    """Further questions about messages, each answered in a thread of its own with an app context."""

    def __init__(self) -> None:
        self._app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # behind the proxy
        self._threads: ThreadPoolExecutor | None = None
        self._asked: dict[Future[Outcome], Claimed] = {}

    def ask(self, claimed: Claimed, question: Callable[[], Outcome], answered: Callable[[], None]) -> None:
        """Let the answer decide what became of the message; `answered` is called once it is there."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="aside")
        future = self._threads.submit(self._answer, claimed, question)
        self._asked[future] = claimed
        future.add_done_callback(lambda _: answered())

    def ended(self) -> list[Pair]:
        """What has been answered since."""
        done = [one for one in self._asked if one.done()]
        return [(self._asked.pop(one), one.result()) for one in done]

    def close(self) -> None:
        """Wait for what is being asked."""
        if self._threads is not None:
            self._threads.shutdown()

    def _answer(self, claimed: Claimed, question: Callable[[], Outcome]) -> Outcome:
        with self._app.app_context(), named_in_logs(claimed):
            try:
                return question()
            except Exception as error:
                # Failure policy: an error of ours is no verdict; it is tried again on F05's schedule.
                log.exception("send_failed")
                return fault(error)
