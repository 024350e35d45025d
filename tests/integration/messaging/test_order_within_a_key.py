"""Order within a key, and none for the others (house rule 5): with many publishers and workers at once."""

import random
import threading
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.fixtures.waiting import wait_for
from tests.integration.messaging.journaled import (
    LEASE,
    REFUSED,
    SILENT,
    TAKEN,
    Sink,
    claim,
    claim_one,
    claimable,
    handlers,
    ids,
    new,
    publish_one,
    published,
    row,
    settled,
    status,
    try_once,
)
from webapp.domain.outcome import Outcome, Verdict
from webapp.domain.states import Endpoint, MessageStatus
from webapp.extensions import read, transaction
from webapp.messaging import claims
from webapp.messaging.claims import Claimed
from webapp.messaging.drain import drain
from webapp.messaging.journal import publish
from webapp.models.messages import Message

S = MessageStatus
KEYS = [f"order:{number}" for number in range(5)]
PUBLISHERS, WORKERS, EACH = 3, 3, 20


class Watched:
    """A far side that notices two of a key at once, and now and then gives one back unsent."""

    def __init__(self) -> None:
        self.delivered: dict[str, list[int]] = defaultdict(list)
        self.under_way: set[str] = set()
        self.overlaps: list[str] = []
        self.lock = threading.Lock()
        self.dice = random.Random(7)  # noqa: S311 - dice of a test

    def __call__(self, claimed: Claimed) -> Outcome:
        with self.lock:
            if claimed.key in self.under_way:
                self.overlaps.append(claimed.key)
            self.under_way.add(claimed.key)
            given_back = self.dice.random() < 0.1
            pause = self.dice.random() * 0.004
        threading.Event().wait(pause)
        with self.lock:
            self.under_way.discard(claimed.key)
            if given_back:
                return Outcome(Verdict.UNSENT, "Given back.")
            self.delivered[claimed.key].append(claimed.id)
        return TAKEN


def _in_context(app: Flask, work: Callable[[], None]) -> Callable[[], None]:
    def run() -> None:
        with app.app_context():
            work()

    return run


def test_each_key_in_order_and_one_at_a_time(
    app: Flask, app_context: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    watched = Watched()
    publishing = threading.Event()

    def publish_some() -> None:
        dice = random.Random()  # noqa: S311 - dice of a test
        for number in range(EACH):
            with transaction() as session:
                publish(session, [new(KEYS[number % len(KEYS)])], "a test")
                # Ids are given at insert and seen at commit: somebody else may be quicker.
                threading.Event().wait(dice.random() * 0.003)

    def all_worked_off() -> bool:
        drain("orders", handlers(Sink(watched)))
        return not publishing.is_set() and not _open_messages()

    def work() -> None:
        wait_for(all_worked_off, every=0)

    publishing.set()
    with ThreadPoolExecutor(PUBLISHERS + WORKERS) as threads:
        workers = [threads.submit(_in_context(app, work)) for _ in range(WORKERS)]
        publishers = [threads.submit(_in_context(app, publish_some)) for _ in range(PUBLISHERS)]
        for publisher in publishers:
            publisher.result()
        publishing.clear()
        for worker in workers:
            worker.result()

    assert watched.overlaps == []
    with read() as session:
        for key in session.scalars(select(Message.key).distinct()):
            written = session.scalars(select(Message.id).where(Message.key == key).order_by(Message.id))
            assert watched.delivered[key] == list(written)
        assert session.scalar(select(func.count()).select_from(Message)) == PUBLISHERS * EACH
    assert not [line for line in caplog.messages if "not_settled" in line]


def _open_messages() -> bool:
    with read() as session:
        return bool(session.scalar(select(func.count()).where(Message.is_open)))


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_is_being_published_is_not_overtaken(app: Flask, app_context: Flask) -> None:
    written, looked = threading.Event(), threading.Event()

    def publish_slowly() -> None:
        with transaction() as session:
            publish(session, [new("order:1", b"first")], "a test")
            written.set()
            looked.wait()

    def publish_quickly() -> None:
        publish_one("order:1", b"second")

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(_in_context(app, publish_slowly))
        written.wait()
        second = threads.submit(_in_context(app, publish_quickly))
        wait([second], timeout=0.3)
        overtaken = claim()
        looked.set()
        first.result()
        second.result()

    assert overtaken == []
    sink = Sink()
    drain("orders", handlers(sink))
    assert sink.bodies == [b"first", b"second"]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_key_somebody_writes_into_is_passed_over_and_others_are_not(app_context: Flask) -> None:
    waiting, free = publish_one("order:1"), publish_one("order:2")
    with transaction() as session:
        publish(session, [new("order:1")], "a test")
        assert ids(claim()) == [free]
    assert ids(claim()) == [waiting]


def test_only_the_oldest_open_message_of_a_key_is_taken(app_context: Flask) -> None:
    first, second, third = published(new("order:1"), new("order:1"), new("order:1"))
    claimed = claim_one()
    assert (claimed.id, claim(), claimable()) == (first, [], [])
    assert claims.claim_these([second, third], LEASE) == []
    assert settled(claimed, SILENT)
    assert claimable() == []
    assert claims.claim_these([second, third], LEASE) == []
    assert [status(one) for one in (first, second, third)] == [S.RETRYING, S.PENDING, S.PENDING]


def test_keys_do_not_wait_for_each_other(app_context: Flask) -> None:
    published(new("order:1"), new("order:1"), new("order:2"), new("product:A"))
    sent = Sink(lambda one: SILENT if one.key.endswith("order:1") else TAKEN)
    drain("orders", handlers(sent))
    assert sorted(one.key for one in sent.came) == ["out:oms:order:1", "out:oms:order:2", "out:oms:product:A"]


def test_far_sides_and_directions_have_keys_of_their_own(app_context: Flask) -> None:
    published(new("order:1"), new("order:1", endpoint=Endpoint.STORE))
    assert len(claim()) == 2


def test_lanes_share_a_keys_order(app_context: Flask) -> None:
    product, order = published(new("order:1", lane="catalog"), new("order:1", lane="orders"))
    assert claimable("orders") == []
    assert try_once(TAKEN, "catalog") == product
    assert claimable("orders") == [order]


def test_a_failed_message_lets_the_next_go_unless_it_blocks_its_key(app_context: Flask) -> None:
    lets, blocks = publish_one("product:A"), publish_one("order:1", blocks_key=True)
    behind_one, behind_other = publish_one("product:A"), publish_one("order:1")
    for one in claim():
        assert settled(one, REFUSED)

    assert [row(one).is_open for one in (lets, blocks)] == [False, True]
    assert claimable() == [behind_one]
    assert row(behind_other).next_try_at is None


def test_a_key_is_as_long_as_it_is(app_context: Flask) -> None:
    long, other = "order:" + "9" * 5_000, "order:" + "9" * 4_999 + "8"
    published(new(long), new(long), new(other))
    assert len(claim()) == 2
