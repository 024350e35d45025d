"""`doctor`: is everything in place, and what to do where it is not."""

from collections.abc import Callable
from typing import NoReturn

import click

from webapp.api.operations import check_database, check_migrations, check_redis
from webapp.cli.opened import opened, read_config
from webapp.extensions import read
from webapp.flows.check_oms import check_oms
from webapp.models.stored_settings import read_settings


@click.command()
def doctor() -> None:
    """Check configuration, database, Redis, the OMS and the clock."""
    config = read_config()
    click.echo(f"ok    configuration: home {config.home}, database {_without_password(config.database_url)}")
    checks: tuple[tuple[str, Callable[[], str], str], ...] = (
        ("database", check_database, "Start it, or mend DATABASE_URL."),
        ("migrations", check_migrations, "Run: oms-connector db upgrade"),
        (
            "Redis",
            check_redis,
            "Start it (oms-connector up does), or mend REDIS_URL. Nothing is lost meanwhile.",
        ),
    )
    failed = 0
    with opened():
        for name, check, advice in checks:
            found = check()
            failed += found != "ok"
            click.echo(
                f"{'ok   ' if found == 'ok' else 'wrong'} {name}: {found if found == 'ok' else f'{found}. {advice}'}"
            )
        if failed == 0:
            with read() as session:
                settings = read_settings(session)
            for finding in check_oms(settings):
                failed += not finding.fine
                click.echo(f"{'ok   ' if finding.fine else 'wrong'} {finding.sentence}")
    if failed:
        _fail(failed)


def _fail(failed: int) -> NoReturn:
    raise click.ClickException(f"{failed} {'thing is' if failed == 1 else 'things are'} not in order.")


def _without_password(url: str) -> str:
    head, at, tail = url.rpartition("@")
    return f"{head.rpartition(':')[0]}:•••@{tail}" if at and head.count(":") > 1 else url
