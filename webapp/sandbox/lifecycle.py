"""Orders that go their way by themselves: created → statuses → shipment → complete, a step at a time."""

import logging
import sqlite3
import threading

from webapp.sandbox import clock
from webapp.sandbox.fulfilment import complete_order, mark_lines, ship, tell_created, tell_status
from webapp.sandbox.order_book import HeldOrder, due_orders, find_order, keep_order
from webapp.sandbox.sender import Sender
from webapp.sandbox.state import Database, State, setting

# Each step, the reason told with it, and what it makes of the goods.
_STATUSES = {
    "RECEIVED": ("IMPORTED", None),
    "APPROVED": (None, "ALLOCATEDSHIP"),
    "LOGISTICS": ("READYTOSHIP", "RECEIVEDBYLOGISTICS"),
    "PICKREADY": (None, "PICKREADY"),
    "PICKCONFIRMED": (None, "PICKCONFIRMED"),
    "LOGISTICSCOMPLETE": (None, None),
}
STEPS = (
    "created",
    "RECEIVED",
    "APPROVED",
    "LOGISTICS",
    "PICKREADY",
    "PICKCONFIRMED",
    "SHIPPED",
    "LOGISTICSCOMPLETE",
    "COMPLETE",
)
STOPS = ("accepted", *STEPS)
_OVER = ("COMPLETE", "CANCELLED", "REJECTED", "ABORTED")
_TO_THE_PARCEL = STEPS[3:7]
_AT_ONCE = 100

_log = logging.getLogger(__name__)


def advance(db: Database, held: HeldOrder) -> None:
    """Take the order's next step and say so; without anything to ship, logistics is passed over."""
    while _is_passed_over(held, STEPS[held.step]):
        held.step += 1
    if not may_go_on(held):
        held.advancing = False
        keep_order(db, held)
        return
    step = STEPS[held.step]
    if step == "created":
        tell_created(db, held)
    elif step == "SHIPPED":
        ship(db, held, held.open_lines("PHYSICAL"), None)
    elif step == "COMPLETE":
        complete_order(db, held)
    else:
        reason, line_status = _STATUSES[step]
        date = held.next_date()
        if line_status is not None:
            mark_lines(held.open_lines("PHYSICAL", "BUNDLE"), line_status, None, date)
        tell_status(db, held, step, reason, date)
    held.step = STEPS.index(step) + 1
    held.advancing = may_go_on(held)
    keep_order(db, held)


def _is_passed_over(held: HeldOrder, step: str) -> bool:
    if step == "LOGISTICSCOMPLETE":
        return not held.shipments
    return step in _TO_THE_PARCEL and not held.open_lines("PHYSICAL")


def may_go_on(held: HeldOrder) -> bool:
    """Whether there is a next step that its stop allows; what is over by hand takes none."""
    last = STEPS.index(held.stop_after) if held.stop_after in STEPS else len(STEPS) - 1
    is_over = held.order["status"] in _OVER
    return held.stop_after != "accepted" and held.step <= last and not is_over


class Lifecycle:
    """The thread that takes the steps, `pace` seconds between two of one order."""

    def __init__(self, state: State, sender: Sender, pace: float) -> None:
        self.pace = pace
        self._state = state
        self._sender = sender
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="lifecycle", daemon=True)

    def start(self) -> None:
        """Begin; orders of a former run go on where they stood."""
        self._thread.start()

    def stop(self) -> None:
        """End after the step under way."""
        self._stopping.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                took = self._advance_due()
            except sqlite3.OperationalError:
                # Failure policy: a full or locked disk passes; the steps were undone and come again.
                _log.exception("no step could be taken")
                took = 0
            if took:
                self._sender.wake()
            if took < _AT_ONCE:
                self._stopping.wait(max(0.02, min(self.pace / 4, 0.25)))

    def _advance_due(self) -> int:
        with self._state.transaction() as db:
            if not setting(db, "auto", True):
                return 0
            due = due_orders(db, clock.timestamp() - self.pace, _AT_ONCE)
            for order_id in due:
                held = find_order(db, order_id)
                if held is not None:
                    advance(db, held)
            return len(due)
