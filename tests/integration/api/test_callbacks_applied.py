"""Callbacks applied before they are answered, or after: each once, in order, by themselves if they waited."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.fixtures.entrances import CallingOms, Reply, Store, call_of
from tests.fixtures.magento_documents import an_item, an_order
from tests.fixtures.waiting import wait_for
from webapp.extensions import transaction
from webapp.flows import receive_callback
from webapp.flows.registry import handlers
from webapp.messaging import claims, keys
from webapp.messaging.drain import drain
from webapp.messaging.holds import lift, place
from webapp.messaging.recording import apply_one
from webapp.oms.wire import encode

CREATED = "magento.sales.order_management.created"
UPDATED = "magento.sales.order_management.updated"
SHIPPED = "magento.logistics.fulfillment_management.customer_shipment_done"
NUMBER = "000000042"
WorkOff = Callable[..., None]


def status(code: str, at: str = "2030-01-31T12:00:00Z", number: str = NUMBER) -> dict[str, Any]:
    """The params of an order's status."""
    return {"order": {"id": number, "status": code, "status_date": at}}


def an_order_of_two(number: str = NUMBER) -> dict[str, Any]:
    """Two pieces of A."""
    return an_order([an_item(1, "A", 2, 20)], 20) | {"increment_id": number}


def comments(store: Store) -> list[str]:
    """The order's history."""
    return [one["comment"] for one in store.order(NUMBER)["status_histories"]]


def journaled(store: Store) -> list[tuple[str, int]]:
    """Status and tries of what the OMS said, oldest first."""
    return [(one["status"], one["tries"]) for one in store.messages(direction="in", topic=UPDATED)]


def test_sync_is_applied_before_the_answer(store: Store, oms: CallingOms) -> None:
    store.set(inbound__mode="sync")
    store.hand_in(an_order_of_two())

    assert oms.tell(UPDATED, status("LOGISTICS")).said["result"] is True

    assert store.order(NUMBER)["oms"]["status"] == "LOGISTICS"
    assert journaled(store) == [("succeeded", 1)]


def test_async_is_kept_and_applied_by_a_worker(store: Store, oms: CallingOms, work_off: WorkOff) -> None:
    store.set(inbound__mode="sync", **{f"inbound__mode__{UPDATED.replace('.', '__')}": "async"})
    store.hand_in(an_order_of_two())

    assert oms.tell(UPDATED, status("LOGISTICS")).said["result"] is True
    assert store.order(NUMBER)["oms"]["status"] is None
    assert journaled(store) == [("pending", 0)]
    # The other topics go by the mode for all.
    assert oms.tell(CREATED, {"order": {"id": "000000099"}}).error["code"] == -32602

    work_off("status_updates")
    assert store.order(NUMBER)["oms"]["status"] == "LOGISTICS"


def test_an_unknown_orders_callbacks_wait_for_the_order(
    store: Store, oms: CallingOms, work_off: WorkOff
) -> None:
    assert oms.tell(UPDATED, status("RECEIVED", "2030-01-01")).said["result"] is True
    work_off("status_updates")
    store.set(inbound__mode="sync")
    reply = oms.tell(UPDATED, status("LOGISTICS", "2030-01-02"))
    assert (reply.error["code"], reply.error["data"]["field"]) == (-32602, "order.id")
    assert NUMBER in reply.error["message"]
    assert journaled(store) == [("failed", 1), ("failed", 1)]
    # Not by the clock, and neither kept the other from being looked at.
    assert {one["next_try_at"] for one in store.messages(direction="in")} == {None}

    store.hand_in(an_order_of_two())
    work_off("status_updates")

    assert journaled(store) == [("succeeded", 2), ("succeeded", 2)]
    assert comments(store) == ["OMS status: none → RECEIVED.", "OMS status: RECEIVED → LOGISTICS."]


def test_a_repeat_is_answered_as_the_first_and_changes_nothing(store: Store, oms: CallingOms) -> None:
    store.set(inbound__mode="sync")
    store.hand_in(an_order_of_two())
    body = call_of(UPDATED, status("LOGISTICS"), "m-1")
    first, after_first = oms.post(body), store.order(NUMBER)

    again = oms.post(body)
    # The same said under other ids, with none, and in a batch.
    others = [oms.tell(UPDATED, status("LOGISTICS")) for _ in range(2)]
    nameless = [oms.post(encode({"method": UPDATED, "params": status("LOGISTICS")})) for _ in range(2)]

    assert again.said == first.said
    assert all(reply.said["result"] is True for reply in [*others, *nameless])
    assert store.order(NUMBER) == after_first
    assert [one["wire_id"] for one in store.messages(direction="in", topic=UPDATED)].count("m-1") == 1


