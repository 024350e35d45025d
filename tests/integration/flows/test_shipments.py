"""Shipment callbacks: one shipment a package, each piece once, all of a message or nothing (F21)."""

import pytest

from tests.fixtures.entrances import CallingOms, Store
from tests.fixtures.magento_documents import a_child, an_item, an_order
from tests.integration.flows.told import (
    CREATED,
    NUMBER,
    SHIPMENT,
    UPDATED,
    TellingOms,
    a_and_b,
    comments,
    line_statuses,
    line_told,
    order_told,
    package,
    shipment_told,
    shipments,
)
from webapp.extensions import read
from webapp.models.orders import Order

P1, P2 = package("P1", 1, 2, 4), package("P2", 3)
WORKED = shipment_told(P1, P2)
NOTHING_NEW = "These pieces had been shipped already; nothing new."


@pytest.fixture
def telling(store: Store, oms: CallingOms) -> TellingOms:
    """The order is here."""
    store.hand_in(a_and_b())
    return TellingOms(store, oms)


def shipped_lines(store: Store, number: str = NUMBER) -> list[int]:
    """The lines that count as shipped."""
    with store.app.app_context(), read() as session:
        order = session.query(Order).filter_by(increment_id=number).one()
        return [line.line_number for line in order.lines if line.shipped]


def test_the_worked_example(store: Store, telling: TellingOms) -> None:
    telling.says(SHIPMENT, WORKED)

    assert shipments(store) == [({"A": 2, "B": 1}, ["T-P1"]), ({"A": 1}, ["T-P2"])]
    first, second = store.order(NUMBER)["shipments"]
    assert first["created_at"] == second["created_at"] == "2030-01-09 12:00:00"
    assert first["items"][0]["line_numbers"] == [1, 2]
    assert second["items"][0]["line_numbers"] == [3]
    assert first["tracks"] == [
        {"carrier_code": "DHL", "title": "DHL", "track_number": "T-P1", "url": "https://track.example/P1"}
    ]
    assert [first["increment_id"], second["increment_id"]] == [f"{NUMBER}-1", f"{NUMBER}-2"]
    assert comments(store) == [
        f"Shipment {NUMBER}-1: 2 × A, 1 × B, DHL T-P1. Shipment {NUMBER}-2: 1 × A, DHL T-P2."
    ]
    # The SHIPPING line goes with the first of them.
    assert shipped_lines(store) == [1, 2, 3, 4, 5]

    before = store.order(NUMBER)
    telling.says(SHIPMENT, WORKED)
    assert store.order(NUMBER) == before
    # The same from somebody else, in other words.
    telling.says(SHIPMENT, shipment_told(package("P9", 1, 2, 3, 4), shipment_request_id="R9", packages=[]))
    assert store.order(NUMBER)["shipments"] == before["shipments"]
    assert store.messages(topic=SHIPMENT)[-1]["reason"] == comments(store)[-1] == NOTHING_NEW


def test_pieces_may_leave_over_time(store: Store, telling: TellingOms) -> None:
    telling.says(SHIPMENT, shipment_told(package("P1", 1)))
    telling.says(SHIPMENT, shipment_told(package("P1", 1, 2), shipment_request_id="R2"))
    # A package that names what no other has, and one that names nothing, with all that is left.
    telling.says(SHIPMENT, shipment_told(package("P3"), items=_items(3, 4), shipment_request_id="R3"))

    assert shipments(store) == [({"A": 1}, ["T-P1"]), ({"A": 1}, ["T-P1"]), ({"A": 1, "B": 1}, ["T-P3"])]
    assert line_statuses(store) == {1: "SHIPPED", 2: "SHIPPED", 3: "SHIPPED", 4: "SHIPPED", 5: None}


def _items(*lines: int) -> list[dict[str, object]]:
    return [{"order_line_number": number, "status": "SHIPPED"} for number in lines]


def test_no_packages_is_one_shipment_without_a_track(store: Store, telling: TellingOms) -> None:
    telling.says(SHIPMENT, shipment_told(items=_items(1, 4, 5)))

    assert shipments(store) == [({"A": 1, "B": 1}, [])]


