"""The leases of what a worker has in its hands, begun anew by a thread of their own while it works."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from threading import Event, Thread
from types import TracebackType
from typing import Self

import structlog
from flask import Flask, current_app

from webapp import clock
from webapp.messaging import claims
from webapp.messaging.claims import Claimed

log = structlog.get_logger(__name__)

# Often enough that a message of the batch has a whole call's time left whenever its turn comes.
RENEW_SECONDS = claims.LEASE_MARGIN_SECONDS / 4


class Leases:
    """Keeps the leases of messages alive, each as long as the longest call may take and a margin."""

    def __init__(self, call_seconds: float) -> None:
        self.length: timedelta = claims.lease_for(call_seconds)
        self._call_seconds = call_seconds
        self._app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # behind the proxy
        self._held: dict[int, Claimed] = {}
        self._until: dict[int, datetime] = {}
        self._over = Event()
        self._thread = Thread(target=self._keep, name="leases", daemon=True)

    def hold(self, batch: Sequence[Claimed]) -> None:
        """Keep these from now on."""
        self._held.update((one.id, one) for one in batch)

    def let_go(self, settled: Iterable[Claimed]) -> None:
        """These need no lease any more."""
        for one in settled:
            self._held.pop(one.id, None)
            self._until.pop(one.id, None)

    def outlasts_a_call(self, claimed: Claimed) -> bool:
        """Whether this claim's lease, as last renewed, has longer to run than a call may take."""
        until = self._until.get(claimed.id, claimed.lease_until)
        return (until - clock.now()).total_seconds() > self._call_seconds

    def renew(self) -> None:
        """Begin all leases anew."""
        held = list(self._held.values())
        until = clock.now() + self.length
        self._until.update(dict.fromkeys(claims.renew(held, until), until))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _keep(self) -> None:
        while not self._over.wait(RENEW_SECONDS):
            with self._app.app_context():
                try:
                    self.renew()
                except Exception:
                    # Failure policy: a renewal that fails once costs nothing; the next one is due soon.
                    log.warning("lease_not_renewed", exc_info=True)
