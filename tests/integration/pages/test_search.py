"""Search: straight to the only thing that carries the identifier, else a list."""

from collections.abc import Callable

import pytest

from tests.fixtures.entrances import CallingOms, Store
from tests.fixtures.magento_documents import an_item, an_order
from tests.fixtures.people import Person

SHIPPED = "magento.logistics.fulfillment_management.customer_shipment_done"


def hand_in(store: Store, number: str, sku: str = "MT07") -> str:
    """Take in an order of one piece; gives the id of the message that carries it to the OMS."""
    order = an_order([an_item(1, sku, 1, 40)], 40, subtotal=40, increment_id=number)
    return str(store.hand_in(order).said["message_id"])


@pytest.fixture
def orders(store: Store) -> dict[str, str]:
    """Three orders, two of them of the same product, by number: their messages' ids."""
    return {
        "000000041": hand_in(store, "000000041"),
        "000000042": hand_in(store, "000000042"),
        "7-EU": hand_in(store, "7-EU", "TENT/2 (blue)"),
    }


def test_an_order_number_leads_to_the_order(viewer: Person, orders: dict[str, str]) -> None:
    for number in orders:
        found = viewer.look(f"/search?q={number}")
        assert (found.status, found.headers["Location"]) == (303, f"/orders/{number}")
    assert viewer.look("/search?q=%20%20000000042%09").headers["Location"] == "/orders/000000042"


def test_a_message_id_leads_to_the_message(viewer: Person, orders: dict[str, str]) -> None:
    uid = orders["000000042"]
    for text in (uid, uid.upper(), uid[:13]):
        assert viewer.look(f"/search?q={text}").headers["Location"] == f"/journal/{uid}"


def test_a_sku_leads_to_the_orders_with_it(viewer: Person, orders: dict[str, str]) -> None:
    assert viewer.look("/search?q=TENT/2+(blue)").headers["Location"] == "/orders/7-EU"
    found = viewer.look("/search?q=MT07")
    assert "2 orders found for MT07." in found.words
    assert [text for text in found.links() if text.startswith("0000")] == ["000000042", "000000041"]


def test_the_beginning_of_a_number_finds_all_that_begin_so(viewer: Person, orders: dict[str, str]) -> None:
    found = viewer.look("/search?q=00000004")
    assert found.status == 200
    assert {"000000041", "000000042"} <= set(found.links())
    assert "7-EU" not in found.words


def test_a_tracking_number_leads_to_its_order(
    viewer: Person, store: Store, oms: CallingOms, orders: dict[str, str], work_off: Callable[..., None]
) -> None:
    line = {"order_line_id": "1", "order_line_number": 1, "sku": "MT07", "status": "SHIPPED"}
    package = {"id": "P1", "items": [1], "carrier": "DHL", "tracking_number": "JD-014 60001"}
    shipment = {"order_id": "000000042", "shipment_request_id": "R1", "items": [line], "packages": [package]}
    assert oms.tell(SHIPPED, {"shipment": shipment}).said["result"] is True
    work_off()
    assert viewer.look("/search?q=JD-014+60001").headers["Location"] == "/orders/000000042"


@pytest.mark.parametrize(
    "text", ["no-such-thing", "%25", "_" * 9, "'; DROP TABLE orders; --", "<script>", "é" * 300]
)
def test_what_is_not_there_is_said(viewer: Person, orders: dict[str, str], text: str) -> None:
    found = viewer.look(f"/search?q={text}")
    assert found.status == 200
    assert "Nothing carries" in found.words
    assert "<script>" not in found.text


def test_nothing_entered_says_what_can_be(viewer: Person) -> None:
    for path in ("/search", "/search?q=", "/search?q=+%07"):
        assert "Nothing to look for yet" in viewer.look(path).words


def test_a_stranger_finds_nothing(stranger: Person) -> None:
    assert stranger.look("/search?q=000000042").headers["Location"] == "/login?next=/search?q%3D000000042"
