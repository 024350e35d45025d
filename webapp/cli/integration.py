"""`register` and `disable`: as the buttons on the Integration page."""

import click

from webapp.cli.opened import actor, opened
from webapp.extensions import transaction
from webapp.flows import hold_integration
from webapp.flows.register_now import register_now


@click.command()
def register() -> None:
    """Register with the OMS, or renew the registration; ends a disable."""
    with opened():
        result = register_now(actor())
    if not result.registered:
        raise click.ClickException(result.sentence)
    click.echo(result.sentence)


@click.command()
def disable() -> None:
    """Hold what goes to the OMS and refuse its callbacks for now, until registered again."""
    with opened(), transaction() as session:
        hold_integration.disable(session, actor())
    click.echo("The integration is disabled: outgoing messages are held, callbacks are answered 503.")
