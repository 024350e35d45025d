"""Everything a filter matches is sent again: counted first, each once, whoever is killed over it (F04)."""

from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select, update

from tests.fixtures.entrances import Store
from tests.fixtures.magento_documents import an_item, an_order
from tests.fixtures.picky_oms import CREATE, picky_oms
from tests.fixtures.waiting import wait_for
from tests.fixtures.worker_processes import kill_workers, worker_processes
from tests.integration.pages.kept import change_order, keep_messages, message_row
from webapp import clock
from webapp.config import Config
from webapp.domain.states import Direction, Endpoint, JobState, MessageStatus
from webapp.extensions import read, transaction
from webapp.flows import mend_many
from webapp.flows.mend_many import REPLAY, SKIP, choose_by_filter
from webapp.flows.mend_messages import replay_one
from webapp.flows.mend_now import mend_now
from webapp.flows.registry import JOBS
from webapp.messaging import bell, jobs
from webapp.models.accounts import AuditEntry
from webapp.models.jobs import Job, JobError
from webapp.models.messages import Message, Transition

TOPIC = "magento.catalog.product_management.updated"
FAILED = {"status": MessageStatus.FAILED, "cause": "oms.refused.-32602"}
MANY = 10_000


def _begin(filter_: dict[str, str]) -> int:
    with transaction() as session:
        return mend_many.begin(session, REPLAY, choose_by_filter(filter_), "an operator").id


def _job(job_id: int) -> Job:
    with read() as session:
        return session.get_one(Job, job_id)


def _begun_again() -> int:
    """How many messages the journal says were begun again."""
    with read() as session:
        return session.scalar(select(func.count()).select_from(Transition)) or 0


def _lease_is_over(job_id: int) -> None:
    with transaction() as session:
        session.execute(
            update(Job).where(Job.id == job_id).values(lease_until=clock.now() - timedelta(seconds=1))
        )


def test_ten_thousand_by_filter_through_a_kill_with_exact_counts(
    app_context: Flask, config: Config, work_off: Callable[..., None]
) -> None:
    keep_messages(
        app_context,
        *(message_row(number, **FAILED) for number in range(MANY)),
        *(message_row(MANY + number, topic="another.topic", **FAILED) for number in range(50)),
    )
    job_id = _begin({"status": "failed", "topic": TOPIC})
    keep_messages(app_context, message_row(2 * MANY, **FAILED | {"settled_at": clock.now() + timedelta(1)}))
    assert (_job(job_id).state, _job(job_id).total) == (JobState.QUEUED, MANY)

    with worker_processes(config, "jobs") as pool:
        wait_for(lambda: _job(job_id).done > MANY / 4, every=0.01)
        kill_workers(pool)
    killed_at = _job(job_id)
    assert killed_at.state is JobState.RUNNING
    assert killed_at.done == _begun_again() < MANY
    _lease_is_over(job_id)
    bell.ring_sweep()
    work_off("retries", "jobs")

    job = _job(job_id)
    assert (job.state, job.done, job.failed, job.total) == (JobState.DONE, MANY, 0, MANY)
    with read() as session:
        rows = session.execute(select(Message.status, func.count().label("many")).group_by(Message.status))
        by_status = {row.status: row.many for row in rows}
        once = select(func.count(Transition.id)).group_by(Transition.message_id, Transition.job_id)
        assert set(session.scalars(once)) == {1}
    assert by_status == {MessageStatus.PENDING: MANY, MessageStatus.FAILED: 51}
    assert _begun_again() == MANY


def test_what_cannot_be_sent_again_is_counted_with_its_reason(app_context: Flask) -> None:
    forged = {"direction": Direction.IN, "status": MessageStatus.FAILED, "cause": "oms.signature"}
    of_store = forged | {"endpoint": Endpoint.STORE, "cause": "store.refused"}
    keep_messages(
        app_context,
        message_row(1, **FAILED),
        message_row(2),
        message_row(3, status=MessageStatus.SKIPPED),
        message_row(4, status=MessageStatus.SUPERSEDED),
        message_row(5, status=MessageStatus.PENDING, is_open=True, settled_at=None),
        message_row(6, **forged),
        message_row(7, **of_store),
        message_row(8, **forged | {"cause": "call.schema"}),
        message_row(9, direction=Direction.IN, topic="an.event", **FAILED),
    )
    uids = [message_row(number)["uid"] for number in range(1, 10)]
    with transaction() as session:
        chosen = mend_many.choose_ids(session, [*uids, uids[0]])
        job_id = mend_many.begin(session, REPLAY, chosen, "an operator", rings=False).id
    jobs.work_on(job_id, JOBS, seconds=60)

    job = _job(job_id)
    assert (job.state, job.total, job.done, job.failed) == (JobState.DONE, 9, 4, 5)
    with read() as session:
        why = {one.subject[-1]: one.reason for one in session.scalars(select(JobError))}
        begun = {
            one.uid[-1]
            for one in session.scalars(select(Message).where(Message.status == MessageStatus.PENDING))
        }
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "messages replayed"))
    assert begun == {"1", "2", "3", "5", "9"}
    assert why == {
        "4": "A newer message took its place; send that one again instead.",
        "5": "It is pending now, so there is nothing to send again.",
        "6": "It was turned away as it came, so it is for the OMS to send it again.",
        "7": "It was turned away as it came, so it is for the store to send it again.",
        "8": "It was turned away as it came, so it is for the OMS to send it again.",
    }
    assert (entry.actor, entry.subject, entry.after) == ("an operator", f"job {job.uid}", "9 messages")


