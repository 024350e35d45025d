"""One order: where it stands, what happened to it, what became of each piece (F19, F20, F21).

The page and the poll that keeps it fresh are one function; the poll is answered only where something
changed, and ends with the order.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp.extensions import read
from webapp.flows.explain_order import explain_order
from webapp.oms.topics.product_updated import TOPIC as PRODUCT
from webapp.pages.htmx import wants_fragment
from webapp.pages.order_timeline import happenings
from webapp.pages.orders import pages
from webapp.pages.parts_of_lists import part_of, parts_asked_for
from webapp.pages.polls import fingerprint, nothing_new, poll_after
from webapp.pages.sight import discreet, sight
from webapp.pages.words.masking import mask
from webapp.pages.words.orders import standing_of
from webapp.pages.words.payloads import SHOWN_BYTES, show_part
from webapp.pages.words.pieces import items_of, rows_of
from webapp.queries.order_story import OrderStory, tell_story
from webapp.security import needs_role

FINAL_STATES: Final = ("complete", "closed", "canceled")
UNSETTLED: Final = ("pending", "in_flight", "retrying", "held")
# Of a package with very many kinds of pieces; all of them are among the order's.
PIECES_SHOWN: Final = 20
# All of them stand over the sums.
WARNINGS_SHOWN: Final = 10


@pages.get("/orders/<path:increment_id>")
@needs_role("viewer")
def show(increment_id: str) -> ResponseReturnValue:
    """The page of an order, or for its poll the part of it that changes: 204 where it did not."""
    began = clock.monotonic()
    story = _story(increment_id)
    seen = _fingerprint(story)
    if nothing_new(seen):
        return "", 204
    poll = None if _is_final(story) else poll_after(_latest(story), began, seen)
    template = "order/standing.html" if wants_fragment() else "order/show.html"
    return render_template(template, poll=poll, **_shown(story))


def _story(increment_id: str) -> OrderStory:
    with read() as session:
        story = tell_story(session, increment_id, PRODUCT)
    if story is None:
        abort(404, f"There is no order {increment_id[:64]} here.")
    return story


def _shown(story: OrderStory) -> dict[str, Any]:
    """What the template needs of an order."""
    file, order = story.file, story.file.order
    numbers = {
        one.line.line_number: number
        for number, shipment in enumerate(file.shipments, start=1)
        for one in shipment.lines
    }
    packages = [_package(number, one, story.uids) for number, one in enumerate(file.shipments, start=1)]
    shown = part_of(packages, "shipments", "package", rows=lambda one: 1 + len(one["pieces"]))
    warnings = [discreet(one) for one in order.warnings.splitlines() if one != order.export_reason]
    return {
        "order": order,
        "standing": standing_of(order, story.export),
        "export": story.export,
        "ahead": story.ahead,
        "export_uid": file.export_uid,
        "happenings": part_of(happenings(story), "history", "entry"),
        "items": part_of(items_of(file.lines, numbers), "pieces", "item", rows=rows_of),
        "packages": shown,
        "shipments": len(packages),
        "shown_shipments": {one["number"] for one in shown.shown},
        "kept": parts_asked_for(),
        "products": story.apart,
        "product_topic": PRODUCT,
        "warnings": warnings[:WARNINGS_SHOWN],
        "more_warnings": max(len(warnings) - WARNINGS_SHOWN, 0),
        "attention": [discreet(one) for one in order.attention.splitlines()],
        "people": sight().people,
    }


def _package(number: int, shipment: Any, uids: Mapping[int, str]) -> dict[str, Any]:
    """A shipment as its row shows it; a link that is no web address is not one to follow."""
    pieces: dict[tuple[str, str], Decimal] = {}
    for one in shipment.lines:
        what = (one.line.sku, one.line.name)
        pieces[what] = pieces.get(what, Decimal(0)) + one.line.quantity
    tracks = [
        {
            "carrier": track.title or track.carrier,
            "number": track.number,
            "url": track.url if track.url.lower().startswith(("https://", "http://")) else "",
        }
        for track in shipment.tracks
    ]
    return {
        "number": number,
        "increment_id": shipment.increment_id,
        "shipped_at": shipment.shipped_at,
        "received_at": shipment.received_at,
        "comment": shipment.comment,
        "pieces": list(pieces.items())[:PIECES_SHOWN],
        "more_pieces": max(len(pieces) - PIECES_SHOWN, 0),
        "tracks": tracks,
        "uid": uids.get(shipment.message_id),
    }


def _fingerprint(story: OrderStory) -> str:
    """All that the page shows, as a few signs: the same as long as nothing changed."""
    order, file = story.file.order, story.file
    facts: list[object] = [
        order.export_state, order.export_reason, order.state, order.status, order.oms_status,
        order.oms_status_reason, order.oms_status_date, order.attention, order.warnings, order.grand_total,
        order.total_refunded, order.pieces_shipped, order.updated_at, len(file.comments), story.apart,
        story.ahead,
    ]  # fmt: skip
    facts += [(one.id, one.status, one.tries, one.reason, one.next_try_at) for one in story.messages]
    facts += [(line.line_number, line.status, line.shipped) for line in file.lines]
    facts += [(track.id, track.url, track.number) for one in file.shipments for track in one.tracks]
    return fingerprint(facts)


def _latest(story: OrderStory) -> datetime:
    """When something of the order last changed."""
    found = [story.file.order.updated_at, *(one.at for one in story.file.comments[-1:])]
    found += [one.settled_at or one.last_tried_at or one.created_at for one in story.messages[:1]]
    return max(found)


def _is_final(story: OrderStory) -> bool:
    order = story.file.order
    if any(message.status in UNSETTLED for message in story.messages):
        return False
    if order.export_state == "not_exported" or order.state in ("canceled", "closed"):
        return True
    # Shipments may come after COMPLETE too.
    left = [
        one for one in story.file.lines if one.product_type in ("PHYSICAL", "VIRTUAL") and not one.shipped
    ]
    return order.state in FINAL_STATES and all(one.status == "CANCELLED" for one in left)


@pages.get("/orders/<path:increment_id>/sums")
@needs_role("viewer")
def sums(increment_id: str) -> ResponseReturnValue:
    """How the unit lines were arrived at, against the order's total; and the call that goes or went out."""
    with read() as session:
        explained = explain_order(session, increment_id)
    if explained is None:
        abort(404, f"There is no order {increment_id[:64]} here.")
    return render_template(
        "order/sums.html",
        increment_id=increment_id,
        explained=explained,
        lines=part_of(explained.lines, "lines", "line"),
        rows=part_of(explained.entries, "rows", "row"),
        warnings=part_of([one for one in explained.warnings if one != explained.hold], "warnings", "warning"),
        payload=show_part(mask(explained.payload[: 2 * SHOWN_BYTES], sight()), len(explained.payload)),
        codes=sight().codes,
    )
