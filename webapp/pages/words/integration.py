"""The integration's state in one sentence, the same on every page (F01)."""

from collections.abc import Sequence
from datetime import datetime

from webapp.messaging.claims import PROBE_EVERY
from webapp.pages.words.amounts import count
from webapp.pages.words.statuses import Badge, Tone
from webapp.pages.words.times import clock_time, relative
from webapp.queries.frame import MOST_WAITING, Standing

_GOODS = {"orders": "orders", "catalog": "products"}
PROBE_SECONDS = int(PROBE_EVERY.total_seconds())
# What an answer takes on its way makes no difference of clocks.
SAME_SECONDS = 2


def state_of(standing: Standing, now: datetime) -> Badge:
    """What holds everything up, or that it works: how much waits, and when the last message went."""
    waiting = [f"{count(standing.waiting, MOST_WAITING)} waiting"] if standing.waiting else []
    held = [f"{count(standing.held, MOST_WAITING)} held"] if standing.held else []
    last = standing.last_message_at
    if not standing.url:
        return _badge("No OMS address", "held", "held", held)
    if standing.disabled:
        return _badge("Disabled", "held", "held", held)
    if standing.silent_since is not None:
        since = clock_time(standing.silent_since, now)
        return _badge(f"Not reachable since {since}", "warning", "retry", [*waiting, *held])
    if standing.registration_error:
        return _badge("Registration not taken", "warning", "retry", [*waiting, *held])
    if not standing.registered:
        return _badge("Not registered", "warning", "retry", [*waiting, *held])
    told = [f"last message {relative(last, now)}"] if last else ["no message yet"]
    return _badge("Connected", "done", "ok", [*waiting, *held, *told])


def paused_words(lanes: Sequence[str]) -> str:
    """What it means that nothing is sent in these lanes while the OMS does not answer (F05)."""
    first = [lane for lane in _GOODS if lane in lanes]
    goods = " and ".join(_GOODS.get(lane, lane) for lane in [*first, *(set(lanes) - set(first))])
    return (
        f"Sending {goods} is paused: one message every {PROBE_SECONDS} s asks whether it answers again, "
        "and the others keep their tries; their 48 hours run on."
    )


def outage_words(lane: str, *, opened: bool) -> str:
    """What a breaker did: paused sending, or let it go on."""
    goods = _GOODS.get(lane, lane)
    return f"sending {goods} was paused." if opened else f"sending {goods} went on."


def _badge(state: str, shape: str, tone: Tone, more: list[str]) -> Badge:
    return Badge(" · ".join([state, *more]), shape, tone)


def skew_of(seconds: int | None) -> str:
    """How the OMS's clock goes against ours."""
    if seconds is None:
        return "Not known yet"
    if abs(seconds) <= SAME_SECONDS:
        return "The same as ours"
    far = f"{abs(seconds)} s" if abs(seconds) < 2 * 60 else f"{round(abs(seconds) / 60)} min"
    return f"{far} {'ahead of' if seconds > 0 else 'behind'} ours"
