"""gunicorn's threaded worker, with an end to its patience: no peer may keep a thread by being slow.

As it comes, a thread waits for the rest of a request for as long as its sender likes: as many half requests
as there are threads, and nobody is served any more.
"""

import socket
import threading
import time
from contextlib import suppress
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

# By how much sooner the head of a request has to be in than all of it.
HEAD_IN = 6


class PatientWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    """Cuts off whoever has not sent a request's head in 5 s, or all of it in 30 s (half of `timeout`).

    Only reading ends: a request that is all here is worked on and answered, however long that takes.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # By thread: what it reads from, and when that is due.
        self._due: dict[int, tuple[TConn, float]] = {}

    def handle(self, conn: TConn) -> Any:
        """Read a request and answer it, in a thread of its own."""
        me = threading.get_ident()
        self._due[me] = conn, time.monotonic() + self.timeout / HEAD_IN
        try:
            return super().handle(conn)
        finally:
            self._due.pop(me, None)

    def wait_for_body(self) -> None:
        """The head of this thread's request is in: the rest has longer."""
        me = threading.get_ident()
        self._due[me] = self._due[me][0], time.monotonic() + self.timeout

    def murder_pending(self) -> None:
        """Once a second, in the main thread: end the reading that is overdue."""
        super().murder_pending()
        now = time.monotonic()
        for conn, due in list(self._due.values()):
            if due < now:
                with suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RD)
