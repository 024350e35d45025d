"""The order grid: where every order stands, and sending those that failed again (F20)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from webapp.extensions import read, transaction
from webapp.flows.export_by_hand import export_by_hand
from webapp.flows.send_order_again import send_order_again
from webapp.pages.addresses import here, there
from webapp.pages.downloads import csv_file, json_file
from webapp.pages.htmx import go_to, wants_fragment
from webapp.pages.redirects import local_path
from webapp.pages.sight import HIDDEN_WORD, discreet, sight
from webapp.pages.words.amounts import plural
from webapp.pages.words.statuses import export_badge, readable
from webapp.queries.order_grid import (
    SORTS,
    USUAL_SORT,
    OrderRow,
    all_orders,
    browse_orders,
    count_held,
    store_statuses,
)
from webapp.queries.orders import COUNTED, OrderFilter, count_by_export
from webapp.queries.sorted_pages import Sorting, read_place, read_sorting
from webapp.security import actor, needs_role

pages = Blueprint("orders", __name__)

FILTERS: Final = ("export", "status", "q", "sort")
SORT_WORDS: Final = (
    ("-placed", "Newest first"),
    ("placed", "Oldest first"),
    ("number", "Number"),
    ("-number", "Number, largest first"),
    ("oms", "OMS"),
    ("-total", "Total, largest first"),
    ("total", "Total, smallest first"),
)
COLUMNS: Final = (
    "order", "placed_at", "customer_name", "customer_email", "currency", "grand_total", "total_refunded",
    "store_state", "store_status", "oms", "held", "reason", "oms_status", "pieces", "pieces_shipped",
    "message_id", "attention",
)  # fmt: skip
MOST_AT_ONCE: Final = 500
REFUSALS_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class _Asked:
    wanted: OrderFilter
    sorting: Sorting


def _asked() -> _Asked:
    """What the address asks for; 400 naming the parameter that can't be."""
    try:
        wanted = OrderFilter.read(request.args, by_person=sight().people)
        return _Asked(wanted, read_sorting(SORTS, request.args.get("sort"), USUAL_SORT))
    except ValueError as refusal:
        abort(400, f"{refusal}.")


@pages.get("/orders")
@needs_role("viewer")
def listing() -> ResponseReturnValue:
    """The grid, or for the filter form its results alone."""
    asked = _asked()
    try:
        place = read_place(asked.sorting, request.args.get("after"), request.args.get("before"))
    except ValueError as refusal:
        abort(400, f"{refusal}.")
    with read() as session:
        grid = browse_orders(session, asked.wanted, asked.sorting, place)
        counts = _counts(session, asked.wanted)
        statuses = store_statuses(session)
    template = "orders/results.html" if wants_fragment() else "orders/listing.html"
    return render_template(
        template,
        grid=grid,
        counts=counts,
        total=next(item["count"] for item in counts if item["current"]),
        limit=COUNTED,
        statuses=[(status, readable(status)) for status in statuses],
        sort_words=SORT_WORDS,
        sort=asked.sorting.word,
        sort_to=_sort_to(asked.sorting),
        newer=here(FILTERS, before=grid.before) if grid.before else "",
        older=here(FILTERS, after=grid.after) if grid.after else "",
        files={"CSV": there("orders.as_csv", FILTERS), "JSON": there("orders.as_json", FILTERS)},
        back=here((*FILTERS, "after", "before")),
        filtered=any(request.args.get(name) for name in ("export", "status", "q")),
        people=sight().people,
    )


def _counts(session: Session, wanted: OrderFilter) -> list[dict[str, Any]]:
    """The OMS column's six words with their counts, each a filter (F20)."""
    counted = {state.value: count for state, count in count_by_export(session, wanted).items()}
    chosen = request.args.get("export", "")
    total = COUNTED + 1 if any(one > COUNTED for one in counted.values()) else sum(counted.values())
    items = [_count("All", total, "", chosen)]
    held = count_held(session, wanted) if counted["queued"] else 0
    for state, count in counted.items():
        word = export_badge(state).word
        label = f"{word} ({held:,} held)" if held and state == "queued" else word
        items.append(_count(label, count, state, chosen))
    return items


