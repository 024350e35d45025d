"""The commands of oms-connector (contract: Commands).

Exit status 0 only when the whole thing worked; 2 for wrong usage; 1 with one clear sentence on stderr.
"""

from importlib import import_module

import click

from webapp.config import product_version

# Command → where it is: loaded when it is asked for, since `up` runs for days and needs none of the others.
COMMANDS = {
    "up": "webapp.cli.running:up",
    "web": "webapp.cli.running:web",
    "worker": "webapp.cli.running:worker",
    "scheduler": "webapp.cli.running:scheduler",
    "sandbox": "webapp.cli.running:sandbox",
    "db": "webapp.cli.database:db",
    "demo": "webapp.cli.demo:demo",
    "doctor": "webapp.cli.doctor:doctor",
    "user": "webapp.cli.accounts:user",
    "token": "webapp.cli.accounts:token",
    "settings": "webapp.cli.settings:settings",
    "register": "webapp.cli.integration:register",
    "disable": "webapp.cli.integration:disable",
    "import": "webapp.cli.imports:import_group",
    "messages": "webapp.cli.messages:messages",
    "orders": "webapp.cli.orders:orders",
}


class Commands(click.Group):
    """The group of all of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        where = COMMANDS.get(cmd_name)
        if where is None:
            return None
        module, _, name = where.partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(product_version(), message="oms-connector %(version)s")
def main() -> None:
    """Connects a Magento store with its Order Management System."""
