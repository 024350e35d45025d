"""Overview: is it working, and what needs a person."""

from datetime import datetime, timedelta

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp.extensions import read
from webapp.flows.export_by_hand import export_by_hand
from webapp.flows.mend_many import REPLAY, SKIP, choose_by_filter
from webapp.flows.mend_now import Pressed, mend_now
from webapp.pages.htmx import go_to, wants_fragment
from webapp.pages.needs import rows_of
from webapp.pages.words.amounts import plural
from webapp.pages.words.integration import paused_words
from webapp.pages.words.jobs import tell_job
from webapp.pages.words.statuses import Badge, export_badge
from webapp.pages.words.times import clock_time, duration
from webapp.queries.frame import Standing
from webapp.queries.jobs import seconds_left
from webapp.queries.overview import Overview, read_overview
from webapp.security import actor, needs_role

pages = Blueprint("overview", __name__)

# How often the page asks again: rarely where asking is costly, so that watching never loads the server.
QUICKEST_SECONDS, SLOWEST_SECONDS = 5, 60
COST = 50
# What has waited longer than this is worth a word in the verdict.
LONG_WAIT_SECONDS = 900
SET_ASIDE = "Set aside on the Overview: it was turned away as it came, so there is nothing to apply."


@pages.get("/")
@needs_role("viewer")
def show() -> ResponseReturnValue:
    """The whole page, or only what changes on it."""
    began = clock.monotonic()
    with read() as session:
        seen = read_overview(session)
    rows = rows_of(seen.attention)
    told = {
        "seen": seen,
        "verdict": verdict_of(seen, len(rows), clock.now()),
        "needs": rows,
        "longest": duration(timedelta(seconds=max(slot.longest_wait for slot in seen.hour))),
        "funnel": funnel_of(seen.exports),
        "jobs": [tell_job(job, seconds_left(job)) for job in seen.jobs],
        "seconds": seconds_between(clock.monotonic() - began),
    }
    return render_template("overview/now.html" if wants_fragment() else "overview/page.html", **told)


@pages.get("/state")
@needs_role("viewer")
def state() -> ResponseReturnValue:
    """The integration's state, as every page's top line asks for it again."""
    return render_template("parts/state_line.html")


@pages.post("/overview/send-again")
@needs_role("operator")
def send_again() -> ResponseReturnValue:
    """Begin a new series of tries on all failures of one cause."""
    return _said(mend_now(REPLAY, choose_by_filter(request.form), actor()), "sent again", "send again")


@pages.post("/overview/set-aside")
@needs_role("operator")
def set_aside() -> ResponseReturnValue:
    """Set aside what was turned away as it came."""
    return _said(
        mend_now(SKIP, choose_by_filter(request.form), actor(), reason=SET_ASIDE), "set aside", "set aside"
    )


@pages.post("/overview/export-held")
@needs_role("operator")
def export_held() -> ResponseReturnValue:
    """Export one order that was held for review."""
    number = request.form.get("number", "")
    refused = export_by_hand(None, number, actor())
    if refused is None:
        flash(f"Order {number} is on its way to the OMS.", "ok")
    else:
        flash(f"Order {number[:64]} was not exported. {refused}", "warning")
    return go_to(url_for("overview.show"))


def verdict_of(seen: Overview, things: int, now: datetime) -> tuple[str, Badge, str]:
    """The one sentence: whether it works, its shape, and what else there is to say."""
    standing = seen.standing
    stopped = _stopped(standing, now)
    if stopped:
        return stopped
    needs = f"{plural(things, 'thing')} need{'s' if things == 1 else ''} you."
    if seen.oldest_waiting and (now - seen.oldest_waiting).total_seconds() > LONG_WAIT_SECONDS:
        waits, waited = plural(standing.waiting, "message"), duration(now - seen.oldest_waiting)
        words = f"It works, but {waits} wait{'s' if standing.waiting == 1 else ''}, the oldest for {waited}."
        return words, Badge("", "retry", "retry"), needs if things else ""
    left = _undelivered(seen)
    if things:
        return needs, Badge("", "warning", "fail"), left or "Everything else is delivered."
    if left:
        return "It works.", Badge("", "done", "ok"), left
    return "Everything is delivered.", Badge("", "done", "ok"), ""


def _undelivered(seen: Overview) -> str:
    """What waits and what is held, in a sentence; "" where there is neither."""
    standing, said = seen.standing, []
    if standing.waiting:
        waits = plural(standing.waiting, "message")
        said.append(f"{waits} on the way" if seen.oldest_waiting else f"{waits} waiting behind others")
    if standing.held:
        said.append(f"{plural(standing.held, 'message')} held")
    return f"{', '.join(said)}." if said else ""


def _stopped(standing: Standing, now: datetime) -> tuple[str, Badge, str] | None:
    held = f"{plural(standing.held, 'message')} held, in order, until then." if standing.held else ""
    if not standing.url:
        words = "No OMS is connected yet."
        return words, Badge("", "held", "held"), f"Set its address on the Integration page. {held}".strip()
    if standing.disabled:
        return "The integration is disabled.", Badge("", "held", "held"), held
    if standing.silent_since is not None:
        since = clock_time(standing.silent_since, now)
        more = f"{plural(standing.waiting, 'message')} wait and are tried again by themselves, for 48 hours."
        if standing.paused:
            more = f"{plural(standing.waiting, 'message')} wait. {paused_words(standing.paused)}"
        return f"The OMS has not answered since {since}.", Badge("", "warning", "retry"), more
    if not standing.registered:
        more = "Register on the Integration page; until then the OMS sends nothing here."
        return "The OMS does not know this connector yet.", Badge("", "warning", "retry"), more
    return None


def funnel_of(exports: dict[str, int]) -> list[dict[str, object]]:
    """Orders by where their export stands (F20), each with its list."""
    return [
        {
            "label": export_badge(state).word,
            "count": many,
            "href": url_for("orders.listing", export=state),
            "current": False,
            "badge": export_badge(state),
        }
        for state, many in exports.items()
    ]


def seconds_between(spent: float) -> int:
    """How long to wait before asking again, by what answering cost."""
    return min(max(QUICKEST_SECONDS, round(spent * COST)), SLOWEST_SECONDS)


def _said(pressed: Pressed, done: str, undone: str) -> ResponseReturnValue:
    """Back to the Overview with what was done; what is still to do stands there as a running job."""
    words = f"{plural(pressed.done, 'message')} {done}."
    if not pressed.ended:
        words += f" The other {plural(pressed.total - pressed.done - pressed.failed, 'message')} follow."
    elif pressed.failed:
        words += f" {plural(pressed.failed, 'message')} could not be; the job says why."
    elif not pressed.done:
        words = f"Nothing was left to {undone}."
    flash(words, "ok" if pressed.done else "info")
    return go_to(url_for("overview.show"))