def test_the_same_id_with_another_body_is_another_message(store: Store, oms: CallingOms) -> None:
    """Some peers always send `1`."""
    store.set(inbound__mode="sync")
    store.hand_in(an_order_of_two())

    for at, code in enumerate(("RECEIVED", "APPROVED", "LOGISTICS"), start=1):
        assert oms.tell(UPDATED, status(code, f"2030-01-0{at}"), 1).said["id"] == 1

    assert store.order(NUMBER)["oms"]["status"] == "LOGISTICS"
    assert len(comments(store)) == 3


def test_undated_words_are_told_once_under_whatever_id(store: Store, oms: CallingOms) -> None:
    store.set(inbound__mode="sync")
    store.hand_in(an_order_of_two())
    undated = {"order": {"id": NUMBER, "status": "ONHOLD", "lines": [{"line_number": 1, "status": "NEW"}]}}

    for _ in range(3):
        oms.tell(UPDATED, undated)

    assert len(comments(store)) == 1


def test_a_repeat_of_what_failed_is_applied_anew(store: Store, oms: CallingOms) -> None:
    store.set(inbound__mode="sync")
    body = call_of(UPDATED, {"order": {"id": NUMBER, "lines": [{"line_number": 9, "status": "NEW"}]}}, "m-1")
    store.hand_in(an_order_of_two())
    first = oms.post(body)
    assert (first.error["code"], first.error["data"]["field"]) == (-32602, "order.lines[0].line_number")

    again = oms.post(body)

    assert again.said == first.said
    assert journaled(store) == [("failed", 2)]


def test_sync_applies_what_waits_before_it(store: Store, oms: CallingOms) -> None:
    store.hand_in(an_order_of_two())
    oms.tell(UPDATED, status("RECEIVED", "2030-01-01"))
    oms.tell(CREATED, {"order": {"id": NUMBER}})
    oms.tell(UPDATED, {"order": {"id": NUMBER, "lines": [{"line_number": 9, "status": "NEW"}]}})
    assert comments(store) == []

    store.set(inbound__mode="sync")
    assert oms.tell(UPDATED, status("LOGISTICS", "2030-01-02")).said["result"] is True

    assert comments(store) == [
        "OMS status: none → RECEIVED.",
        "The OMS has loaded the order.",
        "OMS status: RECEIVED → LOGISTICS.",
    ]
    assert [one[0] for one in journaled(store)] == ["succeeded", "failed", "succeeded"]


def test_sync_waits_for_a_worker_that_has_one_of_its_key_in_its_hands(store: Store, oms: CallingOms) -> None:
    store.hand_in(an_order_of_two())
    oms.tell(UPDATED, status("RECEIVED", "2030-01-01"))
    store.set(inbound__mode="sync")
    with store.app.app_context():
        taken = claims.claim("status_updates", 10, claims.lease_for(15))
        assert len(taken) == 1
        reply: list[Reply] = []
        asking = Thread(target=lambda: reply.append(oms.tell(UPDATED, status("LOGISTICS", "2030-01-02"))))
        asking.start()
        wait_for(lambda: len(journaled(store)) == 2)
        apply_one(taken[0], handlers())
        asking.join()

    assert reply[0].said["result"] is True
    assert comments(store) == ["OMS status: none → RECEIVED.", "OMS status: RECEIVED → LOGISTICS."]


def test_a_refusal_a_worker_came_to_first_still_names_its_field(store: Store, oms: CallingOms) -> None:
    store.hand_in(an_order_of_two())
    wrong = {"order": {"id": NUMBER, "lines": [{"line_number": 9, "status": "NEW"}]}}
    oms.tell(UPDATED, status("RECEIVED"))
    store.set(inbound__mode="sync")
    with store.app.app_context():
        first = claims.claim("status_updates", 10, claims.lease_for(15))
        reply: list[Reply] = []
        asking = Thread(target=lambda: reply.append(oms.tell(UPDATED, wrong, "m-2")))
        asking.start()
        wait_for(lambda: len(journaled(store)) == 2)
        apply_one(first[0], handlers())
        # Between two looks of whoever waits, a worker may take the next one too.
        for claimed in claims.claim("status_updates", 10, claims.lease_for(15)):
            apply_one(claimed, handlers())
        asking.join()

    assert (reply[0].said["id"], reply[0].error["code"]) == ("m-2", -32602)
    assert reply[0].error["data"]["field"] == "order.lines[0].line_number"


