"""Exporting an order while the store waits for the OMS's word (F16).

The store never waits longer than the limit, nor on more than half of the server's threads, nor on an OMS
whose breaker is open: past any of these the order is simply queued, and whatever is under way is finished
and settled in the background.
"""

from collections.abc import Sequence
from concurrent.futures import Future, wait
from threading import Lock, Thread

import structlog
from flask import Flask, current_app

from webapp.domain.settings import Settings
from webapp.domain.states import Endpoint
from webapp.extensions import current_config, read
from webapp.flows.export_order import LANE
from webapp.flows.send_now import send_now
from webapp.messaging import breaker

log = structlog.get_logger(__name__)


class _Waiting:
    """How many threads of this server wait on the OMS now."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._count = 0

    def enter(self, most: int) -> bool:
        with self._lock:
            if self._count >= most:
                return False
            self._count += 1
            return True

    def leave(self) -> None:
        with self._lock:
            self._count -= 1


_waiting = _Waiting()


def export_now(message_ids: Sequence[int], settings: Settings) -> None:
    """Send these messages (one order's, in order) within the time limit; returns when settled or past it."""
    if not message_ids or _is_paused() or not _waiting.enter(max(1, current_config().web_threads // 2)):
        return
    seconds = settings.number("orders.sync_timeout_seconds")
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # the object behind the proxy
    done: Future[None] = Future()

    def work() -> None:
        try:
            with app.app_context():
                send_now(message_ids, seconds)
        except Exception:
            # Failure policy: the order is kept and queued, so a worker sends it; only the waiting ends.
            log.exception("export_now_failed")
        finally:
            done.set_result(None)

    try:
        Thread(target=work, name="export-now", daemon=True).start()
        wait([done], timeout=seconds)
    finally:
        _waiting.leave()


def _is_paused() -> bool:
    """A store is not made to wait on an OMS that does not answer."""
    with read() as session:
        return breaker.is_open(session, Endpoint.OMS, LANE)
