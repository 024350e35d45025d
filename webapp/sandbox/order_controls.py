"""Driving one order by hand: `/control/orders/{id}/…` (contract: Sandbox OMS).

An order that is shipped, cancelled or given a status by hand takes no more steps by itself. Lines named
explicitly are told as asked, even twice; what is left out means all that is open.
"""

from collections.abc import Callable
from decimal import Decimal
from functools import partial

from flask import Blueprint, Response

from webapp.sandbox import clock, fulfilment, postsales
from webapp.sandbox.given import Given, given_body
from webapp.sandbox.oms import running
from webapp.sandbox.order_book import GOODS, HeldOrder, find_order, keep_order, list_orders
from webapp.sandbox.refusal import missing, wrong
from webapp.sandbox.state import Database
from webapp.sandbox.wire import Json, write

blueprint = Blueprint("order_controls", __name__, url_prefix="/control/orders")

_PACKAGE = ("id", "items", "lines", "carrier", "tracking_number", "tracking_link", "tracking_comment")
_RETURN_LINE = ("line_number", "reason", "reason_description", "condition")
_OVER = ("CANCELLED", "REJECTED", "ABORTED")


class UnknownOrder(Exception):
    """No order of that id was created."""


class NothingToDo(Exception):
    """The control asks for what cannot be done any more; the text says why."""


def json_answer(told: object, http_status: int = 200) -> Response:
    """JSON with exact numbers."""
    return Response(write(told), http_status, content_type="application/json")


def _drive(order_id: str, act: Callable[[Database, HeldOrder], None]) -> Response:
    with running().state.transaction() as db:
        held = find_order(db, order_id)
        if held is None:
            raise UnknownOrder(order_id)
        act(db, held)
        keep_order(db, held)
        told = held.told()
    running().sender.wake()
    return json_answer(told)


@blueprint.get("")
def orders() -> Response:
    """The newest 500, newest first."""
    with running().state.transaction() as db:
        return json_answer({"items": [held.told() for held in list_orders(db, 500)]})


@blueprint.get("/<path:order_id>")
def order(order_id: str) -> Response:
    """The order as this OMS holds it, with its shipments, returns and refunds."""
    with running().state.transaction() as db:
        held = find_order(db, order_id)
        if held is None:
            raise UnknownOrder(order_id)
        return json_answer(held.told())


@blueprint.post("/<path:order_id>/ship")
def ship(order_id: str) -> Response:
    """`{lines?: [numbers], packages?: [{items?, carrier?, tracking_number?, tracking_link?, …}]}`."""
    return _drive(order_id, partial(ship_as_asked, given=given_body("lines", "packages")))


def ship_as_asked(db: Database, held: HeldOrder, given: Given) -> None:
    """Ship and tell what is left, as the order's next status."""
    packages = given.objects("packages", _PACKAGE)
    lines = _lines_to_ship(held, given, packages)
    parcels = None if packages is None else _fill_packages(held, lines, packages)
    held.advancing = False
    if not lines:
        # Without goods there is no parcel: what is left counts as shipped once the order is complete.
        fulfilment.complete_order(db, held)
        return
    fulfilment.ship(db, held, lines, parcels)
    fulfilment.tell_what_is_left(db, held, held.next_date())


@blueprint.post("/<path:order_id>/lines_shipped")
def lines_shipped(order_id: str) -> Response:
    """The warehouse's word: `{lines?, packages?, request_id?}`, as ship; the order's status stays."""
    given = given_body("lines", "packages", "request_id")
    return _drive(order_id, partial(warehouse_ships_as_asked, given=given))


def warehouse_ships_as_asked(db: Database, held: HeldOrder, given: Given) -> None:
    """Tell what the warehouse says of these lines, by no more than their ids and numbers."""
    packages = given.objects("packages", _PACKAGE)
    lines = _lines_to_ship(held, given, packages)
    if not lines:
        raise NothingToDo(f"Order {held.id} has no goods for a warehouse to ship")
    parcels = _fill_packages(held, lines, packages or [])
    held.advancing = False
    fulfilment.tell_lines_shipped(db, held, lines, parcels, given.text("request_id"))


