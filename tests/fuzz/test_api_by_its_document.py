"""`GET /api/openapi.json` is true: a tester driven by it finds nothing in a real server."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.entrances import ALL_SCOPES
from tests.fuzz.api_tester import try_api
from tests.fuzz.server import Server, quick_home, running_server


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A web server of this file's own, without workers: what is handed in stays as it is."""
    with quick_home() as home, running_server(home) as server:
        yield server


def test_the_tester_finds_nothing(server: Server, tmp_path: Path) -> None:
    seed = int(os.environ.get("FUZZ_SEED", "1"))

    ended = try_api(server.url, server.token(*ALL_SCOPES), tmp_path, examples=20, seed=seed)

    assert not ended.found, ended.told
    print(ended.told[-400:])  # noqa: T201 - the seed and how many calls there were
    assert "request_failed" not in server.log()


def test_a_document_that_is_not_true_is_found(server: Server, tmp_path: Path) -> None:
    """The tester can fail: whoever has no scope is answered otherwise than a tester with all expects."""
    ended = try_api(server.url, "wrong", tmp_path, examples=1, seed=1)

    assert ended.found
