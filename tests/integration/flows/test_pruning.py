"""What the journal no longer keeps: bit by bit, never what is open, and nothing that speaks of it breaks."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.fixtures.entrances import CallingOms, Store
from tests.fixtures.magento_documents import an_item, an_order
from tests.fixtures.picky_oms import CREATE, picky_oms
from tests.fixtures.time import MovingClock
from tests.integration.messaging.journaled import REFUSED, TAKEN, new, published, row, try_once
from tests.integration.pages.kept import keep_messages, message_row
from webapp.domain.states import MessageStatus
from webapp.extensions import read, transaction
from webapp.flows import prune_journal as pruning
from webapp.flows.change_settings import change_settings
from webapp.flows.mend_many import REPLAY, choose_by_filter
from webapp.flows.mend_now import mend_now
from webapp.flows.prune_journal import prune_journal
from webapp.messaging import holds
from webapp.messaging.replay import replay, skip
from webapp.messaging.settlement import Change, change
from webapp.models.alerts import Alert, Notice
from webapp.models.jobs import Job
from webapp.models.messages import Attempt, Message, Transition

S = MessageStatus
UPDATED = "magento.sales.order_management.updated"


def _prune(clock: MovingClock, *, days: float = 0) -> int:
    """Some time passes, then a worker prunes."""
    clock.advance(hours=24 * days, minutes=11)
    return prune_journal(lambda: False)


def _left(*ids: int) -> list[int]:
    with read() as session:
        return list(session.scalars(select(Message.id).where(Message.id.in_(ids)).order_by(Message.id)))


def _count(model: Any) -> int:
    with read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.fixture
def first_start(app_context: Flask, moving_clock: MovingClock) -> None:
    """The first start was a while ago."""
    assert prune_journal(lambda: False) == 0


@pytest.mark.usefixtures("first_start")
def test_messages_go_after_ninety_days_failed_ones_after_a_year(moving_clock: MovingClock) -> None:
    delivered, failed = published(new("product:1"), new("product:2"))
    try_once_of(delivered, TAKEN)
    try_once_of(failed, REFUSED)
    assert _prune(moving_clock, days=89.9) == 0
    assert _prune(moving_clock, days=0.2) == 1
    assert _left(delivered, failed) == [failed]
    assert (_count(Attempt), _count(Transition)) == (1, 0)
    assert _prune(moving_clock, days=274) == 0
    assert _prune(moving_clock, days=2) == 1
    assert (_count(Message), _count(Attempt)) == (0, 0)


def try_once_of(message_id: int, outcome: Any) -> None:
    """Take this very message and settle it so."""
    from tests.integration.messaging.test_again_and_aside import try_once_of as take

    assert take(message_id, outcome)


@pytest.mark.usefixtures("first_start")
def test_what_is_open_stays_however_old(moving_clock: MovingClock) -> None:
    create, behind, waiting, held = published(
        new("order:1", blocks_key=True), new("order:1"), new("order:2"), new("order:3", lane="catalog")
    )
    try_once_of(create, REFUSED)
    with transaction() as session:
        holds.place(session, "lane", "catalog", "by_hand", "Held.", "a test")
    assert _prune(moving_clock, days=4000) == 0
    assert _left(create, behind, waiting, held) == [create, behind, waiting, held]
    with transaction() as session:
        skip(session, [create], "a test", "Enough")
    assert _prune(moving_clock, days=89) == 0
    assert _prune(moving_clock, days=2) == 1
    assert _left(create, behind) == [behind]


@pytest.mark.usefixtures("first_start")
def test_one_sent_again_counts_from_then_on(moving_clock: MovingClock) -> None:
    (message_id,) = published(new("product:1"))
    try_once(TAKEN)
    moving_clock.advance(hours=24 * 91)
    with transaction() as session:
        assert replay(session, [message_id], "a test") == [message_id]
    assert _prune(moving_clock) == 0
    try_once(TAKEN)
    assert _prune(moving_clock, days=89) == 0
    assert _prune(moving_clock, days=2) == 1


@pytest.mark.usefixtures("first_start")
def test_its_successor_may_go_before_it_and_the_other_way_round(moving_clock: MovingClock) -> None:
    first = published(new("product:1", blocks_key=True))[0]
    try_once(REFUSED)
    second = published(new("product:1", position=first))[0]
    with transaction() as session:
        change(session, [first], Change(S.SUPERSEDED, "a test", "Newer content.", second))
    try_once(TAKEN)
    assert _prune(moving_clock, days=91) == 2
    assert _left(first, second) == []


@pytest.mark.usefixtures("first_start")
def test_bit_by_bit_past_those_kept_for_longer(
    app_context: Flask, moving_clock: MovingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "BATCH", 7)
    keep_messages(
        app_context,
        *(
            message_row(number, status=S.FAILED if number % 3 else S.SUCCEEDED, is_open=False)
            for number in range(60)
        ),
    )
    stops = iter([False, False, True])
    moving_clock.advance(hours=24 * 100)
    assert prune_journal(lambda: next(stops)) == 14
    assert _count(Message) == 46
    moving_clock.advance(seconds=21)
    assert prune_journal(lambda: False) == 6
    with read() as session:
        assert set(session.scalars(select(Message.status))) == {S.FAILED}
    keep_messages(app_context, message_row(100), message_row(101, settled_at=moving_clock.now))
    with transaction() as session:
        change_settings(session, {"journal.retention_days": 1}, "a test")
    assert _prune(moving_clock, days=2) == 1
    assert _count(Message) == 40 + 1


@pytest.mark.usefixtures("first_start")
def test_what_failed_long_ago_does_not_hide_what_was_delivered_since(
    app_context: Flask, moving_clock: MovingClock
) -> None:
    keep_messages(app_context, *(message_row(number, status=S.FAILED) for number in range(10)))
    assert _prune(moving_clock, days=100) == 0
    keep_messages(app_context, message_row(20, settled_at=moving_clock.now))
    assert _prune(moving_clock, days=91) == 1


def test_an_order_outlives_its_messages_and_is_not_sent_twice(
    store: Store, oms: CallingOms, moving_clock: MovingClock, work_off: Callable[..., None]
) -> None:
    with picky_oms() as far:
        store.set(oms__url=far.url)
        document = an_order([an_item(1, "A", 1, 10)], 10, increment_id="000000042")
        store.hand_in(document)
        work_off("orders")
        oms.tell(UPDATED, {"order": {"id": "000000042", "status": "APPROVED"}}, "wire-1")
        work_off("status_updates")
        before = store.order("000000042")
        with store.app.app_context():
            prune_journal(lambda: False)
            assert _prune(moving_clock, days=91) == 4
            assert _count(Message) == 0
        after = store.order("000000042")
        assert after["oms"] | {"message_id": None} == before["oms"] | {"message_id": None}
        assert after["status_histories"] == before["status_histories"]

        changed = document | {"grand_total": 12, "status": "complete"}
        assert store.hand_in(changed).said["export"] == "exported"
        oms.tell(UPDATED, {"order": {"id": "000000042", "status": "APPROVED"}}, "wire-1")
        work_off()
        assert far.topics().count(CREATE) == 1
        again = store.order("000000042")
        assert [one["comment"] for one in again["status_histories"]][: len(before["status_histories"])] == [
            one["comment"] for one in before["status_histories"]
        ]
        assert again["oms"]["status"] == "APPROVED"


def test_an_order_the_oms_never_confirmed_is_not_sent_twice_either(
    store: Store, moving_clock: MovingClock, work_off: Callable[..., None]
) -> None:
    with picky_oms() as far:
        store.set(oms__url=far.url)
        document = an_order([an_item(1, "A", 1, 10)], 10, increment_id="000000042")
        store.hand_in(document)
        work_off("orders")
        with store.app.app_context():
            prune_journal(lambda: False)
            assert _prune(moving_clock, days=91) == 3
        newer = an_order([an_item(1, "A", 2, 10)], 20, increment_id="000000042")
        assert store.hand_in(newer).said["export"] == "exported"
        work_off()
        assert far.topics().count(CREATE) == 1
        told = store.order("000000042")
        assert "It has no effect" in told["status_histories"][-1]["comment"]


@pytest.mark.usefixtures("first_start")
def test_jobs_and_alerts_go_too(app_context: Flask, moving_clock: MovingClock) -> None:
    keep_messages(app_context, message_row(1, status=S.FAILED, settled_at=moving_clock.now))
    assert mend_now(REPLAY, choose_by_filter({"status": "failed"}), "an operator").done == 1
    with transaction() as session:
        now = moving_clock.now
        session.add(Alert(kind="failed", key="x", since=now, over_at=now, told="over"))
        session.add(Alert(kind="backlog", key="y", since=now, told="raised"))
        session.add(Notice(uid="1", channel="email", content="{}", created_at=now))
        session.add(Notice(uid="2", channel="email", content="{}", created_at=now, next_try_at=now))
    _prune(moving_clock, days=89)
    assert (_count(Job), _count(Alert), _count(Notice)) == (1, 2, 2)
    _prune(moving_clock, days=2)
    assert (_count(Job), _count(Alert), _count(Notice)) == (0, 1, 1)
    with read() as session:
        assert [one.job_id for one in session.scalars(select(Transition))] == [None]
        assert row(session.scalars(select(Message.id)).one()).status is S.PENDING


def test_a_first_start_prunes_nothing_yet(app_context: Flask, moving_clock: MovingClock) -> None:
    keep_messages(app_context, message_row(1))
    moving_clock.advance(hours=24 * 365)
    assert prune_journal(lambda: False) == 0
    assert prune_journal(lambda: False) == 0
    assert _prune(moving_clock) == 1
    assert _count(Message) == 0
