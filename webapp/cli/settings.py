"""`settings show` and `settings set`: the same as the pages, the same validation and audit trail."""

import json

import click

from webapp.cli.opened import actor, opened
from webapp.extensions import read, transaction
from webapp.flows.change_settings import all_shown, change_one


@click.group()
def settings() -> None:
    """The merchant's settings."""


@settings.command("show")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def show(as_json: bool) -> None:
    """All settings; of a secret only whether it is set."""
    with opened(), read() as session:
        told = all_shown(session)
    if as_json:
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    width = max(map(len, told))
    for key, value in told.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        click.echo(f"{key:<{width}}  {'' if value is None else text}".rstrip())


@settings.command("set")
@click.argument("key")
@click.argument("value")
def set_one(key: str, value: str) -> None:
    """Change one setting; an empty VALUE takes it back to its default."""
    with opened(), transaction() as session:
        after = change_one(session, key, value, actor())
    click.echo(f"{key} is now {json.dumps(after, ensure_ascii=False)}.")
