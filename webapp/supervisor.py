"""`oms-connector up`: the whole product as processes under one supervisor (contract: Commands).

Embedded server, migrations, then web, workers, scheduler and sandbox, then the demo store; each by its
command line, none by import. A process that dies is started again; when the supervisor ends, in whatever
way, nothing of it stays behind.
"""

import errno
import fcntl
import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http import HTTPStatus

import urllib3

from webapp import command_lines, embedded_redis
from webapp.config import Config, embedded_socket
from webapp.process_output import Output
from webapp.processes import Child, Family, Stopped

WHOLE_WORLD = ("0.0.0.0", "::")  # noqa: S104 - compared with, not listened on
ANSWER_SECONDS = 1.0
PORT_PATIENCE_SECONDS = 5.0
PORT_RETRY_SECONDS = 0.25
MIGRATION_FAILED = "The database could not be brought up to date; the lines of db.log above say why."


class CannotStart(Exception):
    """Nothing was left running; the message is one sentence that says what to do."""


def up(config: Config, *, demo: bool = True, sandbox: bool = True) -> None:
    """Run the product until a signal asks to stop; raises `CannotStart` when it could not begin."""
    os.umask(0o077)  # what is kept here is for its owner alone
    try:
        config.home.mkdir(parents=True, exist_ok=True)
        output = Output(config.home / "logs")
    except OSError as error:
        raise _unusable_home(config, error) from error
    with (
        hold_home(config) as patience,
        closing(listen("PORT", config.host, config.port, patience)) as listener,
    ):
        if sandbox:
            listen("SANDBOX_PORT", "127.0.0.1", config.sandbox_port, patience).close()
        _export(config, sandbox=sandbox)
        family = Family(output)
        family.heed_signals()
        try:
            _start(family, config, listener, sandbox=sandbox)
            if demo:
                family.run_until_done(Child("demo", command_lines.cli("demo", "load")))
            announce(ready_line(config))
            while True:
                family.watch(60.0)
        except Stopped:
            output.say("stopping")
        finally:
            family.stop()


@contextmanager
def hold_home(config: Config) -> Iterator[float]:
    """One supervisor a home: the lock goes with the process, however that ends.

    Gives how many seconds to wait for the ports: some where the last one was killed, since its children
    may take a moment to notice.
    """
    earlier = ""
    try:
        lock = os.open(config.home / "up.lock", os.O_RDWR | os.O_CREAT, 0o600)
        earlier = os.read(lock, 1000).decode()
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _note(lock, f"process {os.getpid()}, {url_of(config)}")
    except BlockingIOError:
        raise CannotStart(
            f"OMS Connector is already running on {config.home} ({earlier}): stop that one first, or set "
            "CONNECTOR_HOME to another folder."
        ) from None
    except OSError as error:
        raise _unusable_home(config, error) from error
    try:
        yield PORT_PATIENCE_SECONDS if earlier else 0.0
    finally:
        _note(lock, "")
        os.close(lock)


def _note(lock: int, text: str) -> None:
    os.ftruncate(lock, 0)
    os.pwrite(lock, text.encode(), 0)


def _unusable_home(config: Config, error: OSError) -> CannotStart:
    return CannotStart(f"CONNECTOR_HOME {config.home} cannot be used: {_reason(error)}.")


def listen(variable: str, host: str, port: int, patience: float = 0.0) -> socket.socket:
    """A listening socket; web is handed it, so that nobody is refused while web is started again."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        if error.errno == errno.EADDRINUSE and patience > 0:
            threading.Event().wait(PORT_RETRY_SECONDS)
            return listen(variable, host, port, patience - PORT_RETRY_SECONDS)
        reason = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used ({_reason(error)})"
        raise CannotStart(
            f"Port {port} on {host} {reason}: stop what listens there, or set {variable} to another port."
        ) from error


def _reason(error: OSError) -> str:
    """The system's own words, without what Python adds to them."""
    return os.strerror(error.errno) if error.errno and error.errno > 0 else str(error.strerror)


def url_of(config: Config) -> str:
    """Where a browser on this machine finds the product."""
    host = "127.0.0.1" if config.host in WHOLE_WORLD else config.host
    return f"http://[{host}]:{config.port}" if ":" in host else f"http://{host}:{config.port}"


def _export(config: Config, *, sandbox: bool) -> None:
    """What the children are to know: where home is wherever they run, and how to write their log."""
    os.environ["CONNECTOR_HOME"] = str(config.home)
    os.environ["CONNECTOR_LOG"] = config.log_format
    os.environ["PYTHONUNBUFFERED"] = "1"
    if sandbox:
        os.environ["CONNECTOR_SANDBOX_URL"] = f"http://127.0.0.1:{config.sandbox_port}/"


def _start(family: Family, config: Config, listener: socket.socket, *, sandbox: bool) -> None:
    if config.embedded_redis:
        path = embedded_socket(config.home)
        family.add(Child("redis", embedded_redis.command(path, config.home), ends_last=True))
        family.wait_until(lambda: embedded_redis.answers(path))
    if family.run_once(Child("db", command_lines.cli("db", "upgrade"))):
        raise CannotStart(MIGRATION_FAILED)
    fd = listener.fileno()
    family.add(Child("web", command_lines.web(f"fd://{fd}"), sockets=(fd,)))
    family.add(Child("workers", command_lines.worker()))
    family.add(Child("scheduler", command_lines.scheduler()))
    pages = [f"{url_of(config)}/readyz"]
    if sandbox:
        family.add(Child("sandbox", command_lines.sandbox(config)))
        # Its front page lists orders, and takes the longer the more there are.
        pages.append(f"http://127.0.0.1:{config.sandbox_port}/control/dialect")
    with urllib3.PoolManager(retries=False, timeout=ANSWER_SECONDS) as client:
        family.wait_until(lambda: all(_answers(client, page) for page in pages))


def _answers(client: urllib3.PoolManager, url: str) -> bool:
    try:
        return client.request("GET", url).status == HTTPStatus.OK
    except urllib3.exceptions.HTTPError:
        return False


def ready_line(config: Config) -> str:
    """The one line on stdout; a generated password is shown until it is changed."""
    try:
        shown = config.admin_password_file.read_text("utf-8").strip()
    except FileNotFoundError:
        shown = "as you set it"
    return f"Ready: {url_of(config)}  admin: {config.admin_email}  password: {shown}"


def announce(line: str) -> None:
    """Say it on stdout; whoever closed that is not waiting for it."""
    try:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
