"""`oms-connector up` as people start and stop it (contract: Commands)."""

import fcntl
import os
import pty
import signal
import socket
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
import urllib3

from tests.fixtures.product import Product, free_ports, run_command
from tests.fixtures.waiting import wait_for

Start = Callable[..., Product]


def family_of(product: Product) -> list[psutil.Process]:
    """All processes the supervisor has made, theirs included."""
    family: list[psutil.Process] = psutil.Process(product.process.pid).children(recursive=True)
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


def test_it_runs_says_so_once_refuses_a_second_and_finds_its_data_again(start_product: Start) -> None:
    first = start_product("--no-demo")
    first.wait_until_ready()
    assert first.email == "admin@localhost"
    assert first.password == (first.home / "admin-password").read_text().strip()
    assert (first.home / "admin-password").stat().st_mode & 0o777 == 0o600
    assert answers(f"{first.url}/readyz")
    assert answers(f"{first.sandbox_url}/")

    second = run_command(first.environment, "up")
    assert second.returncode == 1
    assert second.stdout == ""
    assert f"already running on {first.home} (process {first.process.pid}" in second.stderr
    assert second.stderr.count("\n") == 1
    assert answers(f"{first.url}/readyz")

    family = family_of(first)
    assert len(family) >= 12
    assert first.stop() == 0
    assert left(family) == []
    assert first.process.stdout
    assert first.process.stdout.read() == ""

    again = start_product("--no-demo", ports=(first.port, first.sandbox_port))
    again.wait_until_ready()
    assert again.lines == first.lines
    assert again.stop(signal.SIGINT) == 0


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


def test_what_is_killed_comes_back_and_nothing_outlives_the_supervisor(start_product: Start) -> None:
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
    wait_for(lambda: len(find(product, "workers.runner").children()) == 6)

    family = family_of(product)
    product.process.kill()
    product.process.wait()
    wait_for(lambda: not left(family))

    again = start_product("--no-demo", ports=(product.port, product.sandbox_port))
    again.wait_until_ready()


def test_a_closed_terminal_leaves_nothing_behind(tmp_path: Path) -> None:
    home = tmp_path / ("a-home-whose-path-is-longer-than-a-socket-may-have-" * 3)
    port, sandbox_port = free_ports(2)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "webapp.cli", "up", "--no-demo"],
        env={**os.environ, "CONNECTOR_HOME": str(home), "PORT": str(port), "SANDBOX_PORT": str(sandbox_port)},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - one system call
    )
    os.close(theirs)
    said = b""
    while b"Ready: " not in said:
        said += os.read(ours, 65_536)
    family = psutil.Process(process.pid).children(recursive=True)

    os.close(ours)

    assert process.wait() == 0
    assert left(family) == []


def test_on_postgresql_and_another_redis(start_product: Start, postgresql: str, redis_url: str) -> None:
    product = start_product(DATABASE_URL=postgresql, REDIS_URL=redis_url)
    product.wait_until_ready()

    assert answers(f"{product.url}/readyz")
    assert not (product.home / "redis.sock").exists()
    assert not (product.home / "connector.db").exists()
    assert product.stop() == 0
