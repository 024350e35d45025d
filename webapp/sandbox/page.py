"""The sandbox's own small page at `GET /`: what it sees, and its switches as forms."""

from collections import Counter

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp.sandbox import callbacks, catalog, dialects, faults, registration
from webapp.sandbox.controls import end_faults
from webapp.sandbox.given import Given
from webapp.sandbox.lifecycle import STOPS
from webapp.sandbox.oms import running
from webapp.sandbox.order_book import HeldOrder, find_order, keep_order, list_orders
from webapp.sandbox.order_controls import NothingToDo, cancel_as_asked, ship_as_asked
from webapp.sandbox.received import latest_calls
from webapp.sandbox.refusal import wrong
from webapp.sandbox.state import keep_setting, setting

_SHOWN = 50

blueprint = Blueprint("page", __name__)


@blueprint.get("/")
def show() -> str:
    """Registration, switches, orders, last calls."""
    with running().state.transaction() as db:
        return render_template(
            "page.html",
            said=request.args.get("said"),
            peer=registration.registration(db),
            products=catalog.count_products(db),
            states=callbacks.callback_states(db),
            auto=setting(db, "auto", True),
            stop_after=setting(db, "stop_after"),
            stops=STOPS,
            dialect=dialects.name_of_dialect(db),
            dialects=dialects.DIALECTS,
            faults=faults.standing_faults(db),
            kinds=faults.KINDS,
            orders=list_orders(db, _SHOWN),
            counts=_count_lines,
            calls=latest_calls(db, _SHOWN),
        )


def _count_lines(held: HeldOrder) -> dict[str, int]:
    return Counter(line["status"] for line in held.lines)


@blueprint.post("/page/auto")
def set_auto() -> Response:
    """Whether orders go by themselves, and how far new ones go."""
    stop_after = request.form.get("stop_after") or None
    if stop_after is not None and stop_after not in STOPS:
        raise wrong("stop_after", "one of " + ", ".join(STOPS), stop_after)
    with running().state.transaction() as db:
        keep_setting(db, "auto", request.form.get("enabled") == "yes")
        keep_setting(db, "stop_after", stop_after)
    return _say("Set. Orders that stand before their next step follow the first switch at once.")


@blueprint.post("/page/dialect")
def set_dialect() -> Response:
    """How it speaks."""
    dialect = request.form.get("dialect", "")
    if dialect not in dialects.DIALECTS:
        raise wrong("dialect", "one of " + ", ".join(dialects.DIALECTS), dialect)
    with running().state.transaction() as db:
        keep_setting(db, "dialect", dialect)
    return _say(f"It speaks {dialect} from now on.")


@blueprint.post("/page/faults")
def set_fault() -> Response:
    """Begin a fault, or end them all."""
    kind = request.form.getlist("kind")[-1:]
    if kind in ([], [""]):
        end_faults()
        return _say("All faults are over.")
    if kind[0] not in faults.KINDS:
        raise wrong("kind", "one of " + ", ".join(faults.KINDS), kind[0])
    with running().state.transaction() as db:
        faults.set_fault(db, kind[0], request.form.get("calls", None, type=int), None, {})
    return _say(f"The fault {kind[0]} has begun.")


@blueprint.post("/page/orders")
def drive() -> Response:
    """Ship or cancel what is open of an order."""
    order_id, act = request.form.get("order", ""), request.form.get("act")
    with running().state.transaction() as db:
        held = find_order(db, order_id)
        if held is None:
            return _say(f"There is no order {order_id}.")
        try:
            (ship_as_asked if act == "ship" else cancel_as_asked)(db, held, Given({}, ()))
        except NothingToDo as nothing:
            return _say(str(nothing))
        keep_order(db, held)
    running().sender.wake()
    return _say(f"Order {order_id}: {'shipped' if act == 'ship' else 'cancelled'}.")


def _say(sentence: str) -> Response:
    return redirect(url_for("page.show", said=sentence), 303)