def _lines_to_ship(held: HeldOrder, given: Given, packages: list[Given] | None) -> list[Json]:
    """The lines named, else those in the packages, else all that are open; [] where those are no goods."""
    named = _named_lines(held, given, "lines")
    if named is not None:
        return named
    packed = [_packed(held, package) for package in packages or []]
    if packed and all(lines is not None for lines in packed):
        return [line for lines in packed for line in lines or [] if line["product_type"] != "SHIPPING"]
    lines = held.open_lines("PHYSICAL")
    if not lines and not held.open_lines("VIRTUAL"):
        raise NothingToDo(f"Order {held.id} has no line left to ship; name lines to have them told again")
    return lines


def _packed(held: HeldOrder, package: Given) -> list[Json] | None:
    """The lines in a package, None where it does not say."""
    return _named_lines(held, package, "lines" if package.has("lines") else "items")


def _fill_packages(held: HeldOrder, lines: list[Json], packages: list[Given]) -> list[Json]:
    """A package without items holds what is in no other. SHIPPING may be in one, though it is no goods."""
    shipped = {line["line_number"] for line in lines}
    open_for = shipped | {line["line_number"] for line in held.lines if line["product_type"] == "SHIPPING"}
    packed: list[list[int] | None] = []
    for package in packages:
        inside = _packed(held, package)
        for line in inside or []:
            if line["line_number"] not in open_for:
                expected = "lines of this shipment, each in one package"
                raise wrong(package.at("items"), expected, line["line_number"])
            open_for.discard(line["line_number"])
        packed.append(None if inside is None else [line["line_number"] for line in inside])
    rest = sorted(open_for & shipped)
    told = [
        {name: package.text(name) for name in _PACKAGE if name not in ("items", "lines")}
        for package in packages
    ]
    return [
        {**parcel, "items": rest if items is None else items}
        for parcel, items in zip(told, packed, strict=True)
    ]


def _named_lines(held: HeldOrder, given: Given, name: str) -> list[Json] | None:
    """The lines a list of numbers names, None where there is no such list; naming none of them is wrong."""
    numbers = given.list_of(name)
    if numbers is None:
        return None
    if not numbers:
        raise missing(given.at(name), "at least one line number")
    return [held.line(number, f"{given.at(name)}[{index}]") for index, number in enumerate(numbers)]


@blueprint.post("/<path:order_id>/cancel")
def cancel(order_id: str) -> Response:
    """`{lines?: [numbers], reason?}`."""
    return _drive(order_id, partial(cancel_as_asked, given=given_body("lines", "reason")))


def cancel_as_asked(db: Database, held: HeldOrder, given: Given) -> None:
    """Cancel what is open, or these lines."""
    held.advancing = False
    lines = _named_lines(held, given, "lines")
    if lines is not None:
        fulfilment.cancel_lines(db, held, lines, given.text("reason") or "OUTOFSTOCK")
        return
    if not any(held.open_lines(kind) for kind in GOODS):
        raise NothingToDo(f"Order {held.id} has no line left to cancel")
    fulfilment.cancel_order(db, held, given.text("reason") or "CUSTOMERREQ")


@blueprint.post("/<path:order_id>/status")
def status(order_id: str) -> Response:
    """`{status, reason?, lines?: [{line_number, status, reason?}]}`; any status, in any order."""
    return _drive(order_id, partial(status_as_asked, given=given_body("status", "reason", "lines")))


def status_as_asked(db: Database, held: HeldOrder, given: Given) -> None:
    """Tell this status of the order; what is over takes its lines along."""
    told, reason = given.needed_text("status"), given.text("reason")
    date = held.next_date()
    held.advancing = False
    if told in _OVER or reason == "FULLYCANCELLED":
        fulfilment.mark_lines(held.lines, "CANCELLED", reason, date)
    for line in given.objects("lines", ("line_number", "status", "reason")) or []:
        known = held.line(line.plain("line_number"), line.at("line_number"))
        known.update(
            status=line.needed_text("status"),
            status_reason=line.text("reason"),
            status_date=clock.rfc3339(date),
        )
    fulfilment.tell_status(db, held, told, reason, date)


@blueprint.post("/<path:order_id>/return")
def begin_return(order_id: str) -> Response:
    """`{lines?: [{line_number, reason?, …}], rma?, status?, event?}`; an RMA that exists is moved along.

    `event`: `updated`, or `received`, by which a warehouse says that it came in.
    """
    return _drive(order_id, partial(return_as_asked, given=given_body("lines", "rma", "status", "event")))


