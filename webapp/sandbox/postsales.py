"""After the sale: returns, refunds and appeasements as the OMS tells of them (F23–F25)."""

from collections.abc import Iterable
from decimal import ROUND_DOWN, Decimal
from typing import Any

from webapp.sandbox import clock
from webapp.sandbox.callbacks import say
from webapp.sandbox.fulfilment import order_key
from webapp.sandbox.order_book import HeldOrder
from webapp.sandbox.refusal import missing, wrong
from webapp.sandbox.state import Database
from webapp.sandbox.wire import Json

RETURN_EVENTS = ("updated", "received")
REFUND_TYPES = ("return", "cancellation", "appeasement", "CANCELLED")
REFUND_STATUSES = ("PENDINGRELEASE", "RELEASED", "CANCELLED")

_RETURNS = "magento.postsales.return_management"
_REFUNDS = "magento.postsales.refund_management"


def authorize_return(db: Database, held: HeldOrder, asked: Json) -> None:
    """A return begun in the store: its lines must be shipped and in no other return; raises Refusal."""
    if not asked["lines"]:
        raise missing("return.lines", "at least one line")
    if asked.get("rma") and any(known["rma"] == asked["rma"] for known in held.returns):
        raise wrong("return.rma", "an RMA number that does not exist yet", asked["rma"])
    for index, told in enumerate(asked["lines"]):
        path = f"return.lines[{index}]"
        line = held.line(told["line_number"], f"{path}.line_number")
        for name in ("id", "sku"):
            if told[name] != line[name]:
                raise wrong(f"{path}.{name}", f"{line[name]}, as on line {line['line_number']}", told[name])
        if line["status"] != "SHIPPED":
            raise wrong(f"{path}.line_number", "a line that is shipped", f"{line['status']}")
        if _is_returned(held, line["line_number"]):
            raise wrong(f"{path}.line_number", "a line that is in no other return", told["line_number"])
    tell_return(db, held, asked, status="AUTHORIZED")


def _is_returned(held: HeldOrder, number: int) -> bool:
    return any(
        line["line_number"] == number
        for known in held.returns
        if known["status"]["code"] not in ("CANCELLED", "REJECTED")
        for line in known["lines"]
    )


def tell_return(db: Database, held: HeldOrder, asked: Json, status: str, event: str = "updated") -> Json:
    """A return as it now is; one of the same RMA is moved along and keeps the lines it had.

    `event`: `updated`, or `received`, which has no status of its own but a date.
    `asked`: `{lines: [{line_number, reason, reason_description?, condition?}], rma?, …}`. Answers it.
    """
    known = next((known for known in held.returns if known["rma"] == asked.get("rma")), None)
    date = clock.rfc3339(held.next_date())
    told: Json = {
        "sales_channel_id": held.store,
        "order_id": held.id,
        "source_id": asked.get("source_id") or "WAREHOUSE-1",
        "rma": asked.get("rma") or f"RMA-{held.id}-{len(held.returns) + 1}",
        "status": {
            "code": status,
            "name": status.title(),
            "reason_code": "",
            "reason_name": "",
            "date": date,
        },
        "lines": [
            _return_line(held, index, line, status) for index, line in enumerate(asked.get("lines") or [])
        ],
    }
    for name in ("user", "return_tracking_number", "return_tracking_url", "return_tracking_carrier"):
        if asked.get(name) is not None:
            told[name] = asked[name]
    if known is None:
        held.returns.append(told)
    else:
        told["lines"] = told["lines"] or [{**line, "status": status} for line in known["lines"]]
        known.update(told)
    said = told if event == "updated" else _as_received(told, date)
    say(db, order_key(held), f"{_RETURNS}.{event}", {"return": said})
    return told


def _as_received(told: Json, date: str) -> Json:
    """The return in the words of `return_management.received`."""
    lines = [{name: value for name, value in line.items() if name != "status"} for line in told["lines"]]
    kept = {name: value for name, value in told.items() if name != "status"}
    return {"user": "sandbox", **kept, "origin_date": date, "lines": lines}


def _return_line(held: HeldOrder, index: int, asked: Json, status: str) -> Json:
    line = held.line(asked["line_number"], f"lines[{index}].line_number")
    reason = str(asked.get("reason") or "OTHER")
    return {
        "id": line["id"],
        "line_number": line["line_number"],
        "sku": line["sku"],
        "status": status,
        "reason": reason,
        "reason_description": asked.get("reason_description") or reason.replace("_", " ").capitalize(),
        "condition": asked.get("condition") or "UNKNOWN",
    }