def _count(label: str, count: int, state: str, chosen: str) -> dict[str, Any]:
    return {
        "label": label,
        "count": count,
        "href": here(FILTERS, export=state),
        "current": state == chosen,
        "badge": export_badge(state) if state else None,
    }


def _sort_to(sorting: Sorting) -> dict[str, dict[str, str]]:
    """For each column that sorts: where its heading leads, and what it says of the sorting now."""
    links = {}
    for name, column in SORTS.items():
        mine = sorting.name == name
        down = not sorting.descending if mine else column.descending_first
        now = ("descending" if sorting.descending else "ascending") if mine else ""
        links[name] = {"href": here(FILTERS, sort=f"-{name}" if down else name), "now": now}
    return links


@pages.get("/orders.csv")
@needs_role("viewer")
def as_csv() -> ResponseReturnValue:
    """All orders of a filter as CSV."""
    asked = _asked()
    rows = _told(all_orders(asked.wanted, asked.sorting))
    return csv_file("orders.csv", COLUMNS, (tuple(row.values()) for row in rows))


@pages.get("/orders.json")
@needs_role("viewer")
def as_json() -> ResponseReturnValue:
    """All orders of a filter as JSON."""
    asked = _asked()
    return json_file("orders.json", _told(all_orders(asked.wanted, asked.sorting)))


def _told(rows: Iterable[OrderRow]) -> Iterator[dict[str, Any]]:
    """Each order as a file tells it, as far as its reader may know."""
    people = sight().people
    for row in rows:
        values = (
            row.increment_id, row.placed_at,
            row.customer_name if people else HIDDEN_WORD, row.customer_email if people else HIDDEN_WORD,
            row.currency, row.grand_total, row.total_refunded, row.state, row.status, row.export, row.held,
            discreet(row.reason), row.oms_status, row.pieces, row.pieces_shipped, row.message_uid,
            discreet(row.attention),
        )  # fmt: skip
        yield dict(zip(COLUMNS, values, strict=True))


@pages.post("/orders/send-again")
@needs_role("operator")
def send_again() -> ResponseReturnValue:
    """Send the chosen orders again whose export failed."""
    return _mend(_chosen(), send_order_again, "Sent {} again.")


@pages.post("/orders/export-now")
@needs_role("operator")
def export_now() -> ResponseReturnValue:
    """Export the chosen orders whatever their status; asks first, since the OMS keeps what it has got."""
    numbers = _chosen()
    if numbers and not request.form.get("confirmed"):
        return render_template("orders/export_now.html", numbers=numbers, back=_back())
    return _mend(numbers, export_by_hand, "Queued {} for the OMS.")


def _chosen() -> list[str]:
    """The order numbers that were ticked, each once."""
    return list(dict.fromkeys(number[:64] for number in request.form.getlist("order")))[:MOST_AT_ONCE]


def _back() -> str:
    return local_path(request.form.get("next"), url_for("orders.listing"))


def _mend(
    numbers: list[str], mend: Callable[[Session, str, str], str | None], done: str
) -> ResponseReturnValue:
    """Do it to each in a transaction of its own, and say what became of them."""
    refused = {}
    for number in sorted(numbers):
        with transaction() as session:
            why = mend(session, number, actor())
        if why is not None:
            refused[number] = why
    count = len(numbers) - len(refused)
    if count:
        flash(done.format(plural(count, "order")), "ok")
    for number, why in list(refused.items())[:REFUSALS_SHOWN]:
        flash(f"{number}: {why}", "warning")
    if len(refused) > REFUSALS_SHOWN:
        flash(f"And {plural(len(refused) - REFUSALS_SHOWN, 'more order')} could not be, likewise.", "warning")
    if not numbers:
        flash("No order was chosen. Tick those you mean, then press the button again.", "warning")
    return go_to(_back())