def test_whoever_applies_it_first_the_field_is_in_the_answer(store: Store, oms: CallingOms) -> None:
    """Workers and the calls themselves race for each of them; nothing is there to tell who will win."""
    store.set(inbound__mode="sync")
    store.hand_in(an_order_of_two())
    answered = Event()

    def work() -> None:
        while not answered.is_set():
            with store.app.app_context():
                drain("status_updates", handlers())

    def tell(number: int) -> Reply:
        wrong = {"order": {"id": NUMBER, "lines": [{"line_number": 9, "status": "NEW"}]}}
        return oms.tell(UPDATED, wrong, f"m-{number}")

    with ThreadPoolExecutor(6) as threads:
        working = [threads.submit(work) for _ in range(2)]
        replies = list(threads.map(tell, range(24)))
        answered.set()
        for one in working:
            one.result()

    assert [one.error["code"] for one in replies] == [-32602] * len(replies)
    assert {one.error["data"]["field"] for one in replies} == {"order.lines[0].line_number"}
    assert journaled(store) == [("failed", 1)] * len(replies)


def test_one_settled_between_two_looks_is_answered_as_it_ended(
    store: Store, oms: CallingOms, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.set(inbound__mode="sync")
    store.hand_in(an_order_of_two())
    looked: list[object] = []
    look = keys.oldest

    def look_late(session: Session, wanted: Sequence[str]) -> list[Any]:
        if not looked and wanted:
            looked.append(wanted)
            drain("status_updates", handlers())
        return look(session, wanted)

    wrong = {"order": {"id": NUMBER, "lines": [{"line_number": 9, "status": "NEW"}]}}
    monkeypatch.setattr(keys, "oldest", look_late)

    reply = oms.tell(UPDATED, wrong)

    assert looked
    assert (reply.error["code"], reply.error["data"]["field"]) == (-32602, "order.lines[0].line_number")


def test_one_that_failed_while_nobody_waited_is_answered_with_its_field(
    store: Store, oms: CallingOms, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The topic becomes sync between a worker's look at the settings and the OMS's call."""
    store.hand_in(an_order_of_two())
    call = call_of(UPDATED, {"order": {"id": NUMBER, "lines": [{"line_number": 9, "status": "NEW"}]}})
    oms.post(call)
    with store.app.app_context():
        drain("status_updates", handlers())
    store.set(inbound__mode="sync")
    # A worker took it up again, and settled it, before whoever waits for the answer had a look.
    monkeypatch.setattr(receive_callback, "replay", lambda *_: None)

    reply = oms.post(call)

    assert (reply.error["code"], reply.error["data"]["field"]) == (-32602, "order.lines[0].line_number")


def test_what_cannot_be_applied_now_stays_and_is_said_so(store: Store, oms: CallingOms) -> None:
    store.hand_in(an_order_of_two())
    oms.tell(UPDATED, status("RECEIVED", "2030-01-01"))
    store.set(inbound__mode="sync")
    with store.app.app_context(), transaction() as session:
        place(session, "topic", UPDATED, "by_hand", "a test", "a test")
    body = call_of(UPDATED, status("LOGISTICS", "2030-01-02"))

    reply = oms.post(body)
    assert (reply.status, reply.error["code"]) == (200, -32000)
    assert comments(store) == []

    with store.app.app_context(), transaction() as session:
        lift(session, "topic", UPDATED, "by_hand", "a test")
    # Sent again by the OMS it is the same message, and applied behind the first.
    assert oms.post(body).said["result"] is True
    assert comments(store) == ["OMS status: none → RECEIVED.", "OMS status: RECEIVED → LOGISTICS."]
    assert len(journaled(store)) == 2


@contextmanager
def a_table_gone(store: Store, table: str) -> Iterator[None]:
    """Nothing that needs this table can be done for a block."""

    def rename(before: str, after: str) -> None:
        with store.app.app_context(), transaction() as session:
            session.connection().exec_driver_sql(f"ALTER TABLE {before} RENAME TO {after}")

    rename(table, "elsewhere")
    try:
        yield
    finally:
        rename("elsewhere", table)


def test_an_error_of_ours_is_said_and_tried_again_here(store: Store, oms: CallingOms) -> None:
    store.set(inbound__mode="sync")
    store.hand_in(an_order_of_two())

    with a_table_gone(store, "order_events"):
        reply = oms.tell(UPDATED, status("LOGISTICS"), "m-1")

    assert (reply.status, reply.error["code"], reply.said["id"]) == (200, -32000, "m-1")
    assert (journaled(store), comments(store)) == ([("retrying", 1)], [])
    # By the clock, or before what comes next of the same order.
    assert store.messages(direction="in", topic=UPDATED)[0]["next_try_at"] is not None
    assert oms.tell(CREATED, {"order": {"id": NUMBER}}).said["result"] is True
    assert journaled(store) == [("succeeded", 2)]
    assert comments(store) == ["OMS status: none → LOGISTICS.", "The OMS has loaded the order."]
