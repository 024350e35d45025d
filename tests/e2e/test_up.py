"""`oms-connector up` as people start and stop it (contract: Commands)."""

import fcntl
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
import urllib3

from tests.fixtures.product import READY, Product, free_ports, run_command
from tests.fixtures.waiting import wait_for
from webapp.messaging import bell

Start = Callable[..., Product]


def family_of(supervisor: subprocess.Popen[Any]) -> list[psutil.Process]:
    """All processes the supervisor has made, theirs included."""
    family: list[psutil.Process] = psutil.Process(supervisor.pid).children(recursive=True)
    return family


def left(family: list[psutil.Process]) -> list[psutil.Process]:
    """Which of these still run."""
    return [one for one in family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


def find(product: Product, words: str) -> psutil.Process:
    """The supervisor's own child whose command line has these words."""
    children = psutil.Process(product.process.pid).children()
    return next(child for child in children if words in " ".join(child.cmdline()))


def answers(url: str) -> bool:
    try:
        return urllib3.request("GET", url, timeout=5.0, retries=False).status == 200
    except urllib3.exceptions.HTTPError:
        return False


class AtATerminal:
    """`oms-connector up` as somebody starts it at a terminal; `close` shuts the window."""

    def __init__(self, home: Path) -> None:
        port, sandbox_port = free_ports(2)
        self.environment = {
            **os.environ,
            "CONNECTOR_HOME": str(home),
            "PORT": str(port),
            "SANDBOX_PORT": str(sandbox_port),
        }
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "webapp.cli", "up", "--no-demo"],
            env=self.environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - one system call
        )
        os.close(theirs)

    def read_until_ready(self) -> re.Match[str]:
        """What the ready line says, once it is there."""
        said = ""
        while (ready := READY.search(said)) is None:
            said += os.read(self._ours, 65_536).decode().replace("\r", "")
        return ready

    def close(self) -> int:
        """Shut the window; the exit status of what ran in it."""
        os.close(self._ours)
        return self.process.wait()


def test_it_runs_says_so_refuses_a_second_and_ends_with_its_terminal(tmp_path: Path) -> None:
    home = tmp_path / ("a-home-whose-path-is-longer-than-a-socket-may-have-" * 3)
    first = AtATerminal(home)
    ready = first.read_until_ready()
    assert ready["email"] == "admin@localhost"
    assert ready["password"] == (home / "admin-password").read_text().strip()
    assert (home / "admin-password").stat().st_mode & 0o777 == 0o600
    assert answers(f"{ready['url']}/readyz")
    assert answers(f"http://127.0.0.1:{first.environment['SANDBOX_PORT']}/")

    second = run_command(first.environment, "up")
    assert second.returncode == 1
    assert second.stdout == ""
    assert f"already running on {home} (process {first.process.pid}" in second.stderr
    assert second.stderr.count("\n") == 1
    assert answers(f"{ready['url']}/readyz")

    family = family_of(first.process)
    assert len(family) >= 12
    assert first.close() == 0
    assert left(family) == []


@pytest.mark.parametrize("variable", ["PORT", "SANDBOX_PORT"])
def test_a_port_in_use_is_one_sentence_and_starts_nothing(tmp_path: Path, variable: str) -> None:
    port, sandbox_port = free_ports(2)
    home = tmp_path / "home"
    environment = {
        **os.environ,
        "CONNECTOR_HOME": str(home),
        "PORT": str(port),
        "SANDBOX_PORT": str(sandbox_port),
    }
    with socket.create_server(("127.0.0.1", int(environment[variable]))):
        refused = run_command(environment, "up")

    assert refused.returncode == 1
    assert refused.stdout == ""
    assert f"Port {environment[variable]} on 127.0.0.1 is in use" in refused.stderr
    assert f"set {variable} to another port" in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert not (home / "connector.db").exists()
    assert not (home / "redis.sock").exists()


def test_what_is_killed_comes_back_and_nothing_outlives_the_supervisor_but_its_data(
    start_product: Start,
) -> None:
    product = start_product("--no-demo")
    product.wait_until_ready()
    children = {
        "redis": "valkey-server",
        "web": "webapp.web_server",
        "workers": "workers.runner",
        "scheduler": "workers.scheduler",
        "sandbox": "webapp.sandbox",
    }

    for child in [find(product, words) for words in children.values()]:
        child.kill()

    wait_for(lambda: product.log().count("was killed by SIGKILL; starting it again at once") == len(children))
    for name in children:
        assert f" {name} was killed by SIGKILL" in product.log()
    wait_for(lambda: answers(f"{product.url}/readyz") and answers(f"{product.sandbox_url}/"))
    one_lane = find(product, "workers.runner").children()[0]
    one_lane.kill()
    wait_for(lambda: "worker_died" in product.log())
    wait_for(lambda: len(find(product, "workers.runner").children()) == len(bell.LANES))

    family = family_of(product.process)
    product.process.kill()
    product.process.wait()
    wait_for(lambda: not left(family))

    again = start_product("--no-demo", ports=(product.port, product.sandbox_port))
    again.wait_until_ready()
    assert again.lines == product.lines
    family = family_of(again.process)
    assert again.stop(signal.SIGINT) == 0
    assert left(family) == []
