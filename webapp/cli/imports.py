"""`import orders`: orders from a file, safe to run again."""

import json
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path

import click

from webapp.cli.opened import actor, opened
from webapp.flows.accept_order import CutOver
from webapp.flows.import_orders import NotReadable, read_orders, take_order


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
        orders = read_orders(file)
    except NotReadable as error:
        raise click.ClickException(str(error)) from error
    with opened(), click.progressbar(orders, label="Orders", file=sys.stderr) as bar:
        for place, order in enumerate(bar):
            told = take_order(order, place, cut_over, actor())
            counted[told.get("export", "refused")] += 1
            if as_json:
                click.echo(json.dumps(told, ensure_ascii=False))
            elif "error" in told:
                click.echo(f"\nOrder {place + 1}: {told['error']}", err=True)
    if not as_json:
        click.echo(", ".join(f"{count} {word}" for word, count in sorted(counted.items())) or "No orders.")
    if counted["refused"]:
        raise click.ClickException(f"{counted['refused']} of {len(orders)} orders could not be read.")
