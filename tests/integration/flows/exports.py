"""Orders handed in, and what became of them at the OMS, as tests of exports look at it."""

from typing import Any

from sqlalchemy import select

from tests.fixtures.entrances import Store
from tests.fixtures.magento_documents import Document, an_item, an_order
from tests.sandbox_process import SandboxProcess
from webapp.extensions import read
from webapp.flows.registry import handlers
from webapp.messaging.drain import deliver_now
from webapp.models.orders import Order

NUMBER = "000000042"
CREATE = "magento.sales.order_management.create"
CANCEL = "magento.sales.order_management.cancel"
PRODUCT = "magento.catalog.product_management.updated"


def pieces_of_a(count: int, status: str = "processing", **more: Any) -> Document:
    """An order of so many pieces of A at 10.00."""
    states = {"pending": "new", "canceled": "canceled", "complete": "complete"}
    order = an_order([an_item(1, "A", count, 10 * count)], 10 * count)
    return order | {"status": status, "state": states.get(status, "processing")} | more


def export_of(store: Store, number: str = NUMBER) -> tuple[str, str | None]:
    """Where the order's export stands, and why."""
    told = store.order(number)["oms"]
    return told["export"], told["reason"]


def sent(store: Store, topic: str = CREATE) -> list[str]:
    """Where the messages of a topic to the OMS stand, oldest first."""
    return [one["status"] for one in store.messages(topic=topic, direction="out")]


def comments(store: Store, number: str = NUMBER) -> list[str]:
    """The order's history."""
    return [one["comment"] for one in store.order(number)["status_histories"]]


def lines_at(sandbox: SandboxProcess, number: str = NUMBER) -> int:
    """How many lines the OMS has of the order; 0 where it does not have it."""
    found = [one for one in sandbox.get("/control/orders")["items"] if one["id"] == number]
    return len(found[0]["lines"]) if found else 0


def taken(sandbox: SandboxProcess, method: str = CREATE) -> int:
    """How many calls of a topic the OMS took."""
    calls = sandbox.get("/control/received")["items"]
    return sum(one["method"] == method and one["verdict"] == "accepted" for one in calls)


def try_again(store: Store, number: str = NUMBER) -> None:
    """Have the order's create, which waits for its next try, tried now."""
    with store.app.app_context():
        with read() as session:
            order = session.scalars(select(Order).where(Order.increment_id == number)).one()
        assert order.export_message_id
        assert deliver_now([order.export_message_id], handlers())