def test_a_track_that_comes_later_is_added(store: Store, telling: TellingOms) -> None:
    """The warehouse often speaks first, without one."""
    telling.says(SHIPMENT, shipment_told(items=_items(1, 2, 3, 4)))
    telling.says(
        SHIPMENT, shipment_told({"id": "P1", "items": [1, 2, 4], "carrier": "DHL"}, shipment_request_id="R2")
    )
    telling.says(SHIPMENT, WORKED)
    telling.says(SHIPMENT, WORKED)

    (only,) = store.order(NUMBER)["shipments"]
    assert [(one["carrier_code"], one["track_number"], one["url"]) for one in only["tracks"]] == [
        ("DHL", "T-P1", "https://track.example/P1"),
        ("DHL", "T-P2", "https://track.example/P2"),
    ]
    assert len(comments(store)) == 3
    assert "Tracking for shipment" in comments(store)[-1]


def test_only_links_of_the_web_are_kept(store: Store, telling: TellingOms) -> None:
    links = ("javascript:alert(1)", "ftp://x/y", "https://a b", "//x", "HTTP://x/y?z=1#a")
    for number, link in enumerate(links, start=1):
        told = package(f"P{number}", 1, tracking_link=link)
        telling.says(SHIPMENT, shipment_told(told, shipment_request_id=f"R{number}"))

    tracks = store.order(NUMBER)["shipments"][0]["tracks"]
    assert [one["url"] for one in tracks] == [None, None, None, None, "HTTP://x/y?z=1#a"]


def test_what_is_too_long_for_a_track_is_cut_and_still_one(store: Store, telling: TellingOms) -> None:
    told = package("P1", 1, tracking_number="9" * 255, carrier="C" * 255, tracking_comment="x" * 9_000)

    for request in ("R1", "R2"):
        telling.says(SHIPMENT, shipment_told(told, shipment_request_id=request))

    (only,) = store.order(NUMBER)["shipments"]
    assert [len(one["track_number"]) for one in only["tracks"]] == [200]


def test_what_cannot_ship_refuses_all_of_the_message(store: Store, telling: TellingOms) -> None:
    telling.says(UPDATED, {"order": {"id": NUMBER, "lines": [line_told(4, "CANCELLED", 5)]}})
    before = store.order(NUMBER)
    good = package("P1", 1)
    wrong = {
        "shipment.items[1].order_line_number": shipment_told(
            good, items=[*_items(1), {"order_line_number": 9}]
        ),
        "shipment.items[0].sku": shipment_told(good, items=[{"order_line_number": 1, "sku": "B"}]),
        "shipment.items[0].order_line_id": shipment_told(
            good, items=[{"order_line_number": 1, "order_line_id": "2"}]
        ),
        "shipment.packages": shipment_told(good, package("P2", 9), items=_items(1)),
        "shipment.items": shipment_told(good, package("P2", 4)),
    }
    for field, params in wrong.items():
        named, sentence = telling.is_refused(SHIPMENT, params)
        assert named == field
        assert any(number in sentence for number in ("ine 9", "ine 1", "ine 4 (B) was cancelled")), sentence
        assert store.order(NUMBER) == before, field


def test_a_shipment_comes_whenever_it_comes(store: Store, telling: TellingOms) -> None:
    """Before the order is told as created, and after it is complete."""
    telling.says(SHIPMENT, shipment_told(P1))
    telling.says(CREATED, {"order": {"id": NUMBER}})
    telling.says(UPDATED, order_told("COMPLETE", 20))
    telling.says(SHIPMENT, shipment_told(P2, shipment_request_id="R2"))

    assert shipments(store) == [({"A": 2, "B": 1}, ["T-P1"]), ({"A": 1}, ["T-P2"])]
    assert store.order(NUMBER)["state"] == "complete"
    # SHIPPED, though no date came along, and not moved by a later word.
    telling.says(UPDATED, {"order": {"id": NUMBER, "lines": [line_told(1, "PICKREADY", 30)]}})
    assert line_statuses(store)[1] == "SHIPPED"


def test_an_undated_shipment_has_the_time_it_was_received(store: Store, telling: TellingOms) -> None:
    telling.says(SHIPMENT, shipment_told(P1, shipment_date=None))

    received = store.messages(topic=SHIPMENT)[0]["created_at"]
    assert store.order(NUMBER)["shipments"][0]["created_at"] == received[:19].replace("T", " ")


