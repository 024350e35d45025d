"""The doorbell on a real Redis: many rings are one drain, and a lost one is made up for (house rule 1)."""

import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from tests.fixtures.far_side import FarSide, far_side
from tests.fixtures.waiting import wait_for
from tests.integration.messaging.journaled import (
    TAKEN,
    Sink,
    claim_one,
    handlers,
    new,
    publish_one,
    published,
    row,
    settled,
    status,
)
from webapp import embedded_redis
from webapp.config import Config
from webapp.domain.outcome import Outcome
from webapp.domain.states import MessageStatus
from webapp.extensions import transaction
from webapp.flows.change_settings import change_settings
from webapp.messaging import bell, holds
from webapp.messaging.claims import Claimed
from webapp.messaging.drain import drain
from webapp.messaging.journal import publish
from webapp.messaging.sweep import sweep

S = MessageStatus
WorkOff = Callable[..., None]


@pytest.fixture
def listening_oms(app_context: Flask) -> Iterator[FarSide]:
    """A listening OMS, entered in the settings."""
    with far_side() as side:
        with transaction() as session:
            change_settings(session, {"oms.url": side.url}, "a test")
        yield side


class Jobs:
    """The jobs that wait in a lane's queue."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def count(self, lane: str = "orders") -> int:
        """How many there are."""
        return Queue(lane, connection=self._redis, serializer=JSONSerializer).count

    def take(self, lane: str = "orders") -> None:
        """Take them all, as a worker does that then dies."""
        self._redis.delete(f"rq:queue:{lane}")


@pytest.fixture
def jobs(config: Config) -> Iterator[Jobs]:
    """The jobs in the queues."""
    with Redis.from_url(config.redis_url) as redis:
        yield Jobs(redis)


def test_many_commits_are_one_job_and_everything_arrives(
    listening_oms: FarSide, jobs: Jobs, work_off: WorkOff
) -> None:
    wanted = [publish_one(f"order:{number}", b'{"n": %d}' % number) for number in range(30)]
    assert jobs.count() == 1

    work_off("orders")

    assert {status(one) for one in wanted} == {S.SUCCEEDED}
    assert sorted(one.body for one in listening_oms.asked) == sorted(row(one).payload for one in wanted)
    assert jobs.count() == 0


def test_what_is_committed_during_a_drain_rings_anew(app_context: Flask, jobs: Jobs) -> None:
    publish_one("order:1")
    jobs.take()

    def send(claimed: Claimed) -> Outcome:
        if claimed.key.endswith("order:1"):
            publish_one("order:2")
        return TAKEN

    sink = Sink(send)
    drain("orders", handlers(sink))
    assert [one.key for one in sink.came] == ["out:oms:order:1", "out:oms:order:2"]
    assert jobs.count() == 1


def test_a_drain_whose_time_is_up_rings_again(app_context: Flask, jobs: Jobs) -> None:
    publish_one("order:1")
    jobs.take()
    assert drain("orders", handlers(), seconds=0).more
    assert jobs.count() == 1


def test_nothing_rings_before_its_commit_and_nothing_for_what_was_rolled_back(
    app_context: Flask, jobs: Jobs
) -> None:
    def publish_and_fail() -> None:
        with transaction() as session:
            publish(session, [new("order:1")], "a test")
            raise KeyError("ours")

    with pytest.raises(KeyError):
        publish_and_fail()
    assert jobs.count() == 0
    with transaction() as session:
        publish(session, [new("order:1")], "a test")
        with session.begin_nested():
            publish(session, [new("product:A", lane="catalog")], "a test")
        assert (jobs.count(), jobs.count("catalog")) == (0, 0)
    assert (jobs.count(), jobs.count("catalog")) == (1, 1)


def test_a_part_that_is_undone_takes_no_other_ring_with_it(app_context: Flask, jobs: Jobs) -> None:
    def undo() -> None:
        with session.begin_nested():
            raise KeyError("ours")

    with transaction() as session:
        publish(session, [new("order:1")], "a test")
        with pytest.raises(KeyError):
            undo()
    assert jobs.count() == 1


def test_settling_rings_for_the_next_of_the_key_in_whatever_lane(app_context: Flask, jobs: Jobs) -> None:
    published(new("order:1", lane="catalog"), new("order:1", lane="orders"))
    claimed = claim_one("catalog")
    for lane in ("orders", "catalog"):
        jobs.take(lane)
        bell.lower(lane)
    assert settled(claimed)
    assert (jobs.count("orders"), jobs.count("catalog")) == (1, 0)


def test_sweeps_ring_for_what_is_due_and_pile_up_no_jobs(app_context: Flask, jobs: Jobs) -> None:
    publish_one("order:1")
    for _ in range(4):
        assert sweep(handlers())["lanes"] == 1
    assert jobs.count() == 1
    jobs.take()
    assert sweep(handlers())["lanes"] == 1
    assert jobs.count() == 1


def test_a_sweep_can_be_asked_for_again_as_soon_as_one_has_begun(app_context: Flask, jobs: Jobs) -> None:
    for _ in range(3):
        assert bell.ring_sweep()
        assert jobs.count("retries") == 1
        jobs.take("retries")
    sweep(handlers())
    with transaction() as session:
        holds.place(session, "endpoint", "oms", "disabled", "Disabled.", "a test")
    assert jobs.count("retries") == 1


def test_emptied_redis_loses_nothing(listening_oms: FarSide, config: Config, work_off: WorkOff) -> None:
    message_id = publish_one("order:1")
    with Redis.from_url(config.redis_url) as redis:
        redis.flushall()
    work_off("orders")
    assert status(message_id) is S.PENDING

    bell.ring_sweep()
    work_off("retries")
    work_off("orders")

    assert status(message_id) is S.SUCCEEDED
    assert len(listening_oms.asked) == 1


@pytest.fixture
def own_redis(config: Config, tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts a server of this test's own where its app looks for one."""
    started: list[subprocess.Popen[bytes]] = []
    socket = Path(config.redis_url.removeprefix("unix://"))

    def start() -> subprocess.Popen[bytes]:
        with (tmp_path / "redis.log").open("a") as log:
            started.append(subprocess.Popen(embedded_redis.command(socket, tmp_path), stdout=log, stderr=log))
        wait_for(lambda: embedded_redis.answers(socket))
        return started[-1]

    yield start
    for one in started:
        one.kill()
        one.wait()


