"""The connector as real processes on a home of its own: gunicorn as in a deployment, a worker if wanted."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import urllib3

from tests.fixtures.product import free_ports, run_command
from tests.fixtures.settings import NO_REDIS
from tests.fixtures.waiting import wait_for

MB = 1024 * 1024


class Server:
    """A running server: its address, its log, what it holds in memory."""

    def __init__(self, home: Path, environment: dict[str, str], process: "subprocess.Popen[bytes]") -> None:
        self.home = home
        self.environment = environment
        self._process = process
        self.port = int(environment["PORT"])
        self.url = f"http://127.0.0.1:{self.port}"
        self.http = urllib3.PoolManager(maxsize=16, block=True, retries=False, timeout=120)

    def command(self, *arguments: str) -> str:
        """Run an `oms-connector` command on the same home; its output."""
        ran = run_command(self.environment, *arguments)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def token(self, *scopes: str) -> str:
        """A new API token of these scopes."""
        named = [part for scope in scopes for part in ("--scope", scope)]
        return self.command("token", "add", "-".join(scopes), *named).split()[-1]

    def resident(self) -> int:
        """Bytes of memory that its processes hold."""
        master = psutil.Process(self._process.pid)
        return sum(one.memory_info().rss for one in (master, *master.children(recursive=True)))

    def log(self) -> str:
        """All it wrote so far."""
        return (self.home / "log").read_text()

    def is_running(self) -> bool:
        """Whether it is still there."""
        return self._process.poll() is None


@contextmanager
def quick_home() -> Iterator[Path]:
    """A home in memory, where there is such a folder: what is measured is the server, not the disk."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder with a name nobody can know is made in it
    with TemporaryDirectory(prefix="connector-", dir=memory if memory.is_dir() else None) as home:
        yield Path(home)


@contextmanager
def running_server(
    home: Path, database_url: str = "", redis_url: str = NO_REDIS, **more: str
) -> Iterator[Server]:
    """Migrate the database, start the web server, wait until it answers; `more` are variables for it."""
    home.mkdir(exist_ok=True)
    environment = {
        "CONNECTOR_HOME": str(home),
        "DATABASE_URL": database_url or f"sqlite:///{home / 'connector.db'}",
        "REDIS_URL": redis_url,
        "SECRET_KEY": "a key for tests only, long enough to be one",
        "PORT": str(free_ports(1)[0]),
        "CONNECTOR_LOG": "json",
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        **more,
    }
    upgraded = run_command(environment, "db", "upgrade")
    assert upgraded.returncode == 0, upgraded.stderr
    with ExitStack() as stack:
        process = stack.enter_context(_process(home, environment, "web"))
        server = Server(home, environment, process)
        wait_for(lambda: _answers(server))
        yield server
        server.http.clear()


@contextmanager
def running_worker(server: Server) -> Iterator[None]:
    """The workers of all lanes, on the same home."""
    with _process(server.home, server.environment, "worker"):
        yield


@contextmanager
def _process(home: Path, environment: dict[str, str], name: str) -> Iterator["subprocess.Popen[bytes]"]:
    with (home / "log").open("a") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "webapp.cli", name],
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _answers(server: Server) -> bool:
    assert server.is_running(), server.log()[-4000:]
    try:
        socket.create_connection(("127.0.0.1", server.port)).close()
        return server.http.request("GET", f"{server.url}/healthz").status == 200
    except (OSError, urllib3.exceptions.HTTPError):
        return False
