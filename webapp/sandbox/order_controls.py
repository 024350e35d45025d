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
from webapp.sandbox.refusal import missing
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


@blueprint.post("/<order_id>/ship")
def ship(order_id: str) -> Response:
    """`{lines?: [numbers], packages?: [{items?, carrier?, tracking_number?, tracking_link?, …}]}`."""
    return _drive(order_id, partial(ship_as_asked, given=given_body("lines", "packages")))


def ship_as_asked(db: Database, held: HeldOrder, given: Given) -> None:
    """Ship and tell what is left, as the order's next status."""
    packages = given.objects("packages", _PACKAGE)
    lines = _lines_to_ship(held, given, packages)
    parcels = None if packages is None else _fill_packages(lines, packages)
    held.advancing = False
    fulfilment.ship(db, held, lines, parcels)
    fulfilment.tell_what_is_left(db, held, held.next_date())


@blueprint.post("/<order_id>/lines_shipped")
def lines_shipped(order_id: str) -> Response:
    """The warehouse's word: `{lines?, packages?, request_id?}`, as ship; the order's status stays."""
    given = given_body("lines", "packages", "request_id")

    def act(db: Database, held: HeldOrder) -> None:
        packages = given.objects("packages", _PACKAGE)
        lines = _lines_to_ship(held, given, packages)
        parcels = _fill_packages(lines, packages or [])
        held.advancing = False
        fulfilment.tell_lines_shipped(db, held, lines, parcels, given.text("request_id"))

    return _drive(order_id, act)


def _lines_to_ship(held: HeldOrder, given: Given, packages: list[Given] | None) -> list[Json]:
    if given.has("lines"):
        return _named_lines(held, given, "lines")
    packed = [number for package in packages or [] for number in _packed(package) or []]
    if packed and all(_packed(package) is not None for package in packages or []):
        return [held.line(number, "packages") for number in packed]
    lines = held.open_lines("PHYSICAL")
    if not lines:
        raise NothingToDo(f"Order {held.id} has no line left to ship; name lines to have them told again")
    return lines


def _packed(package: Given) -> list[object] | None:
    return package.list_of("items") if package.has("items") else package.list_of("lines")


def _fill_packages(lines: list[Json], packages: list[Given]) -> list[Json]:
    """A package without items holds what is in no other."""
    packed = [number for package in packages for number in _packed(package) or []]
    rest = [line["line_number"] for line in lines if line["line_number"] not in packed]
    filled: list[Json] = []
    for package in packages:
        items = _packed(package)
        told = {name: package.text(name) for name in _PACKAGE if name not in ("items", "lines")}
        filled.append({**told, "items": rest if items is None else items})
    return filled


def _named_lines(held: HeldOrder, given: Given, name: str) -> list[Json]:
    return [
        held.line(number, f"{given.at(name)}[{index}]")
        for index, number in enumerate(given.list_of(name) or [])
    ]


@blueprint.post("/<order_id>/cancel")
def cancel(order_id: str) -> Response:
    """`{lines?: [numbers], reason?}`."""
    return _drive(order_id, partial(cancel_as_asked, given=given_body("lines", "reason")))


def cancel_as_asked(db: Database, held: HeldOrder, given: Given) -> None:
    """Cancel what is open, or these lines."""
    held.advancing = False
    if given.has("lines"):
        lines = _named_lines(held, given, "lines")
        fulfilment.cancel_lines(db, held, lines, given.text("reason") or "OUTOFSTOCK")
        return
    if not any(held.open_lines(kind) for kind in GOODS):
        raise NothingToDo(f"Order {held.id} has no line left to cancel")
    fulfilment.cancel_order(db, held, given.text("reason") or "CUSTOMERREQ")


@blueprint.post("/<order_id>/status")
def status(order_id: str) -> Response:
    """`{status, reason?, lines?: [{line_number, status, reason?}]}`; any status, in any order."""
    given = given_body("status", "reason", "lines")
    told, reason = given.needed_text("status"), given.text("reason")

    def act(db: Database, held: HeldOrder) -> None:
        date = held.next_date()
        held.advancing = False
        if told in _OVER or reason == "FULLYCANCELLED":
            fulfilment.mark_lines(held.lines, "CANCELLED", reason, date)
        for line in given.objects("lines", ("line_number", "status", "reason")) or []:
            known = held.line(line.whole("line_number"), line.at("line_number"))
            moment = clock.rfc3339(date)
            known.update(
                status=line.needed_text("status"), status_reason=line.text("reason"), status_date=moment
            )
        fulfilment.tell_status(db, held, told, reason, date)

    return _drive(order_id, act)


@blueprint.post("/<order_id>/return")
def begin_return(order_id: str) -> Response:
    """`{lines?: [{line_number, reason?, …}], rma?, status?}`; an RMA that exists is moved along."""
    given = given_body("lines", "rma", "status")

    def act(db: Database, held: HeldOrder) -> None:
        rma = given.text("rma")
        told = given.objects("lines", _RETURN_LINE)
        if told is not None:
            lines = [_return_line(line) for line in told]
        elif any(known["rma"] == rma for known in held.returns):
            lines = []
        else:
            goods = [line for line in held.lines if line["product_type"] in GOODS]
            lines = [{"line_number": line["line_number"]} for line in goods if line["status"] == "SHIPPED"]
        asked = {"rma": rma, "lines": lines}
        postsales.tell_return(db, held, asked, given.text("status") or "AUTHORIZED")

    return _drive(order_id, act)


def _return_line(given: Given) -> Json:
    texts = {name: given.text(name) for name in _RETURN_LINE[1:]}
    return {**texts, "line_number": _line_number(given)}


@blueprint.post("/<order_id>/refund")
def refund(order_id: str) -> Response:
    """`{lines?: [{line_number, amount?}], type?, status?, credit_note_number?, rma?, reason?}`.

    Amounts are gross; what is left of the line where there is none. A number given as null is left out.
    """
    given = given_body("lines", "type", "status", "credit_note_number", "rma", "reason")

    def act(db: Database, held: HeldOrder) -> None:
        named = given.objects("lines", ("line_number", "amount"))
        lines = _whole_refund(held) if named is None else [_refund_line(held, line) for line in named]
        shipped = all(line["status"] == "SHIPPED" for line, _ in lines)
        kind = given.text("type") or ("return" if shipped else "cancellation")
        _tell_refund(db, held, given, lines, kind)

    return _drive(order_id, act)


@blueprint.post("/<order_id>/appease")
def appease(order_id: str) -> Response:
    """`{line_number, amount, credit_note_number?, status?, reason?}`; the amount is gross."""
    given = given_body("line_number", "amount", "credit_note_number", "status", "reason")
    if given.number("amount") is None:
        raise missing("amount", "a number above 0")

    def act(db: Database, held: HeldOrder) -> None:
        _tell_refund(db, held, given, [_refund_line(held, given)], "appeasement")

    return _drive(order_id, act)


def _tell_refund(
    db: Database, held: HeldOrder, given: Given, lines: list[tuple[Json, Decimal]], kind: str
) -> None:
    if not lines:
        raise NothingToDo(f"Order {held.id} has nothing left to refund")
    asked: Json = {"type": kind, "status": given.text("status") or "RELEASED", "reason": given.text("reason")}
    if given.has("credit_note_number"):
        asked["credit_note_number"] = given.text("credit_note_number")
    if given.has("rma"):
        asked["rma"] = given.text("rma")
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
