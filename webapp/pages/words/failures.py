"""Failures of one cause in a sentence a merchant understands (F04)."""

from webapp.pages.words.amounts import plural
from webapp.pages.words.topics import UNKNOWN, topic_words
from webapp.queries.attention import MOST_FAILURES, Failure

CREATE = "magento.sales.order_management.create"
_THINGS = {
    "order": ("order", "orders"),
    "message": ("message", "messages"),
    "store": ("order of the store", "orders of the store"),
    "call": ("call from the OMS", "calls from the OMS"),
}


def failure_words(failure: Failure) -> str:
    """How many of what did not get where they should: `3 orders were not exported`."""
    things, fate, named = _told(failure)
    if things == "order" and failure.many == 1 and failure.order:
        return f"Order {failure.order} was {fate}"
    one, many = _THINGS[things]
    were = "was" if failure.many == 1 else "were"
    number = (
        f"Over {plural(MOST_FAILURES, one, many)}"
        if failure.many > MOST_FAILURES
        else plural(failure.many, one, many)
    )
    words = topic_words(failure.topic)
    return f"{number} {were} {fate}" + (f": {words}" if named and words != UNKNOWN else "")


def _told(failure: Failure) -> tuple[str, str, bool]:
    """Which things, what became of them, and whether the topic says more about it."""
    if failure.direction == "in" and failure.endpoint == "store":
        return "store", "not readable", False
    if failure.cause == "oms.signature":
        return "call", "refused for its signature", False
    if failure.cause.startswith("call."):
        return "call", "turned away", True
    if failure.direction == "in":
        return "call", "not applied" if failure.status == "failed" else "not applied so far", True
    fate = "delivered" if failure.topic != CREATE else "exported"
    so_far = " so far" if failure.status == "retrying" else ""
    return (
        ("order", f"not {fate}{so_far}", False)
        if failure.topic == CREATE
        else ("message", f"not {fate}{so_far}", True)
    )
