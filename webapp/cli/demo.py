"""`demo load`: the demo store."""

import click

from webapp.cli.environment import read_config
from webapp.cli.opened import opened
from webapp.flows.load_demo import DemoNotLoaded, load_demo


@click.group()
def demo() -> None:
    """The demo store."""


@demo.command("load")
def load() -> None:
    """Load the demo store's orders and lead them through the sandbox OMS; done once."""
    config = read_config()
    with opened():
        try:
            loaded = load_demo(config.sandbox_url or f"http://127.0.0.1:{config.sandbox_port}/", click.echo)
        except DemoNotLoaded as error:
            raise click.ClickException(str(error)) from error
    click.echo("The demo store is loaded." if loaded else "The demo store was loaded before.")
