"""The same against a real server in processes of its own, over kept-alive connections (R5)."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from tests.fixtures.waiting import wait_for
from tests.fuzz.effects import leftovers
from tests.fuzz.over_http import Siege
from tests.fuzz.server import MB, Server, quick_home, running_server, running_worker

SEED = int(os.environ.get("FUZZ_SEED", "1"))
CALLS = int(os.environ.get("FUZZ_CALLS", "500"))
THREADS = 4


@pytest.fixture(scope="module")
def server(redis_server: Path) -> Iterator[Server]:
    """A web server on SQLite, with workers."""
    with (
        quick_home() as home,
        running_server(home, redis_url=f"unix://{redis_server}") as server,
        running_worker(server),
    ):
        yield server


@pytest.fixture
def engine(server: Server) -> Iterator[Engine]:
    """The server's database."""
    engine = create_engine(server.environment["DATABASE_URL"])
    yield engine
    engine.dispose()


def test_no_call_does_harm_over_http(server: Server, engine: Engine) -> None:
    siege = Siege(server, SEED, THREADS)
    before = server.resident()

    for mode in ("sync", "async"):
        siege.run(CALLS, mode=mode)
    wait_for(lambda: not _open_messages(engine))

    tally = siege.tally()
    memory = f"memory {before // MB} MB before, {server.resident() // MB} MB after"
    print(f"over HTTP: {tally.told()}\n  {memory}")  # noqa: T201 - the seed and the counts
    assert not tally.findings, tally.told()
    assert leftovers(engine) == {}
    assert siege.ledger.wrongly_here(engine) == []
    assert siege.ledger.taken
    assert siege.ledger.refused
    assert '"level": "error"' not in server.log()


HEAD = b"POST /oms/callbacks HTTP/1.1\r\nHost: x\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
# What is no request, or one that breaks off, as it goes down the wire; the connection is closed behind it.
BROKEN = {
    "nothing": b"",
    "half a line": b"POST /oms/call",
    "no HTTP": b"hello\r\n\r\n",
    "an old version": b"POST /oms/callbacks\r\n\r\n",
    "another protocol": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a body that breaks off": HEAD + b"Content-Length: 500\r\n\r\n{",
    "no number for a length": HEAD + b"Content-Length: many\r\n\r\n{}",
    "a length below 0": HEAD + b"Content-Length: -1\r\n\r\n{}",
    "two lengths": HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
    "chunks that are none": CHUNKED + b"zz\r\n",
    "chunks without an end": CHUNKED + b"2\r\n{}\r\n",
    "a chunk too large": CHUNKED + b"FFFFFFFFFFFFFFFF\r\n{}\r\n",
    "length and chunks": HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "an unknown coding": HEAD + b"Transfer-Encoding: x\r\n\r\n{}",
    "a NUL in a header": HEAD + b"X-Signature: a\x00b\r\n\r\n",
    "a header of 60 KB": b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 60_000 + b"\r\n\r\n",
    "a thousand headers": b"GET /healthz HTTP/1.1\r\n" + b"X: y\r\n" * 1_000 + b"\r\n",
    "an address of 60 KB": b"GET /api/v1/orders/" + b"9" * 60_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "a NUL in the address": b"GET /api/v1/orders/%00 HTTP/1.1\r\nHost: x\r\n\r\n",
    "an address that is no UTF-8": b"GET /api/v1/orders/%ff%fe HTTP/1.1\r\nHost: x\r\n\r\n",
    "a strange method": b"BREW /oms/callbacks HTTP/1.1\r\nHost: x\r\n\r\n",
    "two requests in one": b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 2,
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_breaks_off_or_is_no_request_holds_nobody_up(server: Server, what: str) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(BROKEN[what])
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))

    # Nothing, or a refusal; only what is a request after all gets more. What HTTP has 501 for gets that.
    statuses = [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]]
    assert all(status < 500 or status == 501 for status in statuses), answer[:300]
    assert server.http.request("GET", f"{server.url}/healthz").status == 200
    assert '"level": "error"' not in server.log()


def test_who_is_slow_keeps_nobody_else_waiting() -> None:
    """More half requests than there are threads to serve them, and each of them has all day."""
    halves = [HEAD[: 5 + place] for place in range(20)] + [HEAD + b"Content-Length: 5\r\n\r\n{"] * 20
    with ExitStack() as held:
        home = held.enter_context(quick_home())
        server = held.enter_context(running_server(home, GUNICORN_CMD_ARGS="--timeout 6"))
        for half in halves:
            slow = held.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            slow.sendall(half)

        assert server.http.request("GET", f"{server.url}/healthz").status == 200
        whole = server.http.request("POST", f"{server.url}/oms/callbacks", body=b"{}")
        assert whole.status == 401
        assert '"level": "error"' not in server.log()


def _open_messages(engine: Engine) -> int:
    with engine.connect() as connection:
        query = "SELECT count(*) FROM messages WHERE direction = 'in' AND is_open"
        return int(connection.execute(text(query)).scalar_one())
