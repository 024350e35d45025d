"""`orders explain`: an order's sums at the command line (F17, F27, F29), as on its page."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal

import click

from webapp.cli.opened import opened
from webapp.extensions import read
from webapp.flows.explain_order import Explained, explain_order


@click.group()
def orders() -> None:
    """Orders and their sums."""


@orders.command("explain")
@click.argument("number", metavar="NUMBER")
@click.option("--json", "as_json", is_flag=True, help="As JSON, amounts as texts, for scripts.")
def explain(number: str, as_json: bool) -> None:
    """How an order becomes unit lines: a dry run before export, the record after it."""
    with opened(), read() as session:
        explained = explain_order(session, number)
    if explained is None:
        raise click.ClickException(f"There is no order {number} here.")
    click.echo(_as_json(number, explained) if as_json else "\n".join(_in_words(number, explained)))
    if explained.refusal:
        raise click.ClickException(f"The order cannot be broken down into lines: {explained.refusal}")


def _as_json(number: str, explained: Explained) -> str:
    told = asdict(explained) | {"order": number, "payload": explained.payload.decode("utf-8", "replace")}
    return json.dumps(told, indent=2, ensure_ascii=False, default=str)


def _in_words(number: str, explained: Explained) -> list[str]:
    gross, currency = explained.sum_of("gross"), explained.currency
    when = "as written down for the OMS" if explained.sent else "as it would be sent; nothing is sent by this"
    total = f"{explained.total:f} {currency}"
    verdict = "the order's total" if gross == explained.total else f"but the order's total is {total}"
    words = [
        f"Order {number}, {when}.",
        f"{len(explained.lines)} unit lines add up to {gross:f} {currency}, {verdict}.",
        f"Reading {explained.reading or '-'}, residual {explained.residual:f}, "
        f"paid by gift cards and the like {explained.paid_by_cards:f}, smallest unit {explained.unit:f}.",
    ]
    words += [f"Warning: {warning}" for warning in explained.warnings]
    if explained.hold:
        words.append(f"Held for review: {explained.hold}")
    for title, rows in (
        ("What the store's row totals may mean, each tried on the whole order", _readings(explained)),
        ("The store's rows", _entries(explained)),
        ("Unit lines", _lines(explained)),
    ):
        if len(rows) > 1:
            words += ["", f"{title}:", *_table(rows)]
    if explained.payload:
        words += ["", "The call:", explained.payload.decode("utf-8", "replace")]
    return words


def _readings(explained: Explained) -> list[list[str]]:
    rows = [["reading", "net", "gross", "residual", "no row below 0", "meets subtotal", "meets total"]]
    for one in explained.readings:
        chosen = " (chosen)" if one.name == explained.reading else ""
        answers = ["yes" if yes else "no" for yes in (one.counts, one.meets_subtotal, one.fits)]
        rows.append([one.name + chosen, *_amounts(one.net, one.gross, one.residual), *answers])
    return rows


def _entries(explained: Explained) -> list[list[str]]:
    rows = [
        ["row", "sku", "pieces", "gross", "tax", "before discount", "taken off", "gross told", "tax told"]
    ]
    for one in explained.entries:
        left, ordered = (f"{pieces.normalize():f}" for pieces in (one.left, one.ordered))
        pieces = left if left == ordered else f"{left} of {ordered}"
        before, after = (one.gross, one.tax, one.before_discount), (one.gross_left, one.tax_left)
        taken = _taken([(cut.name, cut.amount) for cut in one.reductions])
        rows.append([one.path, one.sku, pieces, *_amounts(*before), taken, *_amounts(*after)])
    return rows


def _lines(explained: Explained) -> list[list[str]]:
    rows = [["line", "of", "type", "sku", "original", "promotions", "gross", "net", "tax"]]
    for line in explained.lines:
        what = [str(line.number), str(line.parent or ""), line.kind, line.sku]
        told = [*_amounts(line.original), _taken(line.promotions)]
        rows.append([*what, *told, *_amounts(line.gross, line.net, line.tax)])
    return rows


def _amounts(*amounts: Decimal) -> list[str]:
    return [f"{amount:f}" for amount in amounts]


def _taken(cuts: Sequence[tuple[str, Decimal]]) -> str:
    return ", ".join(f"{name} {-amount:f}" for name, amount in cuts) or "-"


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
