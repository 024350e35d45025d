"""Search over everything: straight to the only thing found, else a list of what was found."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.extensions import read
from webapp.pages.htmx import go_to
from webapp.pages.sight import discreet
from webapp.queries.search import Found, search
from webapp.security import needs_role

pages = Blueprint("search", __name__)

LONGEST = 200


@pages.get("/search")
@needs_role("viewer")
def find() -> ResponseReturnValue:
    """What carries the identifier that was entered."""
    given = request.args.get("q", "")[:LONGEST]
    # What cannot be typed was pasted along; no identifier holds it.
    text = "".join(one for one in given if one.isprintable()).strip()
    found = Found([], [])
    if text:
        with read() as session:
            found = search(session, text)
    if (only := _only(found)) is not None:
        return go_to(only)
    return render_template("search/page.html", text=text, found=found, discreet=discreet)


def _only(found: Found) -> str | None:
    if len(found.orders) + len(found.messages) != 1:
        return None
    if found.orders:
        return url_for("orders.show", increment_id=found.orders[0].order.increment_id)
    return url_for("journal.show", uid=found.messages[0].uid)