def test_a_bundle_is_shipped_with_the_last_of_its_children(store: Store, oms: CallingOms) -> None:
    rows = [
        an_item(1, "SET", 1, 30, product_type="bundle"),
        a_child(2, 1, "X", 1, price=20, base_price=20, row_total=20, row_total_incl_tax=20),
        a_child(3, 1, "Y", 1, price=10, base_price=10, row_total=10, row_total_incl_tax=10),
    ]
    store.hand_in(an_order(rows, 30, subtotal=30))
    telling = TellingOms(store, oms)
    types = [one["product_type"] for one in store.order(NUMBER)["oms"]["lines"]]
    assert types == ["BUNDLE", "PHYSICAL", "PHYSICAL"]

    telling.says(SHIPMENT, shipment_told(package("P1", 2), items=_items(2)))
    assert shipped_lines(store) == [2]
    telling.says(UPDATED, {"order": {"id": NUMBER, "lines": [{"line_number": 3, "status": "CANCELLED"}]}})
    assert shipped_lines(store) == [1, 2]


def virtual(number: int) -> dict[str, object]:
    """A downloadable thing."""
    return an_item(number, f"V{number}", 1, 10, product_type="downloadable", is_virtual=1)


def test_what_needs_no_shipping_ships_by_the_oms_s_word(store: Store, oms: CallingOms) -> None:
    store.hand_in(an_order([an_item(1, "A", 1, 10), virtual(2), virtual(3)], 35, shipping=5))
    telling = TellingOms(store, oms)
    telling.says(UPDATED, {"order": {"id": NUMBER, "lines": [{"line_number": 2, "status": "SHIPPED"}]}})
    # Neither the other one, nor what goes with the first package.
    assert shipped_lines(store) == [2]
    telling.says(UPDATED, order_told("COMPLETE", 3, "FULLYCANCELLED"))
    assert shipped_lines(store) == [2]
    telling.says(UPDATED, order_told("LOGISTICSCOMPLETE", 1))
    assert shipped_lines(store) == [2, 3]
    telling.says(UPDATED, {"order": {"id": NUMBER, "lines": [{"line_number": 3, "status": "CANCELLED"}]}})
    assert shipped_lines(store) == [2]
    telling.says(SHIPMENT, shipment_told(items=_items(1)))
    assert shipped_lines(store) == [1, 2, 4]


def test_an_order_without_goods_is_through_when_the_oms_says_so(store: Store, oms: CallingOms) -> None:
    wrapped = {"gw_price": 5}
    store.hand_in(an_order([virtual(1)], 15, is_virtual=1, extension=wrapped))
    telling = TellingOms(store, oms)
    assert [one["product_type"] for one in store.order(NUMBER)["oms"]["lines"]] == ["VIRTUAL", "SERVICE"]

    telling.says(UPDATED, order_told("LOGISTICS", 1))
    assert shipped_lines(store) == []
    telling.says(UPDATED, order_told("COMPLETE", 3))
    assert shipped_lines(store) == [1, 2]


def test_peers_name_lines_by_their_ids(store: Store, oms: CallingOms) -> None:
    """`aggregated_items` with line ids, numbers as texts, names in CamelCase, an empty list as an object."""
    store.hand_in(an_order([an_item(501, "A", 3, 30), an_item(502, "B", 1, 10)], 40))
    telling = TellingOms(store, oms)
    lines = ((1, 501), (2, 501), (4, 502))
    first, second = {"Sku": "A", "OrderLines": ["501", "501"]}, {"Sku": "B", "OrderLines": [502]}
    told = {
        "Shipment": {
            "shimpent_id": 7,
            "OrderId": NUMBER,
            "Items": [
                {"LineNumber": str(number), "OrderLineId": item, "Status": "shipped"}
                for number, item in lines
            ],
            "Packages": [
                {"Id": 2, "Items": {}, "AggregatedItems": [second], "TrackingNumber": 67890},
                {"Id": 1, "Items": {}, "AggregatedItems": [first], "TrackingNumber": 12345},
            ],
        }
    }

    telling.says(SHIPMENT, told)

    assert shipments(store) == [({"B": 1}, ["67890"]), ({"A": 2}, ["12345"])]
