"""An OMS that does not know a SKU: the product goes first, then the order, in its place (F11)."""

import json
import socket
from collections.abc import Callable, Iterator

import pytest

from tests.fixtures.entrances import Store
from tests.fixtures.far_side import Asked, FarSide, answer, far_side
from webapp import clock
from webapp.store.demo_orders import DemoOrder, demo_order

NUMBER = "100000042"
SKU = "LUM-3300"
CREATE = "magento.sales.order_management.create"
PRODUCT = "magento.catalog.product_management.updated"
TAKEN = {"result": True}
UNKNOWN = {
    "error": {"code": -32602, "message": f"Unknown SKU {SKU}", "data": {"field": "order.lines[0].sku"}}
}


def forgetful(*, until_told: int) -> Callable[[socket.socket, Asked], bool]:
    """Answers of an OMS that refuses orders of the SKU until it was told of it so many times."""
    told: list[str] = []

    def say(connection: socket.socket, asked: Asked) -> bool:
        call = json.loads(asked.body)
        if call["method"] == PRODUCT:
            told.append(call["params"]["product"]["sku"])
        refused = call["method"] == CREATE and told.count(SKU) < until_told
        said = {"jsonrpc": "2.0", "id": call["id"], **(UNKNOWN if refused else TAKEN)}
        return answer(200, json.dumps(said).encode())(connection, asked)

    return say


@pytest.fixture
def oms_side() -> Iterator[FarSide]:
    with far_side() as side:
        yield side


def hand_in(store: Store, side: FarSide, *, until_told: int) -> None:
    side.replies[:] = [forgetful(until_told=until_told)] * 50
    store.set(oms__url=side.url)
    demo = DemoOrder(NUMBER, "processing", "processing", [(SKU, 2)], 1.0)
    assert store.hand_in(demo_order(demo, clock.now())).status == 202


def methods(side: FarSide) -> list[str]:
    return [json.loads(asked.body)["method"] for asked in side.asked]


def test_after_the_refusal_the_product_goes_first_then_the_order_anew(
    store: Store, oms_side: FarSide, work_off: Callable[..., None]
) -> None:
    hand_in(store, oms_side, until_told=2)
    work_off()
    assert store.order(NUMBER)["oms"]["export"] == "sent"
    assert methods(oms_side)[-3:] == [CREATE, PRODUCT, CREATE]
    again = json.loads(oms_side.asked[-2].body)["params"]["product"]
    assert (again["sku"], again["status"]) == (SKU, "ACTIVE")
    creates = store.messages(order=NUMBER, topic=CREATE)
    assert [one["status"] for one in creates] == ["superseded", "succeeded"]
    assert SKU in creates[0]["reason"]
    first, second = (json.loads(asked.body) for asked in oms_side.asked if CREATE in asked.body.decode())
    assert first["id"] != second["id"]
    assert first["params"] == second["params"]


def test_a_second_refusal_for_the_same_sku_stands(
    store: Store, oms_side: FarSide, work_off: Callable[..., None]
) -> None:
    hand_in(store, oms_side, until_told=99)
    work_off()
    told = store.order(NUMBER)["oms"]
    assert told["export"] == "failed"
    assert SKU in told["reason"]
    assert methods(oms_side).count(CREATE) == 2
