"""“Needs attention”: each thing that needs a person as a row with the one button that mends it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from flask import url_for

from webapp.flows.mend_messages import may_send_again
from webapp.pages.addresses import there
from webapp.pages.sight import discreet
from webapp.pages.words.amounts import count, plural
from webapp.pages.words.failures import failure_words
from webapp.pages.words.statuses import Badge
from webapp.queries.attention import MOST_FAILURES, MOST_GROUPS, Attention, Failure, OrderInNeed, Orders
from webapp.queries.frame import MOST_NEEDS

FAILED = Badge("Failed", "fail", "fail")
HELD = Badge("Held", "held", "held")
RETRYING = Badge("Retrying", "retry", "retry")
LOOK = Badge("Look", "warning", "retry")


@dataclass(frozen=True, slots=True)
class Button:
    """What mends it: a form to post, or where `fields` is None a page to open."""

    words: str
    href: str
    fields: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """One row: what, in which words of reason, since when, how many, where to look, and the button."""

    badge: Badge
    what: str
    why: str
    since: datetime
    many: int
    most: int
    look: Button
    mend: Button | None = None
    more: str = field(default="")


def rows_of(attention: Attention) -> list[Need]:
    """All rows: what holds others up first, then what failed, what keeps failing, what wants a look."""
    failures = sorted(attention.failures[:MOST_GROUPS], key=lambda one: (not one.behind, one.first))
    return [
        *map(_failure_row, failures),
        *map(_more_causes, attention.failures[MOST_GROUPS:]),
        *_order_rows(attention.held, HELD, "held"),
        *map(_stubborn_row, attention.stubborn),
        *_order_rows(attention.flagged, LOOK, "look"),
    ]


def _failure_row(failure: Failure) -> Need:
    again = may_send_again(failure.direction, failure.endpoint, failure.cause)
    fields = failure.marks
    many = count(failure.many, MOST_FAILURES)
    if again:
        verb = "Send {} again" if failure.direction == "out" else "Apply {} again"
        mend = Button(verb.format(many), url_for("overview.send_again"), fields)
    else:
        mend = Button(f"Set {many} aside", url_for("overview.set_aside"), fields)
    behind = f"{plural(failure.behind, 'message')} wait{'s' if failure.behind == 1 else ''} behind."
    return Need(
        FAILED,
        failure_words(failure),
        discreet(failure.reason),
        failure.first,
        failure.many,
        MOST_FAILURES,
        _look_at(failure),
        mend,
        behind if failure.behind else "",
    )


def _more_causes(failure: Failure) -> Need:
    listing = Button("Open in the journal", url_for("journal.listing", status="failed"))
    why = "The oldest stand above; mend those first, and the next come up."
    return Need(FAILED, "More messages failed, of other causes", why, failure.first, 1, 0, listing)


def _stubborn_row(failure: Failure) -> Need:
    return Need(
        RETRYING,
        failure_words(failure),
        discreet(failure.reason),
        failure.first,
        failure.many,
        MOST_FAILURES,
        _look_at(failure),
        more="It goes on being tried by itself.",
    )


def _look_at(failure: Failure) -> Button:
    """The message itself, or where there are several the journal's list of them."""
    if failure.many == 1:
        return Button("Open the message", url_for("journal.show", uid=failure.sample))
    return Button("Open in the journal", there("journal.listing", (), **failure.marks))


def _order_rows(orders: Orders, badge: Badge, kind: str) -> Iterator[Need]:
    for order in orders.some:
        yield _order_row(order, badge, kind)
    rest = orders.many - len(orders.some)
    if rest > 0 and orders.some:
        words = {"held": "more orders are held for review", "look": "more orders need a look"}[kind]
        listing = Button(
            "Open the orders", url_for("orders.listing", export="queued" if kind == "held" else None)
        )
        since = orders.some[-1].since
        yield Need(badge, words.capitalize(), "", since, rest, MOST_NEEDS - len(orders.some), listing)


def _order_row(order: OrderInNeed, badge: Badge, kind: str) -> Need:
    page = Button("Open the order", url_for("orders.show", increment_id=order.increment_id))
    mend = None
    what = f"Order {order.increment_id} needs a look"
    if kind == "held":
        what = f"Order {order.increment_id} is held for review"
        mend = Button("Export it now", url_for("overview.export_held"), {"number": order.increment_id})
    return Need(badge, what, discreet(order.why), order.since, 1, MOST_NEEDS, page, mend)
