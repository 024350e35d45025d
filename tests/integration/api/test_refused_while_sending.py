"""A body that nobody wants to read: its sender gets the answer all the same, from a real server."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest

from tests.fuzz.server import MB, Server, running_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("refusing")) as server:
        yield server


def post(server: Server, path: str, megabytes: int, *, chunked: bool) -> tuple[int, Any]:
    """Status and JSON of the answer to blanks, all of which are sent before it is read."""
    connection = HTTPConnection("127.0.0.1", server.port)
    pieces = (b" " * MB for _ in range(megabytes))
    length = {} if chunked else {"Content-Length": str(megabytes * MB)}
    headers = {"Content-Type": "application/json", **length}
    try:
        connection.request("POST", path, body=pieces, headers=headers, encode_chunked=chunked)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


@pytest.mark.parametrize("chunked", [False, True], ids=["by its length", "in chunks"])
def test_too_large_or_not_let_in_is_heard(server: Server, chunked: bool) -> None:
    too_large = post(server, "/oms/callbacks", 60, chunked=chunked)
    assert (too_large[0], too_large[1]["error"]["code"]) == (413, -32700)
    unsigned = post(server, "/oms/callbacks", 8, chunked=chunked)
    assert (unsigned[0], unsigned[1]["error"]["code"]) == (401, -32002)
    assert post(server, "/api/v1/orders", 60, chunked=chunked)[0] == 401
    assert post(server, "/healthz", 8, chunked=chunked)[0] == 405
