"""Workers and scheduler as processes: waiting for Redis, coming back after it, ending when told."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from redis import Redis

from tests.fixtures.mail_server import mail_server
from tests.fixtures.settings import config_for
from tests.fixtures.waiting import wait_for
from webapp import clock, create_app, embedded_redis
from webapp.config import Config
from webapp.extensions import transaction
from webapp.flows.change_settings import change_settings
from webapp.messaging import bell
from webapp.messaging.journal import NewMessage, publish

Run = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def config(tmp_path: Path, sqlite: str) -> Config:
    """On a socket where nobody listens yet."""
    return config_for(tmp_path, sqlite, f"unix://{tmp_path / 'redis.sock'}")


@pytest.fixture
def run(config: Config) -> Iterator[Run]:
    """Start a process on the test's home; its stderr goes to `log`."""
    started: list[subprocess.Popen[bytes]] = []
    environment = {
        **os.environ,
        "CONNECTOR_HOME": str(config.home),
        "DATABASE_URL": config.database_url,
        "REDIS_URL": config.redis_url,
        "CONNECTOR_LOG": "json",
    }

    def start(*command: str, **more: str) -> subprocess.Popen[bytes]:
        with (config.home / "log").open("a") as log:
            started.append(subprocess.Popen(command, env=environment | more, stderr=log, stdout=log))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def start_redis(run: Run, config: Config) -> Callable[[], subprocess.Popen[bytes]]:
    """Start the server everybody is waiting for."""
    socket = config.home / "redis.sock"

    def start() -> subprocess.Popen[bytes]:
        server = run(*embedded_redis.command(socket, config.home))
        wait_for(lambda: embedded_redis.answers(socket))
        return server

    return start


def worked(config: Config, lane: str) -> None:
    """Ring a lane and return once its bell has been lowered and no job is left."""
    with create_app(config).app_context(), Redis.from_url(config.redis_url) as redis:
        wait_for(lambda: bell.ring(lane))
        wait_for(lambda: not redis.exists(f"oms-connector:bell:{lane}", f"rq:queue:{lane}"))
        wait_for(lambda: all(redis.hget(name, "state") == b"idle" for name in redis.smembers("rq:workers")))


def test_a_worker_waits_for_redis_and_outlives_its_restart(
    config: Config, run: Run, start_redis: Callable[[], subprocess.Popen[bytes]]
) -> None:
    pool = run(sys.executable, "-m", "workers.runner", "--lanes", "orders")
    log = config.home / "log"
    wait_for(lambda: log.read_text().count("redis_away") >= 2)
    (worker,) = psutil.Process(pool.pid).children()

    redis = start_redis()
    worked(config, "orders")
    redis.kill()
    redis.wait()
    start_redis()
    worked(config, "orders")

    assert worker.is_running()
    pool.send_signal(signal.SIGTERM)
    assert pool.wait() == 0
    assert not worker.is_running()


def test_each_lane_has_processes_of_its_own(
    config: Config, run: Run, start_redis: Callable[[], subprocess.Popen[bytes]]
) -> None:
    start_redis()
    pool = run(sys.executable, "-m", "workers.runner", "--lanes", "orders,catalog", "--count", "2")
    with Redis.from_url(config.redis_url) as redis:
        wait_for(lambda: redis.scard("rq:workers:orders") == 2 and redis.scard("rq:workers:catalog") == 2)

    assert len(psutil.Process(pool.pid).children()) == 4


def test_the_scheduler_asks_for_sweeps_once_redis_is_there(
    config: Config, run: Run, start_redis: Callable[[], subprocess.Popen[bytes]]
) -> None:
    scheduler = run(sys.executable, "-m", "workers.scheduler")
    wait_for(lambda: "bell_not_rung" in (config.home / "log").read_text())

    start_redis()

    with Redis.from_url(config.redis_url) as redis:
        wait_for(lambda: redis.llen("rq:queue:retries") == 1)
    scheduler.send_signal(signal.SIGTERM)
    assert scheduler.wait() == 0


def test_an_unknown_lane_is_refused_by_name(run: Run, config: Config) -> None:
    refused = run(sys.executable, "-m", "workers.runner", "--lanes", "orders,ordrs")

    assert refused.wait() == 2
    assert 'there is no lane "ordrs"; there are orders, catalog' in (config.home / "log").read_text()


def test_while_redis_is_away_the_scheduler_sends_alerts_itself(config: Config, run: Run) -> None:
    with create_app(config).app_context(), transaction() as session:
        change_settings(
            session, {"oms.url": "http://127.0.0.1:9/", "alerts.email": "ada@example.com"}, "a test"
        )
        a_while_ago = clock.now() - timedelta(hours=1)
    with create_app(config).app_context(), clock.running_at(lambda: a_while_ago), transaction() as session:
        publish(session, [NewMessage("a.topic", "orders", "order:1", b"{}")], "a test")
    with mail_server() as server:
        scheduler = run(sys.executable, "-m", "workers.scheduler", SMTP_URL=server.url)
        wait_for(lambda: server.mails)
        assert server.mails[0]["Subject"] == "[OMS Connector] 1 message waiting too long"
        scheduler.send_signal(signal.SIGTERM)
        assert scheduler.wait() == 0
