"""The command line of each of the product's processes."""

import sys
from collections.abc import Iterable

from webapp.config import Config


def web(bind: str) -> list[str]:
    """The web server on `bind`: `HOST:PORT`, or `fd://N` for a socket handed over."""
    return [sys.executable, "-m", "gunicorn", "-c", "python:webapp.web_server", "--bind", bind]


def worker(lanes: Iterable[str] = ()) -> list[str]:
    """A worker process for each of these lanes; for every lane where none is named."""
    chosen = ",".join(lanes)
    return [sys.executable, "-m", "workers.runner", *(["--lanes", chosen] if chosen else [])]


def scheduler() -> list[str]:
    """The loop that rings sweeps."""
    return [sys.executable, "-m", "workers.scheduler"]


def sandbox(config: Config) -> list[str]:
    """The sandbox OMS on its port, with its own state in the home."""
    folder = config.home / "sandbox"
    return [
        *(sys.executable, "-m", "webapp.sandbox"),
        *("--port", str(config.sandbox_port)),
        *("--home", str(folder)),
    ]


def cli(*arguments: str) -> list[str]:
    """A command of `oms-connector`."""
    return [sys.executable, "-m", "webapp.cli", *arguments]
