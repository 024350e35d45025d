"""The API Journal: every message either way, filtered, counted, drawn over time (F03)."""

from datetime import datetime
from typing import Any, Final

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp.extensions import read
from webapp.pages.addresses import here, there
from webapp.pages.downloads import csv_file
from webapp.pages.htmx import go_to, wants_fragment
from webapp.pages.sight import discreet
from webapp.pages.words.amounts import plural
from webapp.pages.words.charts import Slot, bar_chart
from webapp.pages.words.statuses import message_badge
from webapp.pages.words.times import clock_time
from webapp.pages.words.topics import topic_choices, topic_words
from webapp.queries.journal import (
    COUNTED,
    all_messages,
    browse_messages,
    count_newer,
    newest_id,
)
from webapp.queries.messages import STATUSES, MessageFilter
from webapp.queries.volume import Volume, volume
from webapp.security import needs_role

pages = Blueprint("journal", __name__)

# Marks the form has no field for: links lead here with them, and each can be taken out again.
UNSEEN: Final = {"endpoint": "Far side", "cause": "Cause of failure", "job": "Begun again by the job"}
FILTERS: Final = ("direction", "status", "topic", "order", "sku", "since", "until", *UNSEEN, "q")
# Seconds between two looks for new messages, and how far they are counted.
LOOK: Final = 10
MOST_NEW: Final = 101
COLUMNS: Final = (
    "id", "created_at", "direction", "endpoint", "topic", "what", "key", "order", "status", "tries", "reason",
    "cause", "last_tried_at", "next_try_at", "expires_at", "settled_at",
)  # fmt: skip
DIRECTIONS: Final = (("out", "Sent"), ("in", "Received"))


def _wanted() -> MessageFilter:
    """What the address asks for; 400 naming the parameter that can't be."""
    try:
        return MessageFilter.read(request.args)
    except ValueError as refusal:
        abort(400, f"{refusal}.")


def _row_id(name: str) -> int | None:
    text = request.args.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        abort(400, f"{name}: expected the address of a page as this list gives it.")
    return int(text)


@pages.get("/journal")
@needs_role("viewer")
def listing() -> ResponseReturnValue:
    """The journal, or for the filter form its results alone."""
    wanted, before, after = _wanted(), _row_id("before"), _row_id("after")
    with read() as session:
        newest = newest_id(session)
        page = browse_messages(session, wanted, before=before, after=after)
        over_time = volume(session, wanted, clock.now())
    first = before is None and after is None
    if first and page.rows:
        newest = page.rows[0].id
    return render_template(
        "journal/results.html" if wants_fragment() else "journal/listing.html",
        rows=page.rows,
        volume=over_time,
        chart=bar_chart([_slot(slot) for slot in over_time.slots]),
        ends=_ends(over_time),
        limit=COUNTED,
        newer=here(FILTERS, after=page.newer) if page.newer else "",
        older=here(FILTERS, before=page.older) if page.older else "",
        files={"CSV": there("journal.as_csv", FILTERS)},
        filtered=any(request.args.get(name) for name in FILTERS),
        first=first,
        unseen=[
            (name, words, request.args[name], here(FILTERS, **{name: None}))
            for name, words in UNSEEN.items()
            if request.args.get(name)
        ],
        replay=there("journal.ask_to_replay", FILTERS),
        fresh=_fresh(newest, 0),
        directions=DIRECTIONS,
        statuses=_status_choices(),
        topics=_topic_choices(wanted.topic),
        since=_for_input(wanted.since),
        until=_for_input(wanted.until),
    )


@pages.get("/journal/new")
@needs_role("viewer")
def new() -> ResponseReturnValue:
    """How many messages came since the list was shown: they are announced, not pushed in."""
    wanted, since = _wanted(), _row_id("since_id") or 0
    if not wants_fragment():
        return go_to(there("journal.listing", FILTERS))
    with read() as session:
        count = count_newer(session, wanted, since, MOST_NEW)
    return render_template("journal/new.html", fresh=_fresh(since, count))


def _fresh(newest: int, count: int) -> dict[str, Any]:
    return {
        "url": there("journal.new", FILTERS, since_id=newest),
        "count": count,
        "seconds": LOOK,
        "href": there("journal.listing", FILTERS),
    }


@pages.get("/journal.csv")
@needs_role("viewer")
def as_csv() -> ResponseReturnValue:
    """All messages of a filter, newest first, without their payloads."""
    rows = (
        (
            row.uid, row.created_at, row.direction, row.endpoint, row.topic, topic_words(row.topic), row.key,
            row.order_number, row.status, row.tries, discreet(row.reason), row.cause, row.last_tried_at,
            row.next_try_at, row.expires_at, row.settled_at,
        )
        for row in all_messages(_wanted())
    )  # fmt: skip
    return csv_file("journal.csv", COLUMNS, rows)


def _status_choices() -> list[tuple[str, str]]:
    """The statuses as words; one word where both directions share it."""
    choices = []
    for status in STATUSES:
        words = dict.fromkeys(message_badge(status, direction).word for direction in ("out", "in"))
        choices.append((status, " / ".join(words)))
    return choices


def _topic_choices(chosen: str | None) -> list[tuple[str, str]]:
    """The topics known by a name, and the one asked for."""
    choices = topic_choices()
    return choices if not chosen or chosen in dict(choices) else [(chosen, chosen), *choices]


def _slot(slot: Any) -> Slot:
    label = f"{clock_time(slot.since, clock.now())}: {plural(slot.total, 'message')}, {slot.failed} failed"
    since, until = _for_input(slot.since), _for_input(slot.until)
    return Slot(label, slot.total, slot.failed, here(FILTERS, since=since, until=until))


def _ends(over_time: Volume) -> tuple[str, str]:
    """What stands under both ends of the chart."""
    if not over_time.slots:
        return "", ""
    now = clock.now()
    first, last = over_time.slots[0].since, over_time.slots[-1].until
    return clock_time(first, now), "now" if last >= now else clock_time(last, now)


def _for_input(at: datetime | None) -> str:
    """A time as a form field takes it: UTC, to the minute."""
    return at.strftime("%Y-%m-%dT%H:%M") if at else ""
