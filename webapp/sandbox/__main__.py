"""`python -m webapp.sandbox`: run the sandbox OMS until SIGTERM or Ctrl-C."""

import os
import socket
import sys
from pathlib import Path

import click

from webapp.sandbox.oms import DEFAULT_PACE


@click.command()
@click.option(
    "--home", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder of its state."
)
@click.option("--port", default=8100, show_default=True, help="Port to listen on; 0 for any free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--pace",
    default=DEFAULT_PACE,
    show_default=True,
    envvar="SANDBOX_PACE",
    help="Seconds between two steps of an order; also SANDBOX_PACE.",
)
def main(home: Path, port: int, host: str, pace: float) -> None:
    """Run the sandbox OMS."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except OSError as error:
        raise click.ClickException(f"Port {port} on {host} cannot be used: {error.strerror}") from None
    listener.set_inheritable(True)
    # The server takes this process over: its signals reach gunicorn's master itself.
    os.execv(  # noqa: S606 - no shell is wanted
        sys.executable,
        [
            sys.executable,
            "-m",
            "gunicorn",
            "--config",
            "python:webapp.sandbox.serving",
            "--bind",
            f"fd://{listener.fileno()}",
            f"webapp.sandbox.app:serve_sandbox({str(home)!r}, {pace!r})",
        ],
    )


if __name__ == "__main__":
    main()
