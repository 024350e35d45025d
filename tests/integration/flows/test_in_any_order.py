"""Callbacks repeated, reordered and at the same time: the same end, each effect once (R4)."""

import random
from collections.abc import Callable, Iterator
from threading import Barrier, Thread
from typing import Any

from sqlalchemy import select

from tests.fixtures.entrances import ALL_SCOPES, CallingOms, Reply, Store, call_of
from tests.fixtures.magento_documents import Document
from tests.integration.flows.told import (
    CREATED,
    NUMBER,
    SHIPMENT,
    UPDATED,
    a_and_b,
    line_told,
    order_told,
    package,
    shipment_told,
)
from webapp.extensions import read
from webapp.models.orders import Order
from webapp.models.settings import Connection

Said = tuple[str, Document]
# What an OMS says of an order from beginning to end, dated, and not contradicting itself.
HISTORY: tuple[Said, ...] = (
    (CREATED, {"order": {"id": NUMBER}}),
    (UPDATED, order_told("RECEIVED", 1, lines=[line_told(number, "NEW", 1) for number in (1, 2, 3, 4)])),
    (UPDATED, order_told("APPROVED", 2)),
    (UPDATED, order_told("ONHOLD", 2)),
    (
        UPDATED,
        order_told("LOGISTICS", 3, lines=[line_told(1, "ALLOCATEDSHIP", 3), line_told(4, "PICKREADY", 3)]),
    ),
    # Two words on a line of one date.
    (UPDATED, {"order": {"id": NUMBER, "lines": [line_told(3, "PICKCONFIRMED", 4)]}}),
    (UPDATED, {"order": {"id": NUMBER, "lines": [line_told(3, "PICKREADY", 4)]}}),
    (SHIPMENT, shipment_told(package("P1", 1, 2))),
    # The warehouse's word on two of the pieces, without a track.
    (
        SHIPMENT,
        shipment_told(items=[{"order_line_number": 1}, {"order_line_number": 4}], shipment_request_id="R7"),
    ),
    (SHIPMENT, shipment_told(package("P2", 4), shipment_request_id="R2")),
    (UPDATED, order_told("PARTIALLY_COMPLETE", 9, lines=[line_told(1, "SHIPPED", 9, status_reason="SENT")])),
    (
        UPDATED,
        {"order": {"id": NUMBER, "lines": [line_told(3, "CANCELLED", 10, status_reason="OUTOFSTOCK")]}},
    ),
    (UPDATED, order_told("COMPLETE", 11, "PARTIALLYSHIPPED")),
)


def end_of(store: Store, number: str) -> dict[str, Any]:
    """How an order ended: whatever does not depend on what came when."""
    order = store.order(number)
    lines = [(one["line_number"], one["status"]) for one in order["oms"]["lines"]]
    # Which piece is in which shipment may follow what came first.
    tracks = {tuple(map(str, one.values())) for shipment in order["shipments"] for one in shipment["tracks"]}
    shipped = [
        n for shipment in order["shipments"] for item in shipment["items"] for n in item["line_numbers"]
    ]
    return {
        "state": (order["state"], order["status"]),
        "oms": [order["oms"][name] for name in ("export", "status", "status_reason", "status_date")],
        "lines": lines,
        "tracks": tracks,
        "shipped": sorted(shipped),
        "comments": len(order["status_histories"]),
        "counted": _counted(store, number),
    }


def _counted(store: Store, number: str) -> Any:
    with store.app.app_context(), read() as session:
        order = session.scalars(select(Order).where(Order.increment_id == number)).one()
        lines = [(line.shipped, line.status_reason, line.status_date) for line in order.lines]
        return order.attention, order.pieces_shipped, lines


def renumbered(said: Said, number: str) -> Said:
    """The same of another order."""
    topic, params = said
    (name, told), *_ = params.items()
    return topic, {name: told | {"order_id" if name == "shipment" else "id": number}}


def shuffles(count: int, dice: random.Random) -> Iterator[list[Said]]:
    """The history in other orders, some of it said two or three times."""
    for _ in range(count):
        said = [*HISTORY, *dice.choices(HISTORY, k=5)]
        dice.shuffle(said)
        yield said


