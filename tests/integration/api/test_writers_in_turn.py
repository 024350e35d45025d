"""SQLite has one writer at a time: whoever comes second waits, or is told to come again."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Event

import pytest

from tests.fixtures.entrances import Reply, Store
from tests.fixtures.magento_documents import an_item, an_order
from webapp import extensions
from webapp.extensions import db, transaction


@pytest.fixture(params=["sqlite"])
def database(request: pytest.FixtureRequest) -> str:
    """PostgreSQL has as many writers as it is asked for."""
    url: str = request.getfixturevalue(request.param)
    return url


def hand_in(store: Store, number: str) -> Reply:
    return store.hand_in(an_order([an_item(1, "A", 1, 10)], 10, increment_id=number))


def test_one_that_waits_is_served_when_the_others_are_done(store: Store) -> None:
    let_go = Event()
    held = Event()

    def hold() -> None:
        with store.app.app_context(), transaction():
            held.set()
            let_go.wait()

    with ThreadPoolExecutor(9) as threads:
        holding = threads.submit(hold)
        held.wait()
        waiting = [threads.submit(hand_in, store, f"00000000{number}") for number in range(8)]
        assert not any(one.done() for one in waiting)
        let_go.set()
        holding.result()
        assert [one.result().status for one in waiting] == [202] * 8


def test_one_that_waits_too_long_is_told_to_come_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with store.app.app_context(), transaction():
        monkeypatch.setattr(extensions, "BUSY_MILLISECONDS", 20)
        refused = hand_in(store, "000000042")
    monkeypatch.undo()

    assert (refused.status, refused.error["code"]) == (503, "service_unavailable")
    assert hand_in(store, "000000042").status == 202
    # The connection it waited on waits as long as any other again.
    with store.app.app_context(), closing(db.engine.raw_connection()) as connection:
        waits = connection.execute("PRAGMA busy_timeout").fetchone()
    assert waits == (extensions.BUSY_MILLISECONDS,)
