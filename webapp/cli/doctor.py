"""`doctor`: is everything in place, and what to do where it is not."""

from typing import NoReturn

import click
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from webapp.cli.environment import read_config
from webapp.cli.opened import opened
from webapp.flows.check_oms import check_oms
from webapp.flows.check_readiness import check_readiness

ADVICE = {
    "database": "Start it, or mend DATABASE_URL.",
    "redis": "Start it (oms-connector up does), or mend REDIS_URL. Nothing is lost meanwhile.",
    "migrations": "Run: oms-connector db upgrade",
}


@click.command()
def doctor() -> None:
    """Check configuration, database, Redis, the OMS and the clock."""
    config = read_config()
    click.echo(f"ok    configuration: home {config.home}, database {_without_password(config.database_url)}")
    failed = 0
    with opened():
        for name, found in check_readiness().items():
            failed += found != "ok"
            advice = "" if found == "ok" else f". {ADVICE[name]}"
            click.echo(f"{'ok   ' if found == 'ok' else 'wrong'} {name}: {found}{advice}")
        if failed == 0:
            for finding in check_oms():
                failed += not finding.fine
                click.echo(f"{'ok   ' if finding.fine else 'wrong'} {finding.sentence}")
    if failed:
        _fail(failed)


def _fail(failed: int) -> NoReturn:
    raise click.ClickException(f"{failed} {'thing is' if failed == 1 else 'things are'} not in order.")


def _without_password(url: str) -> str:
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return "that cannot be read as a URL"
