"""`settings show` and `settings set`: the same as the pages, the same validation and audit trail."""

import json

import click

from webapp.cli.opened import actor, opened
from webapp.domain.settings import DEFINITIONS, read_text_value
from webapp.extensions import read, transaction
from webapp.flows.change_settings import change_settings, shown
from webapp.models.stored_settings import read_settings


@click.group()
def settings() -> None:
    """The merchant's settings."""


@settings.command("show")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def show(as_json: bool) -> None:
    """All settings; of a secret only whether it is set."""
    with opened(), read() as session:
        found = read_settings(session)
        told = {key: shown(found, key) for key in [*DEFINITIONS, *found.topic_modes()]}
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
    """Change one setting; an empty VALUE takes it back to its default where it has none."""
    with opened(), transaction() as session:
        after = change_settings(session, {key: read_text_value(key, value)}, actor())
    click.echo(f"{key} is now {json.dumps(shown(after, key), ensure_ascii=False)}.")