def tell_refund(db: Database, held: HeldOrder, lines: list[tuple[Json, Decimal]], asked: Json) -> Json:
    """A refund as it now is: lines with their gross amounts. Answers it.

    `asked`: `{type, status, credit_note_number?, rma?, reason?}`; a type or number given as null is left out.
    """
    date = held.next_date().date().isoformat()
    code = asked["status"]
    number = asked.get("credit_note_number", f"CN-{held.id}-{len(held.refunds) + 1}")
    reason = str(asked.get("reason") or asked["type"] or "OTHER").upper()
    refund: Json = {
        "client": "sandbox-oms",
        "order_id": held.id,
        "store_id": held.store,
        "sales_channel_id": held.store,
        "status": {"code": code, "name": code.title(), "date": date},
        "user": "sandbox",
        "refund_reason": reason,
        "lines": [_refund_line(held, line, gross, reason, code) for line, gross in lines],
    }
    if asked["type"] is not None:
        refund["refund_type"] = asked["type"]
    if number is not None:
        refund.update(credit_note_number=number, credit_note_date=date)
    if asked.get("rma") is not None:
        refund["rma"] = asked["rma"]
    held.refunds[:] = [known for known in held.refunds if number is None or _number(known) != number]
    held.refunds.append(refund)
    say(db, order_key(held), f"{_REFUNDS}.updated", {"refund": refund})
    return refund


def _number(refund: Json) -> Any:
    return refund.get("credit_note_number")


def _refund_line(held: HeldOrder, line: Json, gross: Decimal, reason: str, code: str) -> Json:
    return {
        "order_line": str(line["line_number"]),
        "order_item_id": line["id"],
        "reason": reason,
        "reason_description": reason.replace("_", " ").capitalize(),
        "payments": [
            {
                "ref": held.order["payments"][0]["reference"],
                "details": _details(line["amount"], gross, min(map(_unit_of, (gross, *_amounts(held))))),
                "status": {"code": code, "name": code.title()},
            }
        ],
    }


def _details(amount: Json, gross: Decimal, unit: Decimal) -> Json:
    """What is given back of a line, as strings; net is cut, not rounded: 48.71 at 8.25 % = 44.99 + 3.72."""
    rate = Decimal(amount["tax_rate"]) if amount["tax_amount"] else Decimal(0)
    net = (gross / (1 + rate / 100)).quantize(unit, ROUND_DOWN)
    vat = gross - net
    return {
        "cost_gross": f"{gross.quantize(unit):f}",
        "cost_net": f"{net:f}",
        "cost_vat": f"{vat.quantize(unit):f}",
        "vat_rate": f"{rate:f}",
        "vat_detail": [
            {"type": tax["type"], "amount": f"{vat.quantize(unit):f}", "rate": f"{Decimal(tax['rate']):f}"}
            for tax in amount["taxes"][:1]
        ],
    }


def _amounts(held: HeldOrder) -> Iterable[Decimal]:
    for line in held.lines:
        for name in ("gross_amount", "tax_amount"):
            yield Decimal(line["amount"][name])


def _unit_of(amount: Decimal) -> Decimal:
    """0.01 of an amount with two decimals."""
    return Decimal(1).scaleb(min(0, int(amount.as_tuple().exponent)))


def left_to_refund(held: HeldOrder, line: Json) -> Decimal:
    """A line's gross less what released refunds gave back of it."""
    given = sum(
        (Decimal(told["payments"][0]["details"]["cost_gross"]) for told in _released_lines(held, line)),
        Decimal(0),
    )
    return Decimal(line["amount"]["gross_amount"]) - given


def _released_lines(held: HeldOrder, line: Json) -> Iterable[Json]:
    for refund in held.refunds:
        if refund["status"]["code"].upper() == "RELEASED":
            yield from (told for told in refund["lines"] if told["order_line"] == str(line["line_number"]))


def tell_history(db: Database, held: HeldOrder) -> None:
    """The order and all that happened to it once more, as `.reported` (reconciliation)."""
    key = order_key(held)
    say(db, key, "magento.sales.order_management.reported", {"order": held.order})
    for told in held.returns:
        say(db, key, f"{_RETURNS}.reported", {"return": told})
    for refund in held.refunds:
        say(db, key, f"{_REFUNDS}.reported", {"refund": refund})
