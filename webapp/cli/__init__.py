"""The commands of oms-connector (contract: Commands).

Exit status 0 only when the whole thing worked; 2 for wrong usage; 1 with one clear sentence on stderr.
"""

import click

from webapp.cli.accounts import token, user
from webapp.cli.database import db
from webapp.cli.demo import demo
from webapp.cli.doctor import doctor
from webapp.cli.imports import import_group
from webapp.cli.integration import disable, register
from webapp.cli.messages import messages
from webapp.cli.orders import orders
from webapp.cli.running import sandbox, scheduler, up, web, worker
from webapp.cli.settings import settings
from webapp.config import product_version


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(product_version(), message="oms-connector %(version)s")
def main() -> None:
    """Connects a Magento store with its Order Management System."""


for command in (
    up,
    web,
    worker,
    scheduler,
    sandbox,
    db,
    demo,
    doctor,
    user,
    token,
    settings,
    register,
    disable,
):
    main.add_command(command)
main.add_command(import_group)
main.add_command(messages)
main.add_command(orders)
