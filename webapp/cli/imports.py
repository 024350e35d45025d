"""`import orders`: orders from a file, safe to run again."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from webapp.cli.opened import actor, opened
from webapp.domain.refusals import Refused
from webapp.flows.accept_order import CutOver, accept_order
from webapp.oms.wire import WireError, decode, encode

LARGEST_FILE = 1024 * 1024 * 1024


@click.group("import")
def import_group() -> None:
    """Take in what the store exported to a file."""


@import_group.command("orders")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--already-in-oms", is_flag=True, help="The OMS has these orders: they are not exported.")
@click.option(
    "--from", "first_day", type=click.DateTime(["%Y-%m-%d"]), help="Export only orders placed from here on."
)
@click.option("--json", "as_json", is_flag=True, help="A line of JSON for each order, for scripts.")
def import_orders(file: Path, already_in_oms: bool, first_day: datetime | None, as_json: bool) -> None:
    """Orders as Magento's REST gives them: one, a list, {"items": […]}, or one a line."""
    cut_over = CutOver(already_in_oms, first_day.date() if first_day else None)
    counted: Counter[str] = Counter()
    try:
        orders = list(_read_orders(file))
    except WireError as error:
        raise click.ClickException(f"{file}: {error.message}") from error
    with opened(), _progress(orders) as bar:
        for place, order in enumerate(bar):
            told = _take(order, place, cut_over)
            counted[told["export"] if "export" in told else "refused"] += 1
            if as_json:
                click.echo(json.dumps(told, ensure_ascii=False))
            elif "error" in told:
                click.echo(f"\nOrder {place + 1}: {told['error']}", err=True)
    if not as_json:
        click.echo(", ".join(f"{count} {word}" for word, count in sorted(counted.items())) or "No orders.")
    if counted["refused"]:
        raise click.ClickException(f"{counted['refused']} of {len(orders)} orders could not be read.")


def _take(order: object, place: int, cut_over: CutOver) -> dict[str, Any]:
    try:
        accepted = accept_order(order, encode(order), actor(), cut_over)
    except Refused as error:
        return {"place": place, "error": str(error)}
    told = {"order": accepted.increment_id, "export": accepted.export}
    return told | ({"reason": accepted.reason} if accepted.reason else {})


def _read_orders(file: Path) -> Iterator[object]:
    text = file.read_bytes()
    try:
        value = decode(text, limit=LARGEST_FILE)
    except WireError:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2:
            raise
        yield from (decode(line) for line in lines)
        return
    if isinstance(value, list):
        yield from value
    elif isinstance(value, dict) and isinstance(value.get("items"), list) and "increment_id" not in value:
        yield from value["items"]
    else:
        yield value


def _progress(orders: list[object]) -> AbstractContextManager[Iterable[object]]:
    bar: AbstractContextManager[Iterable[object]] = click.progressbar(
        orders, label="Orders", file=click.get_text_stream("stderr")
    )
    return bar
