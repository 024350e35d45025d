"""`up`, and one process each for a real deployment: `web`, `worker`, `scheduler`, `sandbox`."""

import os
from collections.abc import Sequence

import click

from webapp import command_lines, supervisor
from webapp.cli.environment import read_config


@click.command()
@click.option("--no-demo", is_flag=True, help="Without the demo store.")
@click.option("--no-sandbox", is_flag=True, help="Without the sandbox OMS.")
def up(no_demo: bool, no_sandbox: bool) -> None:
    """Start the whole product: web, workers, scheduler, sandbox OMS, demo store."""
    try:
        supervisor.up(read_config(), demo=not no_demo and not no_sandbox, sandbox=not no_sandbox)
    except supervisor.CannotStart as error:
        raise click.ClickException(str(error)) from error


@click.command()
def web() -> None:
    """Run the web server (CONNECTOR_HOST, PORT)."""
    config = read_config()
    _become(command_lines.web(f"{config.host}:{config.port}"))


@click.command()
@click.option("--lanes", default="", help="Comma-separated; all where left out.")
def worker(lanes: str) -> None:
    """Run the workers."""
    read_config()
    _become(command_lines.worker([lane.strip() for lane in lanes.split(",") if lane.strip()]))


@click.command()
def scheduler() -> None:
    """Run the loop that rings sweeps."""
    read_config()
    _become(command_lines.scheduler())


@click.command()
def sandbox() -> None:
    """Run the sandbox OMS (SANDBOX_PORT)."""
    _become(command_lines.sandbox(read_config()))


def _become(command: Sequence[str]) -> None:
    """Let the process take this one's place, so that signals reach it."""
    os.execv(command[0], list(command))  # noqa: S606 - no shell is wanted
