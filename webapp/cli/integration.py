"""`register` and `disable`: as the buttons on the Integration page."""

import click

from webapp.cli.opened import actor, opened
from webapp.extensions import transaction
from webapp.flows import hold_integration
from webapp.flows.register_now import register_now
from webapp.flows.unregister_now import unregister_now


@click.command()
def register() -> None:
    """Register with the OMS, or renew the registration; ends a disable."""
    with opened():
        result = register_now(actor())
    if not result.registered:
        raise click.ClickException(result.sentence)
    click.echo(result.sentence)


@click.command()
@click.option("--unregister", is_flag=True, help="Tell the OMS to call no longer, too.")
def disable(unregister: bool) -> None:
    """Hold what goes to the OMS and refuse its callbacks for now, until registered again."""
    left, told = True, ""
    with opened():
        if unregister:
            left, told = unregister_now(actor())
        with transaction() as session:
            hold_integration.disable(session, actor())
    done = "The integration is disabled: outgoing messages are held, callbacks are answered 503."
    click.echo(f"{done} {told}".strip() if left else done)
    if not left:
        raise click.ClickException(told)
