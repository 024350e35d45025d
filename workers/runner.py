"""`python -m workers.runner [--lanes a,b] [--count N] [--burst]`: a process for each lane, kept running.

One queue per worker process, so that no job is lost between queues and orders never wait behind bulk. The
processes are forked, so that they share what is loaded; each makes its own engine and connections. Jobs
are doorbells only, run in the worker itself.
"""

import importlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from types import FrameType

import click
import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from webapp import clock
from webapp.config import Config, ConfigError
from webapp.log import set_up_logging
from webapp.messaging.bell import LANES
from webapp.processes import GRACE_SECONDS, LONGEST_WAIT_SECONDS, Backoff, die_with_parent
from workers import application

log = structlog.get_logger(__name__)

LONGEST_RECONNECT_SECONDS = 5.0
_fork = multiprocessing.get_context("fork")


@dataclass
class Post:
    """One lane's place in the pool, and the process that holds it."""

    lane: str
    process: BaseProcess | None = None
    backoff: Backoff = field(default_factory=Backoff)
    started_at: float = 0.0
    due_at: float = 0.0


class Pool:
    """Processes that are forked here, started again when they die, and end with this one."""

    def __init__(self, lanes: Sequence[str], count: int, config: Config) -> None:
        self._posts = [Post(lane) for lane in lanes for _ in range(count)]
        self._config = config
        self._stopping = False
        self._woken, self._waking = os.pipe()

    def run(self) -> None:
        """Keep every post held until SIGTERM or SIGINT; then let each end its batch."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        while not self._stopping:
            self._fill()
            due = [post.due_at - clock.monotonic() for post in self._posts if post.process is None]
            self._wait(max(0.0, min(due, default=LONGEST_WAIT_SECONDS)))
        self._end()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True
        os.write(self._waking, b"\0")

    def _wait(self, seconds: float) -> None:
        happened = wait(
            [self._woken, *(post.process.sentinel for post in self._posts if post.process)], seconds
        )
        if self._woken in happened:
            os.read(self._woken, 4096)

    def _fill(self) -> None:
        for post in self._posts:
            if post.process is not None and post.process.exitcode is not None:
                pause = post.backoff.after(clock.monotonic() - post.started_at)
                log.warning("worker_died", lane=post.lane, status=post.process.exitcode, again_in=pause)
                post.process, post.due_at = None, clock.monotonic() + pause
            if post.process is None and post.due_at <= clock.monotonic():
                post.process = _fork.Process(target=hold_lane, args=(post.lane, self._config, os.getpid()))
                post.started_at = clock.monotonic()
                post.process.start()

    def _end(self) -> None:
        processes = [post.process for post in self._posts if post.process]
        for process in processes:
            process.terminate()
        ends = clock.monotonic() + GRACE_SECONDS
        for process in processes:
            process.join(max(0.0, ends - clock.monotonic()))
            process.kill()
            process.join()


def hold_lane(lane: str, config: Config, parent: int) -> None:
    """A worker process's whole life: wait for Redis, then take the lane's jobs until told to stop."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    die_with_parent(parent)
    application.use(config)
    connection = Redis.from_url(config.redis_url)
    wait_for_redis(connection, lane)
    try:
        work([lane], connection)
    except (RedisError, OSError) as error:
        # Failure policy: a worker that lost Redis in the middle of a job ends; its pool starts another.
        log.warning("redis_lost", lane=lane, error=str(error))
        sys.exit(1)


def wait_for_redis(connection: Redis, lane: str) -> None:
    """Return once Redis answers, however long that takes."""
    pause = 0.5
    while True:
        try:
            connection.ping()
        except (RedisError, OSError) as error:
            log.warning("redis_away", lane=lane, error=str(error), again_in=pause)
            threading.Event().wait(pause)
            pause = min(pause * 2, LONGEST_RECONNECT_SECONDS)
        else:
            return


def work(lanes: Sequence[str], connection: Redis, *, burst: bool = False) -> bool:
    """Take these lanes' jobs in this process, with `burst` only those there are; True if there were any.

    A process that stays takes one lane: with several, RQ can lose a job to a kill.
    """
    queues = [Queue(lane, connection=connection, serializer=JSONSerializer) for lane in lanes]
    worker = SimpleWorker(queues, connection=connection, serializer=JSONSerializer)
    worker.max_connection_wait_time = LONGEST_RECONNECT_SECONDS
    return worker.work(burst=burst, logging_level="WARNING")


def work_off(lanes: Sequence[str], config: Config) -> None:
    """Take what there is in these lanes, and what that leads to, in this process."""
    application.use(config)
    with Redis.from_url(config.redis_url) as connection:
        work(lanes, connection, burst=True)


def _read_lanes(_context: click.Context, _option: click.Parameter, text: str) -> list[str]:
    lanes = [lane.strip() for lane in text.split(",") if lane.strip()] or list(LANES)
    for lane in lanes:
        if lane not in LANES:
            raise click.BadParameter(f'there is no lane "{lane}"; there are {", ".join(LANES)}')
    return lanes


@click.command()
@click.option("--lanes", default="", callback=_read_lanes, help="Comma-separated; all where left out.")
@click.option("--count", type=click.IntRange(1, 64), default=1, help="Worker processes for each lane.")
@click.option("--burst", is_flag=True, help="Work off what there is in one process, then end.")
def main(lanes: list[str], count: int, burst: bool) -> None:
    """Run the workers of these lanes."""
    try:
        config = Config.from_environment()
    except ConfigError as error:
        raise click.ClickException(str(error)) from error
    set_up_logging(config.log_format)
    if burst:
        work_off(lanes, config)
        return
    for lane in lanes:
        importlib.import_module(LANES[lane].rpartition(".")[0])
    Pool(lanes, count, config).run()


if __name__ == "__main__":
    main()