def test_the_order_of_arrival_changes_nothing(store: Store, oms: CallingOms) -> None:
    store.set(inbound__mode="sync")
    store.hand_in(a_and_b())
    for topic, params in HISTORY:
        assert oms.tell(topic, params).said["result"] is True
    expected = end_of(store, NUMBER)
    assert expected["counted"][1] == 3
    assert expected["lines"] == [(1, "SHIPPED"), (2, "SHIPPED"), (3, "CANCELLED"), (4, "SHIPPED"), (5, None)]

    seed = random.randrange(10**6)  # noqa: S311 - dice
    for place, said in enumerate(shuffles(4, random.Random(seed))):  # noqa: S311 - dice
        number = f"S{place}"
        store.hand_in(a_and_b(increment_id=number))
        for one in said:
            assert oms.tell(*renumbered(one, number)).said["result"] is True
        assert end_of(store, number) == expected, (seed, place, said)


def test_whoever_applies_it_and_whenever(
    store: Store, oms: CallingOms, work_off: Callable[..., None]
) -> None:
    """Threads that wait for the answer, and a worker, over one order; all of it said twice."""
    store.hand_in(a_and_b())
    store.set(inbound__mode="sync")
    for topic, params in HISTORY:
        oms.tell(topic, params)
    expected = end_of(store, NUMBER)
    number = "R1"
    store.hand_in(a_and_b(increment_id=number))
    bodies = [call_of(*renumbered(said, number)) for said in HISTORY]
    random.shuffle(bodies)
    replies: list[Reply] = []

    def tell(some: list[bytes]) -> None:
        together.wait()
        replies.extend(oms.post(body) for body in some)

    together = Barrier(2)
    threads = [Thread(target=tell, args=(bodies,)), Thread(target=tell, args=(bodies[::-1],))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    work_off("status_updates")

    assert [reply.status for reply in replies] == [200] * len(bodies) * 2
    assert end_of(store, number) == expected
    statuses = [one["status"] for one in store.messages(order=number, direction="in") if one["wire_id"]]
    assert set(statuses) == {"succeeded"}


def test_the_same_order_handed_in_at_once_is_one_order(store: Store, work_off: Callable[..., None]) -> None:
    orders = [a_and_b(increment_id=f"N{place}") for place in range(6)]
    replies: list[Reply] = []

    def hand_in() -> None:
        mine = Store(store.app, ALL_SCOPES)
        together.wait()
        replies.extend(mine.hand_in(order) for order in orders)

    together = Barrier(3)
    threads = [Thread(target=hand_in) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {reply.status for reply in replies} == {202}
    for order in orders:
        number = str(order["increment_id"])
        uids = {reply.said["message_id"] for reply in replies if reply.said["order"] == number}
        assert len(uids) == 1
        creates = store.messages(order=number, topic="magento.sales.order_management.create")
        assert [one["id"] for one in creates] == list(uids)


def test_an_order_and_its_callback_at_once(
    store: Store, oms: CallingOms, work_off: Callable[..., None]
) -> None:
    """Whichever is first: the callback is applied, at once or when the order comes in."""
    store.set(inbound__mode="sync")
    numbers = [f"O{place}" for place in range(8)]

    def hand_in() -> None:
        for number in numbers:
            together.wait()
            store.hand_in(a_and_b(increment_id=number))

    def tell() -> None:
        for number in numbers:
            together.wait()
            oms.tell(*renumbered((UPDATED, order_told("LOGISTICS", 3)), number))

    together = Barrier(2)
    threads = [Thread(target=hand_in), Thread(target=tell)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    work_off("status_updates")

    assert [store.order(number)["oms"]["status"] for number in numbers] == ["LOGISTICS"] * len(numbers)


def test_the_first_calls_of_all_at_once(store: Store, oms: CallingOms) -> None:
    """Each would note that the OMS has called, for the first time."""

    def tell(place: int) -> None:
        together.wait()
        replies.append(oms.tell(UPDATED, {"order": {"id": str(place), "status": "NEW"}}))

    replies: list[Reply] = []
    together = Barrier(4)
    threads = [Thread(target=tell, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [reply.said["result"] for reply in replies] == [True] * 4
    with store.app.app_context(), read() as session:
        assert session.get_one(Connection, "oms").last_in_at is not None