@pytest.mark.usefixtures("stopped_redis_url")
def test_stopped_redis_refuses_nothing_and_loses_nothing(
    listening_oms: FarSide,
    own_redis: Callable[[], subprocess.Popen[bytes]],
    work_off: WorkOff,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bell, "AWAY_SECONDS", 0.1)
    server = own_redis()
    before = publish_one("order:1")
    server.kill()
    server.wait()
    during = [publish_one(f"order:{number}") for number in range(2, 6)]
    assert not bell.ring_sweep()

    own_redis()
    wait_for(bell.ring_sweep)
    work_off("retries")
    work_off("orders")

    assert {status(one) for one in (before, *during)} == {S.SUCCEEDED}
    assert len(listening_oms.asked) == 5


@pytest.fixture
def redis_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of the shared server, emptied; of none yet where the test starts one itself."""
    if "stopped_redis_url" in request.fixturenames:
        return f"unix://{tmp_path / 'r.sock'}"
    server: Path = request.getfixturevalue("redis_server")
    with Redis.from_url(f"unix://{server}") as client:
        client.flushall()
    return f"unix://{server}"


@pytest.fixture
def stopped_redis_url() -> None:
    """Says that the test starts its Redis itself."""


def test_ringing_is_for_everybody_at_once(app: Flask, app_context: Flask, jobs: Jobs) -> None:
    go = threading.Barrier(6)

    def ring() -> None:
        with app.app_context():
            go.wait()
            bell.ring("orders")

    threads = [threading.Thread(target=ring) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert jobs.count() == 1
