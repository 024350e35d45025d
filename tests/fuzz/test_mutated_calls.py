"""Mutated callbacks and orders: each refused by its field or taken for a stated reason, none half (R5).

The bulk goes into the app without a server between, call by call, so that the database can say of each what
it changed.
"""

import os
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from tests.fixtures.entrances import SECRET, Store
from tests.fuzz.attack import Attacker, Tally
from tests.fuzz.calls import Sent
from tests.fuzz.effects import Watch, leftovers, watching
from tests.fuzz.judge import Answer, Ruling
from webapp.extensions import db

WorkOff = Callable[..., None]
# The bulk on SQLite, which is the quicker.
CALLS = {"sqlite": 1_500, "postgresql": 500}
SEED = int(os.environ.get("FUZZ_SEED", "1"))


class InProcess:
    """Calls that go straight into the app."""

    def __init__(self, app: Flask) -> None:
        self._client = app.test_client()

    def post(self, path: str, raw: bytes, headers: dict[str, str]) -> Answer:
        """One request."""
        with self._client.post(path, data=raw, headers=headers) as reply:
            return Answer(reply.status_code, reply.get_data())


@pytest.fixture
def watch(app: Flask) -> Iterator[Watch]:
    """Watches the app's database."""
    with app.app_context(), watching(db.engine) as watch:
        yield watch


@pytest.fixture
def attacker(app: Flask, watch: Watch) -> Attacker:
    """Attacks the app, and looks after each call at what it changed."""
    store = Store(app)
    store.set(oms__secret=SECRET)
    watch.take()

    def look(kind: str, sent: Sent, ruling: Ruling) -> str | None:
        changed = watch.take()
        return None if ruling.taken or not changed else f"refused, and changed {dict(changed)}"

    return Attacker(InProcess(app), SECRET, store.token, Tally(SEED), "p", look)


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_no_call_does_harm(attacker: Attacker, app: Flask, work_off: WorkOff, mode: str) -> None:
    Store(app).set(inbound__mode=mode)

    with app.app_context():
        calls = CALLS[db.engine.dialect.name]
    attacker.run(int(os.environ.get("FUZZ_CALLS", calls)), sync=mode == "sync")
    # In sync mode too: what failed for an order that was not here is tried again by itself when it comes in.
    work_off("status_updates")

    told = attacker.tally.told()
    print(f"{mode}: {told}")  # noqa: T201 - the seed and the counts
    assert not attacker.tally.findings, told
    with app.app_context():
        assert leftovers(db.engine) == {}
