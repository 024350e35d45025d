"""`db upgrade`: bring the database up to date, and make an empty one usable."""

import click
from flask_migrate import upgrade

from webapp.cli.environment import read_config
from webapp.cli.opened import opened
from webapp.flows.first_run import prepare_database


@click.group()
def db() -> None:
    """The database."""


@db.command("upgrade")
def upgrade_database() -> None:
    """Apply the migrations that are missing; on an empty database, make the first admin."""
    with opened():
        upgrade()
        prepare_database(read_config())
    click.echo("The database is up to date.")
