"""What is held by hand: a lane or a topic, why, and the button that ends it (F04)."""

from flask import Blueprint, abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from webapp.extensions import transaction
from webapp.flows import hold_by_hand
from webapp.pages.htmx import go_to
from webapp.pages.words.amounts import plural
from webapp.pages.words.holds import held_thing
from webapp.security import actor, needs_role

pages = Blueprint("holds", __name__)


@pages.post("/holds")
@needs_role("operator")
def place() -> ResponseReturnValue:
    """Hold what was chosen, for the reason given."""
    scope, _, name = request.form.get("what", "").partition(" ")
    reason = request.form.get("reason", "")
    if not reason.strip():
        flash("Nothing is held: say why, for whoever reads it on every page.", "warning")
        return _back()
    try:
        with transaction() as session:
            hold_by_hand.hold(session, scope, name, reason, actor())
    except ValueError as refusal:
        abort(400, f"{refusal}.")
    flash(f"Held from now on: {held_thing(scope, name)}.", "info")
    return _back()


@pages.post("/holds/<int:hold_id>/end")
@needs_role("operator")
def end(hold_id: int) -> ResponseReturnValue:
    """Let go what it held, in order."""
    with transaction() as session:
        released = hold_by_hand.let_go(session, hold_id, actor())
    if released is None:
        flash("That was let go already.", "info")
    else:
        goes = "goes" if released == 1 else "go"
        flash(f"Let go. {plural(released, 'message')} {goes} now, in order.", "ok")
    return _back()


def _back() -> ResponseReturnValue:
    return go_to(f"{url_for('integration.show')}#holds")
