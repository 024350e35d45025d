"""The one OAuth2 token of all workers: fetched once, dropped when it is another's (protocol: Token)."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from socket import socket
from threading import Event

import pytest

from tests.fixtures.entrances import Store
from tests.fixtures.far_side import Asked, FarSide, Reply, answer, far_side, taken
from webapp.domain.outcome import Verdict
from webapp.extensions import read
from webapp.flows.call_oms import open_client
from webapp.models.stored_settings import read_settings

PRODUCT = "magento.catalog.product_management.updated"
WORKERS = 8


def a_token(value: str, status: int = 200, **more: object) -> Reply:
    """A token server's answer."""
    return answer(status, json.dumps({"access_token": value, **more}).encode())


@pytest.fixture
def token_server(store: Store) -> Iterator[FarSide]:
    """Where tokens are fetched; the settings say so, in an order in which nobody would set them."""
    with far_side() as server:
        store.set(oms__client_secret="s3cret")
        store.set(oms__token_url=server.url)
        store.set(oms__client_id="connector")
        yield server


@pytest.fixture
def oms(store: Store, token_server: FarSide) -> Iterator[FarSide]:
    """The OMS, which takes every call."""
    with far_side() as side:
        store.set(oms__url=side.url)
        yield side


def call(store: Store, begin: Event | None = None) -> Verdict:
    """One call, as a worker of its own makes it."""
    with store.app.app_context():
        with read() as session:
            client = open_client(read_settings(session))
        if begin is not None:
            begin.wait()
        try:
            return client.call(PRODUCT, b"{}", "m-1").verdict
        finally:
            client.close()


def bearers(oms: FarSide) -> list[str]:
    """The tokens the OMS was shown."""
    return [one.headers["authorization"].removeprefix("Bearer ") for one in oms.asked]


def only_the_second(connection: socket, asked: Asked) -> bool:
    """What an OMS answers that takes the first token no longer."""
    if asked.headers["authorization"] == "Bearer second":
        return taken(connection, asked)
    return answer(401)(connection, asked)


def all_at_once(store: Store) -> list[Verdict]:
    """Every worker calls at the same moment."""
    begin = Event()
    with ThreadPoolExecutor(WORKERS) as workers:
        calls = [workers.submit(call, store, begin) for _ in range(WORKERS)]
        begin.set()
        return [one.result() for one in calls]


def test_all_workers_share_one_token(store: Store, token_server: FarSide, oms: FarSide) -> None:
    token_server.replies += [a_token("first", 201), a_token("second")]

    assert all_at_once(store) == [Verdict.SUCCEEDED] * WORKERS
    assert all_at_once(store) == [Verdict.SUCCEEDED] * WORKERS

    assert bearers(oms) == ["first"] * 2 * WORKERS
    assert len(token_server.asked) == 1


def test_one_that_is_turned_down_is_replaced_once_for_all(
    store: Store, token_server: FarSide, oms: FarSide
) -> None:
    token_server.replies += [a_token("first"), a_token("second")]
    assert call(store) is Verdict.SUCCEEDED
    oms.replies += [only_the_second] * 2 * WORKERS

    assert all_at_once(store) == [Verdict.SUCCEEDED] * WORKERS

    assert bearers(oms).count("second") == WORKERS
    assert len(token_server.asked) == 2


@pytest.mark.parametrize(
    "change",
    [{"oms__client_id": "another"}, {"oms__client_secret": "new"}, {"oms__url": "elsewhere"}],
    ids=lambda change: next(iter(change)),
)
def test_a_token_is_dropped_with_whom_it_was_given_to(
    store: Store, token_server: FarSide, oms: FarSide, change: dict[str, str]
) -> None:
    token_server.replies += [a_token("first", expires_in="3600"), a_token("second")]
    assert call(store) is Verdict.SUCCEEDED
    # The same value once more is no change.
    store.set(oms__client_id="connector")
    assert call(store) is Verdict.SUCCEEDED

    with far_side() as elsewhere:
        store.set(**{key: elsewhere.url if value == "elsewhere" else value for key, value in change.items()})
        assert call(store) is Verdict.SUCCEEDED
        assert bearers(oms) + bearers(elsewhere) == ["first", "first", "second"]


def test_one_fetched_with_credentials_changed_meanwhile_is_not_kept(
    store: Store, token_server: FarSide, oms: FarSide
) -> None:
    def change_and_answer(connection: socket, asked: Asked) -> bool:
        store.set(oms__client_id="another")
        return a_token("of the one before")(connection, asked)

    token_server.replies += [change_and_answer, a_token("of another")]

    assert call(store) is Verdict.SUCCEEDED
    assert call(store) is Verdict.SUCCEEDED

    assert bearers(oms)[-1] == "of another"


def test_a_lifetime_of_nothing_serves_one_call(store: Store, token_server: FarSide, oms: FarSide) -> None:
    token_server.replies += [a_token("first", expires_in=0), a_token("second", expires_in=0)]

    assert [call(store), call(store)] == [Verdict.SUCCEEDED] * 2

    assert bearers(oms) == ["first", "second"]
