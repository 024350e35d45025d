"""Ids that a peer writes as JSON numbers, and so without their zeros (protocol: Envelope, names)."""

from datetime import UTC, datetime
from decimal import Decimal
from threading import Thread

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.fixtures.entrances import CallingOms, Reply, Store
from tests.fixtures.magento_documents import an_item, an_order
from tests.fixtures.waiting import wait_for
from tests.integration.flows.told import NUMBER, SHIPMENT, UPDATED, TellingOms, comments, package
from webapp.domain.states import ExportState
from webapp.extensions import transaction
from webapp.models.locks import lock_order
from webapp.models.orders import Order

SHIPPED = {"order_line_number": 1, "order_line_id": 7, "sku": 815}


@pytest.fixture
def telling(store: Store, oms: CallingOms) -> TellingOms:
    """Each word is applied before the next; no order is here yet."""
    return TellingOms(store, oms)


def an_order_of_0815(number: str = NUMBER) -> dict[str, object]:
    """Two pieces of 0815."""
    return an_order([an_item(7, "0815", 2, 20)], 20) | {"increment_id": number}


def status_of(number: object, code: str = "RECEIVED") -> dict[str, object]:
    return {"order": {"id": number, "status": code, "status_date": "2030-01-01T00:00:00Z"}}


def test_order_line_and_sku_are_found_without_their_zeros(store: Store, telling: TellingOms) -> None:
    store.hand_in(an_order_of_0815())

    telling.says(UPDATED, status_of(42))
    line = {"line_number": 1, "id": 7, "sku": 815, "status": "PICKREADY", "status_date": "2030-01-02"}
    telling.says(UPDATED, {"order": {"id": Decimal("42.0"), "lines": [line]}})
    telling.says(SHIPMENT, {"shipment": {"order_id": 42, "items": [SHIPPED], "packages": [package("P1", 1)]}})

    order = store.order(NUMBER)
    assert (order["oms"]["status"], order["oms"]["lines"][0]["status"]) == ("RECEIVED", "SHIPPED")
    assert [one["items"][0]["qty"] for one in order["shipments"]] == [1]
    # With its order they stand in one row, and are found by it.
    assert {one["key"] for one in store.messages(direction="in", order=NUMBER)} == {f"order:{NUMBER}"}
    assert len(store.messages(direction="in", order=NUMBER, status="succeeded")) == 4


def test_another_line_or_sku_is_a_contradiction_all_the_same(store: Store, telling: TellingOms) -> None:
    store.hand_in(an_order_of_0815())

    for field, wrong in (("order_line_id", 70), ("sku", 8150), ("sku", "815")):
        told = {"order_id": 42, "items": [SHIPPED | {field: wrong}]}
        assert telling.is_refused(SHIPMENT, {"shipment": told}) == (
            f"shipment.items[0].{field}",
            f"Line 1 is {field} {'7' if field == 'order_line_id' else '0815'} here, "
            f"but the message says {wrong}.",
        )


def test_a_text_is_the_number_as_it_stands(store: Store, telling: TellingOms) -> None:
    store.hand_in(an_order_of_0815())

    field, sentence = telling.is_refused(UPDATED, status_of("42"))

    assert (field, sentence.partition(" is not here")[0]) == ("order.id", "Order 42")
    assert comments(store) == []


def test_where_two_orders_may_be_meant_neither_is(store: Store, telling: TellingOms) -> None:
    for number in ("42", NUMBER, "142"):
        store.hand_in(an_order_of_0815(number))

    field, sentence = telling.is_refused(UPDATED, status_of(42))

    assert field == "order.id"
    assert sentence == (
        "The OMS wrote the order's number as 42, without the zeros before it, and "
        f"{NUMBER} and 42 are both here: which of them it speaks of cannot be told."
    )
    assert [store.order(number)["oms"]["status"] for number in ("42", NUMBER)] == [None, None]
    # As a text there is no doubt.
    telling.says(UPDATED, status_of("42"))
    assert [store.order(number)["oms"]["status"] for number in ("42", NUMBER)] == ["RECEIVED", None]


def test_what_came_before_its_order_is_applied_when_that_comes(
    store: Store, telling: TellingOms, work_off: object
) -> None:
    telling.is_refused(UPDATED, status_of(42))

    store.hand_in(an_order_of_0815())
    work_off("status_updates")  # type: ignore[operator]  # of tests/fixtures/app.py

    assert store.order(NUMBER)["oms"]["status"] == "RECEIVED"
    (waited,) = store.messages(direction="in", topic=UPDATED, order=NUMBER)
    assert (waited["status"], waited["tries"]) == ("succeeded", 2)


def test_an_order_that_comes_in_meanwhile_is_waited_for(store: Store, oms: CallingOms) -> None:
    store.set(inbound__mode="sync")
    reply: list[Reply] = []
    asking = Thread(target=lambda: reply.append(oms.tell(UPDATED, status_of(42))))
    with store.app.app_context(), transaction() as session:
        # As the order's intake does: held before it is known whether it is here, then written.
        assert lock_order(session, NUMBER) is None
        asking.start()
        wait_for(lambda: _is_somebody_waiting(session) or not asking.is_alive(), every=0.01)
        session.add(a_bare_order())
    asking.join()

    assert [one.said.get("result") for one in reply] == [True]
    assert comments(store) == ["OMS status: none → RECEIVED."]


def _is_somebody_waiting(session: Session) -> bool:
    # On SQLite whoever writes is the only one, and all others wait for it.
    if session.get_bind().dialect.name == "sqlite":
        return True
    return bool(session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))


def a_bare_order() -> Order:
    """An order with no more than a record of one must have."""
    day = datetime(2030, 1, 1, tzinfo=UTC)
    return Order(
        increment_id=NUMBER,
        state="processing",
        status="processing",
        currency="EUR",
        grand_total=Decimal(20),
        placed_at=day,
        received_at=day,
        updated_at=day,
        content=b'{"items":[]}',
        content_hash="",
        export_state=ExportState.WAITING,
    )
