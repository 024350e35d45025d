"""Status → word, shape and tone: told apart by the shape alone, then by the word, then by colour.

A shape is a symbol of static/icons.svg, a tone a `tone-…` class of static/css/parts.css. Nothing has the
tone `fail` unless a person must act.
"""

from dataclasses import dataclass
from typing import Literal

Tone = Literal["ok", "wait", "retry", "fail", "held", "skip"]


@dataclass(frozen=True, slots=True)
class Badge:
    """What stands for a status: `shape` an icon's name, `tone` its colour, `word` what it is called."""

    word: str
    shape: str
    tone: Tone


_MESSAGE = {
    "pending": Badge("Waiting", "wait", "wait"),
    "retrying": Badge("Retrying", "retry", "retry"),
    "failed": Badge("Failed", "fail", "fail"),
    "held": Badge("Held", "held", "held"),
    "superseded": Badge("Superseded", "skip", "skip"),
    "skipped": Badge("Skipped", "skip", "skip"),
}
_MESSAGE_BY_DIRECTION = {
    ("in_flight", "out"): Badge("Sending", "move", "wait"),
    ("in_flight", "in"): Badge("Applying", "move", "wait"),
    ("succeeded", "out"): Badge("Delivered", "done", "ok"),
    ("succeeded", "in"): Badge("Applied", "done", "ok"),
}
_EXPORT = {
    "waiting": Badge("Waiting for status", "ring", "wait"),
    "queued": Badge("Queued", "wait", "wait"),
    "sent": Badge("Sent", "out", "wait"),
    "loaded": Badge("Loaded", "done", "ok"),
    "failed": Badge("Failed", "fail", "fail"),
    "not_exported": Badge("Not exported", "skip", "skip"),
}
_JOB = {
    "queued": Badge("Waiting", "wait", "wait"),
    "running": Badge("Running", "move", "wait"),
    "done": Badge("Done", "done", "ok"),
    "failed": Badge("Failed", "fail", "fail"),
    "cancelled": Badge("Ended by hand", "skip", "skip"),
}
_STORE_STATE = {
    "new": Badge("New", "ring", "wait"),
    "pending_payment": Badge("Pending payment", "ring", "wait"),
    "payment_review": Badge("Payment review", "held", "retry"),
    "processing": Badge("Processing", "wait", "wait"),
    "holded": Badge("On hold", "held", "held"),
    "complete": Badge("Complete", "done", "ok"),
    "closed": Badge("Closed", "done", "skip"),
    "canceled": Badge("Canceled", "skip", "skip"),
}
# Codes as in protocol: Order statuses, with the line statuses after them. Spelled without underscores,
# since peers leave those out (PENDINGREMORSETIME).
_OMS = {
    "NEW": Badge("New", "ring", "wait"),
    "NEWORDER": Badge("New", "ring", "wait"),
    "RECEIVED": Badge("Received", "ring", "wait"),
    "APPROVED": Badge("Approved", "ring", "wait"),
    "AUTHORIZED": Badge("Authorized", "ring", "wait"),
    "ONHOLD": Badge("On hold", "held", "held"),
    "INCOMPLETE": Badge("Incomplete", "fail", "fail"),
    "ERROR": Badge("Error", "fail", "fail"),
    "LOGISTICS": Badge("In logistics", "wait", "wait"),
    "PICKREADY": Badge("Ready to pick", "wait", "wait"),
    "PICKCONFIRMED": Badge("Picked", "wait", "wait"),
    "PARTIALLYCOMPLETE": Badge("Partly complete", "wait", "wait"),
    "LOGISTICSCOMPLETE": Badge("Logistics complete", "done", "ok"),
    "COMPLETE": Badge("Complete", "done", "ok"),
    "CANCELLED": Badge("Cancelled", "skip", "skip"),
    "REJECTED": Badge("Rejected", "skip", "skip"),
    "ABORTED": Badge("Aborted", "skip", "skip"),
    "PRECANCELLATION": Badge("Being cancelled", "wait", "wait"),
    "ALLOCATEDSHIP": Badge("Allocated", "wait", "wait"),
    "RECEIVEDBYLOGISTICS": Badge("In logistics", "wait", "wait"),
    "ITEMPENDINGPICKING": Badge("Waiting to be picked", "wait", "wait"),
    "PICKDECLINED": Badge("Pick declined", "retry", "retry"),
    "RESOURCED": Badge("Sourced anew", "retry", "wait"),
    "SHIPPED": Badge("Shipped", "done", "ok"),
}
_REASONS = {
    "IMPORTED": "imported",
    "IMPORTFAIL": "import failed",
    "PAYMENTFAIL": "payment failed",
    "PENDINGREMORSETIME": "remorse time running",
    "PENDINGRISKASSESSMENTREPLY": "risk assessment awaited",
    "READYTOSHIP": "ready to ship",
    "PENDINGFIRSTSHIPMENT": "first shipment awaited",
    "FULLYSHIPPED": "fully shipped",
    "PARTIALLYSHIPPED": "partly shipped",
    "FULLYCANCELLED": "fully cancelled",
    "ANALYSTDEFFRAUD": "judged to be fraud",
    "OUTOFSTOCK": "out of stock",
    "CUSTOMERREQ": "asked for by the customer",
    "ASSOCIATEDITEMCANCELLED": "its other part was cancelled",
    "NOTHINGTOSHIP": "nothing to ship",
    "CARDEXPIRED": "card expired",
}


def _spelled(code: str) -> str:
    return code.upper().replace("_", "").replace(" ", "")


def _readable(code: str) -> str:
    """An unknown code as words: `SOME_NEW_CODE` → `Some new code`."""
    return code.replace("_", " ").strip().capitalize()


def message_badge(status: str, direction: str) -> Badge:
    """A message's status (house rule 3), in the words of its direction, `out` or `in`."""
    return _MESSAGE.get(status) or _MESSAGE_BY_DIRECTION[status, direction]


def export_badge(state: str) -> Badge:
    """Where an order's export stands (F20)."""
    return _EXPORT[state]


def job_badge(state: str) -> Badge:
    """Where a job stands."""
    return _JOB[state]


def store_badge(state: str) -> Badge:
    """Magento's order state; one of the shop's own invention keeps its name."""
    return _STORE_STATE.get(state) or Badge(_readable(state), "ring", "wait")


def oms_badge(code: str) -> Badge:
    """An order's or a line's status in the OMS (F18); an unknown one keeps its name."""
    return _OMS.get(_spelled(code)) or Badge(_readable(code), "ring", "wait")


def oms_reason(code: str) -> str:
    """A status reason of the OMS in words, lower case, to stand behind its status."""
    return _REASONS.get(_spelled(code)) or _readable(code).lower()


def readable(code: str) -> str:
    """A code as words, where there is no better name for it."""
    return _readable(code)