def test_a_filter_counts_and_takes_only_what_can_be(app_context: Flask) -> None:
    forged = {"direction": Direction.IN, "status": MessageStatus.FAILED, "cause": "oms.signature"}
    keep_messages(
        app_context,
        message_row(1, **FAILED),
        message_row(2),
        message_row(3, status=MessageStatus.SUPERSEDED),
        message_row(4, **forged),
        message_row(5, cause="", status=MessageStatus.FAILED),
    )
    with read() as session:
        counted = mend_many.count_by_status(session, REPLAY, choose_by_filter({"since": "2001-01-01"}))
        without = mend_many.count_by_status(session, REPLAY, choose_by_filter({"cause": "-"}))
        set_aside = mend_many.count_by_status(session, SKIP, choose_by_filter({"cause": "oms.signature"}))
    assert counted == {MessageStatus.FAILED: 2, MessageStatus.SUCCEEDED: 1}
    assert without == {MessageStatus.FAILED: 1, MessageStatus.SUCCEEDED: 1}
    assert set_aside == {MessageStatus.FAILED: 1}


def test_what_was_turned_away_stays_so_once_it_is_set_aside(app_context: Flask) -> None:
    forged = {"direction": Direction.IN, "status": MessageStatus.FAILED, "cause": "oms.signature"}
    keep_messages(app_context, message_row(1, **forged))
    pressed = mend_now(SKIP, choose_by_filter({"cause": "oms.signature"}), "an operator", reason="Forged")
    assert (pressed.done, pressed.ended) == (1, True)
    again = mend_now(REPLAY, choose_by_filter({"status": "skipped"}), "an operator")
    assert (again.total, again.done) == (0, 0)
    with transaction() as session:
        assert "turned away" in str(replay_one(session, message_row(1)["uid"], "an operator"))


def test_an_order_cancelled_before_it_went_out_is_not_sent_with_the_others(store: Store) -> None:
    for number in ("000000001", "000000002"):
        store.hand_in(an_order([an_item(1, "A", 1, 10)], 10) | {"increment_id": number})
    creates = [one["id"] for one in store.messages(topic=CREATE)]
    for uid in creates:
        store.call("POST", f"/api/v1/messages/{uid}/skip", {"reason": "A test"})
    change_order(store.app, "000000001", state="canceled")
    with store.app.app_context():
        pressed = mend_now(REPLAY, choose_by_filter({"topic": CREATE, "status": "skipped"}), "an operator")
        with read() as session:
            (error,) = session.scalars(select(JobError))
    assert (pressed.done, pressed.failed) == (1, 1)
    assert (error.subject, error.reason) == (
        creates[0], "The order was cancelled before it was exported, so it is not sent.",
    )  # fmt: skip
    assert [store.order(f"00000000{last}")["oms"]["export"] for last in (1, 2)] == ["not_exported", "queued"]


def test_many_orders_set_aside_say_so_each(store: Store) -> None:
    for number in ("000000001", "000000002"):
        store.hand_in(an_order([an_item(1, "A", 1, 10)], 10) | {"increment_id": number})
    ids = [one["id"] for one in store.messages(topic=CREATE)]
    with store.app.app_context():
        with transaction() as session:
            chosen = mend_many.choose_ids(session, ids)
        assert mend_now(SKIP, chosen, "an operator", reason="Tests").done == 2
        assert mend_now(SKIP, chosen, "an operator", reason="Tests").failed == 2
    for number in ("000000001", "000000002"):
        told = store.order(number)
        assert (told["oms"]["export"], told["oms"]["reason"]) == ("not_exported", "Skipped: Tests")
        assert "Not exported: its message was skipped (Tests)." in told["status_histories"][-1]["comment"]


def test_replayed_within_keys_each_goes_in_its_old_place(store: Store, work_off: Callable[..., None]) -> None:
    with picky_oms() as far:
        far.refuses[TOPIC] = far.refuses[CREATE] = "Not today"
        store.set(oms__url=far.url)
        store.hand_in(an_order([an_item(1, "A", 1, 10)], 10))
        work_off("orders")
        far.refuses.clear()
        far.calls.clear()
        with store.app.app_context():
            assert mend_now(REPLAY, choose_by_filter({"status": "failed"}), "an operator").done == 2
        work_off("orders")
        assert far.topics() == [TOPIC, CREATE]
