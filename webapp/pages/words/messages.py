"""A message's story in one sentence, and its tries and changes of state in words (F03, F04, F05)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from webapp.pages.words.statuses import Badge
from webapp.pages.words.times import duration

SIDES = {"oms": "the OMS", "store": "the store"}
GAP = timedelta(seconds=1)
_DONE = Badge("Done", "done", "ok")
_MOVING = Badge("Under way", "move", "wait")
_RETRY = Badge("Failed, tried again", "retry", "retry")
_FAILED = Badge("Failed", "fail", "fail")
_HELD = Badge("Held", "held", "held")
_ASIDE = Badge("Set aside", "skip", "skip")
_WAITING = Badge("Waiting", "wait", "wait")
_UNKNOWN = Badge("Unknown", "ring", "retry")
_VERDICTS = {
    "succeeded": (_DONE, "delivered", "applied"),
    "refused": (_FAILED, "refused", "refused"),
    "invalid": (_FAILED, "cannot be sent", "cannot be applied"),
    "error_answer": (_RETRY, "answered with an error", "failed"),
    "silent": (_RETRY, "no answer", "failed"),
    "fault": (_RETRY, "failed here", "failed here"),
}


class Attempt(Protocol):
    """A try as recorded, as far as it matters here."""

    number: int
    token: str
    started_at: datetime
    finished_at: datetime | None
    verdict: str | None
    struck: bool
    reason: str
    http_status: int | None
    duration_ms: int | None


class Job(Protocol):
    """What a change of state was a part of."""

    uid: str


class Transition(Protocol):
    """A change of state no try explains, as far as it matters here."""

    at: datetime
    actor: str
    reason: str

    @property
    def job(self) -> Job | None:
        """The job that made it."""

    @property
    def before(self) -> str:
        """The state before it."""

    @property
    def after(self) -> str:
        """The state after it."""


class Message(Protocol):
    """A message, as far as it matters here."""

    tries: int
    reason: str
    actor: str
    created_at: datetime
    claim_token: str | None

    @property
    def status(self) -> str:
        """Where it stands."""

    @property
    def direction(self) -> str:
        """`out` or `in`."""

    @property
    def endpoint(self) -> str:
        """The far side."""


@dataclass(slots=True)
class Step:
    """One thing that happened to a message; `waited` is the wait before it, "" where there was none.

    `job` is the id of the job that did it, "" where none did.
    """

    at: datetime
    title: str
    badge: Badge
    texts: list[str] = field(default_factory=list)
    waited: str = ""
    job: str = ""


def way(direction: str, endpoint: str) -> str:
    """From whom to whom: `Connector → OMS`."""
    far = "OMS" if endpoint == "oms" else "Store"
    return f"Connector → {far}" if direction == "out" else f"{far} → Connector"


def sentence(message: Message, *, behind: bool, paused: bool = False) -> str:
    """What became of it; `behind`: another of its key is ahead; `paused`: its far side is silent (F05)."""
    out, far = message.direction == "out", SIDES[message.endpoint]
    tries = "at the first try" if message.tries == 1 else f"after {message.tries} tries"
    if message.status == "succeeded":
        return f"Delivered to {far} {tries}." if out else f"Received from {far} and applied {tries}."
    if message.status in ("pending", "retrying") and behind:
        return "It waits for the message ahead of it, so that nothing overtakes."
    if message.status in ("pending", "retrying") and paused:
        asks = "only now and then one message asks whether it is back"
        return f"It waits: {far} does not answer, so {asks}; its 48 hours run on."
    known = {
        "pending": "Waiting to be sent." if out else "Received, waiting to be applied.",
        "retrying": "Not delivered yet; it is tried again." if out else "Not applied yet; it is tried again.",
        "in_flight": "Being sent now." if out else "Being applied now.",
        "failed": f"Not delivered; it failed {tries}." if out else f"Received from {far}, but not applied.",
        "held": "Held: it is not sent until that ends."
        if out
        else "Held: it is not applied until that ends.",
        "superseded": "A newer message took its place.",
        "skipped": "Set aside by hand.",
    }
    return known[message.status]


def steps(message: Message, tries: Sequence[Attempt], changes: Sequence[Transition]) -> list[Step]:
    """All that happened to it, newest first, with the waits between tries."""
    found = [Step(message.created_at, *_birth(message))]
    ended: datetime | None = None
    for one in tries:
        step = _try(message, one)
        if ended is not None and one.started_at - ended >= GAP:
            step.waited = f"waited {duration(one.started_at - ended)}"
        found.append(step)
        ended = one.finished_at or ended
    found += [_change(one) for one in changes]
    # Stable: what happened at one time stays in the order it was written down.
    found.sort(key=lambda step: step.at)
    return found[::-1]


def _birth(message: Message) -> tuple[str, Badge]:
    by = f" by {message.actor}" if message.actor else ""
    if message.direction == "out":
        return f"Written down{by}", Badge("Written down", "ring", "wait")
    return f"Received{by}", Badge("Received", "in", "wait")


def _try(message: Message, one: Attempt) -> Step:
    out = message.direction == "out"
    took = [] if one.duration_ms is None else [f"took {duration(timedelta(milliseconds=one.duration_ms))}"]
    told = [f"HTTP {one.http_status}"] if one.http_status is not None else []
    texts = [one.reason] if one.reason else []
    texts += [", ".join(told + took)] if told or took else []
    if one.struck:
        return Step(one.started_at, "Given back unsent, so it was no try", _ASIDE, texts)
    if one.verdict is None and one.token == message.claim_token:
        return Step(one.started_at, f"Try {one.number}: being {'sent' if out else 'applied'}", _MOVING, texts)
    badge, sent, applied = _VERDICTS.get(one.verdict or "", (_UNKNOWN, "outcome unknown", "outcome unknown"))
    return Step(one.started_at, f"Try {one.number}: {sent if out else applied}", badge, texts)


def _change(one: Transition) -> Step:
    if one.after == "held":
        title, badge = "Held", _HELD
    elif one.after == "skipped":
        title, badge = "Set aside", _ASIDE
    elif one.after == "superseded":
        title, badge = "Superseded", _ASIDE
    elif one.before == "held":
        title, badge = "Released", _WAITING
    else:
        title, badge = "Begun again, with a new series of tries", _WAITING
    by = f" by {one.actor}" if one.actor else ""
    texts = [one.reason] if one.reason else []
    return Step(one.at, f"{title}{by}", badge, texts, job=one.job.uid if one.job else "")
