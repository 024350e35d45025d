"""An OMS that calls back while it is still answering our call (protocol: Re-entrance)."""

import json
from collections.abc import Callable, Iterator
from socket import socket

import pytest

from tests.fixtures.entrances import CallingOms, Reply, Store
from tests.fixtures.far_side import Asked, FarSide, far_side, taken
from tests.integration.flows.exports import CREATE, NUMBER, pieces_of_a
from tests.integration.flows.told import CREATED, SHIPMENT, UPDATED, order_told, package, shipment_told

WorkOff = Callable[..., None]
MODES = ("sync", "async")


class HastyOms:
    """Before it answers a create, it tells the order's whole life, and waits for each answer."""

    def __init__(self, side: FarSide, oms: CallingOms) -> None:
        self.answers: list[Reply] = []
        self._oms = oms
        side.replies += [self.reply] * 20

    def reply(self, connection: socket, asked: Asked) -> bool:
        """Tell first, answer then."""
        call = json.loads(asked.body)
        if call["method"] == CREATE:
            self.tell(call["params"]["order"])
        return taken(connection, asked)

    def tell(self, order: dict[str, object]) -> None:
        """One after the other, and the last two in one batch."""
        lines = {"order_line_number": 1, "order_line_id": "1", "sku": "A", "status": "SHIPPED"}
        shipped = shipment_told(package("P1", 1), items=[lines])
        self.answers.append(self._oms.tell(CREATED, {"order": {"id": order["id"]}}))
        self.answers.append(self._oms.tell(UPDATED, order_told("RECEIVED", 1, "IMPORTED")))
        batch = [
            {"jsonrpc": "2.0", "id": name, "method": topic, "params": params}
            for name, topic, params in (
                ("m-3", SHIPMENT, shipped),
                ("m-4", UPDATED, order_told("COMPLETE", 9, "FULLYSHIPPED")),
            )
        ]
        self.answers.append(self._oms.post(json.dumps(batch).encode()))


@pytest.fixture
def hasty(store: Store, oms: CallingOms) -> Iterator[HastyOms]:
    """That OMS, at which the store's orders arrive."""
    with far_side() as side:
        store.set(oms__url=side.url)
        yield HastyOms(side, oms)


def ends_well(store: Store, hasty: HastyOms) -> None:
    """Every callback was taken while the create was under way, and the order ends as it would have anyway."""
    assert len(hasty.answers) == 3
    for reply in hasty.answers:
        said = reply.said if isinstance(reply.said, list) else [reply.said]
        assert [one["result"] for one in said] == [True] * len(said)
    order = store.order(NUMBER)
    assert (order["state"], order["oms"]["export"], order["oms"]["status"]) == (
        "complete",
        "loaded",
        "COMPLETE",
    )
    assert [one["sku"] for shipment in order["shipments"] for one in shipment["items"]] == ["A"]
    create = store.messages(topic=CREATE)
    assert [(one["status"], one["tries"]) for one in create] == [("succeeded", 1)]


@pytest.mark.parametrize("mode", MODES)
def test_while_a_worker_sends(store: Store, hasty: HastyOms, work_off: WorkOff, mode: str) -> None:
    store.set(inbound__mode=mode)
    store.hand_in(pieces_of_a(1))

    work_off("orders", "status_updates")

    ends_well(store, hasty)


@pytest.mark.parametrize("mode", MODES)
def test_while_the_store_waits_for_the_export(
    store: Store, hasty: HastyOms, work_off: WorkOff, mode: str
) -> None:
    store.set(inbound__mode=mode, orders__export_mode="sync")

    assert store.hand_in(pieces_of_a(1)).status == 201
    work_off("orders", "status_updates")

    ends_well(store, hasty)
