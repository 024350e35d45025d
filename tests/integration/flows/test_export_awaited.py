"""A store that waits for the OMS's word, and never for long (F16)."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Thread

import pytest

from tests.fixtures.entrances import Reply, Store
from tests.fixtures.far_side import far_side
from tests.fixtures.waiting import wait_for
from tests.integration.flows.exports import CREATE, NUMBER, PRODUCT, export_of, lines_at, pieces_of_a, sent
from tests.sandbox_process import SandboxProcess
from webapp import create_app
from webapp.config import Config
from webapp.extensions import db

SECONDS = 2
WorkOff = Callable[..., None]


def test_the_verdict_is_in_the_answer(store: Store, sandbox: SandboxProcess, work_off: WorkOff) -> None:
    store.set(orders__export_mode="sync")

    taken = store.hand_in(pieces_of_a(2))
    assert (taken.status, taken.said["order"], taken.said["export"]) == (201, NUMBER, "exported")
    assert lines_at(sandbox) == 2
    assert store.call("GET", f"/api/v1/messages/{taken.said['message_id']}").said["status"] == "succeeded"
    # Nothing new to wait for.
    assert store.hand_in(pieces_of_a(2)).status == 202
    assert store.hand_in(pieces_of_a(2, "pending", increment_id="7")).said["export"] == "waiting"

    sandbox.control("faults", {"kind": "reject", "method": CREATE})
    refused = store.hand_in(pieces_of_a(2, increment_id="8"))
    assert (refused.status, refused.said["export"]) == (502, "failed")
    assert "Refused, as the fault 'reject' asks" in refused.said["reason"]
    assert export_of(store, "8") == ("failed", refused.said["reason"])
    many = store.hand_in({"items": [pieces_of_a(2, increment_id="9")]})
    assert (many.status, many.said["items"][0]["export"]) == (202, "queued")


def test_an_oms_that_is_down_leaves_the_order_queued(
    store: Store, sandbox: SandboxProcess, work_off: WorkOff
) -> None:
    store.set(orders__export_mode="sync", oms__url="http://127.0.0.1:1/")

    reply = store.hand_in(pieces_of_a(2))

    assert (reply.status, reply.said["export"]) == (202, "queued")
    assert (sent(store, PRODUCT), sent(store)) == (["retrying"], ["pending"])


def test_past_the_time_limit_it_is_queued_and_ends_by_itself(store: Store, sandbox: SandboxProcess) -> None:
    sandbox.control("unknown_skus", {"refuse": False})
    sandbox.control("faults", {"kind": "slow", "delay": SECONDS, "calls": 2})
    store.set(orders__export_mode="sync", orders__sync_timeout_seconds=1)

    reply = store.hand_in(pieces_of_a(2))

    assert (reply.status, reply.said["export"]) == (202, "queued")
    assert lines_at(sandbox) == 0
    wait_for(lambda: sent(store, PRODUCT) == ["succeeded"])


@pytest.fixture
def small_server(config: Config) -> Iterator[Store]:
    """A store whose server has two threads: one of them may wait on the OMS."""
    app = create_app(replace(config, web_threads=2))
    store = Store(app)
    store.set(orders__export_mode="sync", orders__sync_timeout_seconds=SECONDS)
    yield store
    with app.app_context():
        db.engine.dispose()


def test_only_half_of_the_threads_wait(small_server: Store) -> None:
    first: list[Reply] = []
    with far_side() as side:
        side.replies += [side.hang] * 8
        small_server.set(oms__url=side.url, oms__timeout_seconds=SECONDS)
        waiting = Thread(target=lambda: first.append(small_server.hand_in(pieces_of_a(1))))
        waiting.start()
        wait_for(lambda: side.asked)

        second = small_server.hand_in(pieces_of_a(1, increment_id="43"))

        # Answered while the first still waits, and nothing of it was sent by that thread.
        assert not first
        assert (second.status, second.said["export"]) == (202, "queued")
        assert len(side.asked) == 1
        waiting.join()
        # The thread in the background has nothing more to write once no try is under way.
        wait_for(lambda: not small_server.messages(status="in_flight"))
    assert (first[0].status, first[0].said["export"]) == (202, "queued")


def test_whoever_waited_makes_room_for_the_next(small_server: Store) -> None:
    with far_side() as side:
        small_server.set(oms__url=side.url)
        for number in ("1", "2", "3"):
            reply = small_server.hand_in(pieces_of_a(1, increment_id=number))
            assert (reply.status, reply.said["export"]) == (201, "exported"), number