def return_as_asked(db: Database, held: HeldOrder, given: Given) -> None:
    """Tell of a return: of these lines, of those it had, or of all that are shipped."""
    rma = given.text("rma")
    told = given.objects("lines", _RETURN_LINE)
    if told is not None:
        lines = [_return_line(line) for line in told]
    elif rma is not None and any(known["rma"] == rma for known in held.returns):
        lines = []
    else:
        goods = [line for line in held.lines if line["product_type"] in GOODS]
        lines = [{"line_number": line["line_number"]} for line in goods if line["status"] == "SHIPPED"]
        if not lines:
            raise NothingToDo(f"Order {held.id} has no line that is shipped; name lines to have them told")
    if told == []:
        raise missing("lines", "at least one line")
    event = given.word("event", postsales.RETURN_EVENTS) if given.has("event") else "updated"
    status = given.text("status") or ("RECEIVED" if event == "received" else "AUTHORIZED")
    postsales.tell_return(db, held, {"rma": rma, "lines": lines}, status, event)


def _return_line(given: Given) -> Json:
    texts = {name: given.text(name) for name in _RETURN_LINE[1:]}
    return {**texts, "line_number": _line_number(given)}


@blueprint.post("/<path:order_id>/refund")
def refund(order_id: str) -> Response:
    """`{lines?: [{line_number, amount?}], type?, status?, credit_note_number?, rma?, reason?}`.

    Amounts are gross; what is left of the line where there is none. A null type or number is left out.
    """
    given = given_body("lines", "type", "status", "credit_note_number", "rma", "reason")
    return _drive(order_id, partial(refund_as_asked, given=given))


def refund_as_asked(db: Database, held: HeldOrder, given: Given) -> None:
    """Give back these lines, or all that is left to refund."""
    named = given.objects("lines", ("line_number", "amount"))
    lines = _whole_refund(held) if named is None else [_refund_line(held, line) for line in named]
    if named == []:
        raise missing("lines", "at least one line")
    shipped = all(line["status"] == "SHIPPED" for line, _ in lines)
    kind: str | None = "return" if shipped else "cancellation"
    if given.has("type"):
        kind = given.word_of("type", postsales.REFUND_TYPES) if given.plain("type") is not None else None
    _tell_refund(db, held, given, lines, kind)


@blueprint.post("/<path:order_id>/appease")
def appease(order_id: str) -> Response:
    """`{line_number, amount, credit_note_number?, status?, reason?}`; the amount is gross."""
    given = given_body("line_number", "amount", "credit_note_number", "status", "reason")
    return _drive(order_id, partial(appease_as_asked, given=given))


def appease_as_asked(db: Database, held: HeldOrder, given: Given) -> None:
    """Give some of a line's money back, and nothing else."""
    line, amount = _refund_line(held, given)
    if given.number("amount") is None:
        raise missing("amount", "a number above 0")
    _tell_refund(db, held, given, [(line, amount)], "appeasement")


def _tell_refund(
    db: Database, held: HeldOrder, given: Given, lines: list[tuple[Json, Decimal]], kind: str | None
) -> None:
    if not lines:
        raise NothingToDo(f"Order {held.id} has nothing left to refund")
    status = given.word_of("status", postsales.REFUND_STATUSES) if given.text("status") else "RELEASED"
    asked: Json = {"type": kind, "status": status, "reason": given.text("reason")}
    for name in ("credit_note_number", "rma"):
        if given.has(name):
            asked[name] = given.text(name)
    postsales.tell_refund(db, held, lines, asked)


def _whole_refund(held: HeldOrder) -> list[tuple[Json, Decimal]]:
    left = [(line, postsales.left_to_refund(held, line)) for line in held.lines]
    return [(line, gross) for line, gross in left if gross > 0]


def _refund_line(held: HeldOrder, given: Given) -> tuple[Json, Decimal]:
    line = held.line(_line_number(given), given.at("line_number"))
    amount = given.number("amount") if given.has("amount") else None
    return line, postsales.left_to_refund(held, line) if amount is None else amount


def _line_number(given: Given) -> int:
    number = given.whole("line_number")
    if number is None:
        raise missing(given.at("line_number"), "a line number")
    return number
