"""What the OMS's messages are read into: parcels, refunds, returns, stock (protocol: From the OMS)."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.oms import messages
from webapp.domain.refusals import Refused
from webapp.oms.topics import (
    aggregate_deleted,
    aggregate_updated,
    customer_shipment_done,
    line_cancelled,
    lines_shipped,
    order_created,
    order_find,
    order_updated,
    refund_updated,
    return_received,
    return_updated,
    stock_search,
    stock_updated,
)


def parcels(told: dict[str, Any]) -> list[tuple[str | None, tuple[int, ...]]]:
    return [(parcel.package_id, parcel.line_numbers) for parcel in customer_shipment_done.read(told).parcels]


def shipment(**changes: Any) -> dict[str, Any]:
    told = messages.shipment()
    told["shipment"].update(changes)
    return told


def test_a_shipment_has_a_parcel_a_package() -> None:
    read = customer_shipment_done.read(messages.shipment())
    assert (read.order_number, read.shipment_id, read.shipment_request_id) == ("000000042", "S1", "R1")
    assert read.shipment_date == datetime(2030, 1, 31, 12, tzinfo=UTC)
    first, second = read.parcels
    assert (first.line_numbers, second.line_numbers) == ((1, 2, 4), (3,))
    assert (first.carrier, first.tracking_number) == ("DHL", "T-P1")
    assert (first.tracking_link, first.tracking_comment) == ("https://track.example/P1", "By the back door")
    assert [(item.order_line_number, item.order_line_id, item.sku) for item in read.items][3] == (
        4,
        "502",
        "B",
    )


def test_line_numbers_of_packages_as_strings() -> None:
    assert parcels(shipment(packages=[{"id": "P1", "items": ["1", "2", "4"]}]))[0] == ("P1", (1, 2, 4))


def test_a_package_without_items_has_what_no_other_package_has() -> None:
    told = shipment(packages=[{"id": "P1"}, {"id": "P2", "items": [3]}])
    assert parcels(told) == [("P1", (1, 2, 4)), ("P2", (3,))]


def test_a_second_package_without_items_is_a_further_track() -> None:
    assert parcels(shipment(packages=[{"id": "P1"}, {"id": "P2"}])) == [("P1", (1, 2, 3, 4)), ("P2", ())]


@pytest.mark.parametrize("packages", [[], {}, None])
def test_no_packages_are_one_parcel_without_a_track(packages: object) -> None:
    assert parcels(shipment(packages=packages)) == [(None, (1, 2, 3, 4))]


def test_lines_in_no_package_are_shipped_all_the_same() -> None:
    assert parcels(shipment(packages=[{"id": "P1", "items": [1]}])) == [("P1", (1,)), (None, (2, 3, 4))]


def test_a_line_told_cancelled_is_in_no_parcel() -> None:
    told = shipment(packages=[])
    told["shipment"]["items"][1]["status"] = "cancelled"
    assert parcels(told) == [(None, (1, 3, 4))]


@pytest.mark.parametrize(
    ("order_lines", "numbers"),
    [
        ([1, 2], (1, 2)),
        (["1", "4"], (1, 4)),
        (["501", "501"], (1, 2)),
        ([502, 501], (4, 1)),
        (["501"] * 9, (1, 2, 3)),
    ],
)
def test_aggregated_items_by_line_numbers_or_by_line_ids(
    order_lines: list[Any], numbers: tuple[int, ...]
) -> None:
    together = [{"aggregated_line_id": "x", "sku": "A", "quantity": 2, "order_lines": order_lines}]
    assert parcels(shipment(packages=[{"id": "P1", "aggregated_items": together}]))[0] == ("P1", numbers)


def test_an_aggregated_line_that_is_none_is_named() -> None:
    together = [{"order_lines": [1]}, {"order_lines": ["777"]}]
    with pytest.raises(Refused) as caught:
        parcels(shipment(packages=[{"id": "P1", "aggregated_items": together}]))
    assert caught.value.field == "shipment.packages[0].aggregated_items[0].order_lines[0]"


def test_the_shipping_line_may_be_in_a_package() -> None:
    assert parcels(shipment(packages=[{"id": "P1", "items": [1, 2, 3, 4, 5]}])) == [("P1", (1, 2, 3, 4, 5))]


@pytest.mark.parametrize(
    ("link", "kept"),
    [
        ("https://t.example/1?a=b&c=%20", True),
        ("HTTP://t.example/", True),
        ("javascript:alert(1)", False),
        ("//t.example/", False),
        ("ftp://t.example/", False),
        ('https://t.example/"onclick=x', False),
        ("https://t.example/ x", False),
        ("", False),
    ],
)
def test_only_links_over_http_are_kept(link: str, kept: bool) -> None:
    told = shipment(packages=[messages.package("P1", 1) | {"tracking_link": link}])
    assert customer_shipment_done.read(told).parcels[0].tracking_link == (link if kept else "")


def test_a_shipment_of_nothing_is_refused() -> None:
    with pytest.raises(Refused, match=r"shipment.items: expected at least one line"):
        customer_shipment_done.read(shipment(items=[], packages=[]))


def test_the_warehouse_says_the_same_without_an_order() -> None:
    read = lines_shipped.read(messages.warehouse())
    assert (read.order_number, read.request_id) == (None, "R1")
    assert [parcel.line_numbers for parcel in read.parcels] == [(1, 2, 3, 4)]
    assert lines_shipped.read(messages.warehouse() | {"order_id": 42}).order_number == "42"


def test_lines_of_no_order_at_all_are_refused() -> None:
    told = {"items": [{"order_line_number": 1}], "packages": []}
    with pytest.raises(Refused, match="expected the id of the order's item"):
        lines_shipped.read(told)


@pytest.mark.parametrize("name", ["order_line_number", "line_number", "order_line"])
def test_lines_are_numbered_under_any_of_the_three_names(name: str) -> None:
    assert customer_shipment_done.read(shipment(items=[{name: "1"}], packages=[])).parcels[
        0
    ].line_numbers == (1,)
    (line,) = order_updated.read({"order": {"id": "1", "lines": [{name: 1, "status": "SHIPPED"}]}}).lines
    assert line.line_number == 1


@pytest.mark.parametrize("name", ["order_line_id", "id", "order_item_id"])
def test_and_identified_under_any_of_the_three(name: str) -> None:
    told = shipment(items=[{"order_line_number": 1, name: 501}], packages=[])
    assert customer_shipment_done.read(told).items[0].order_line_id == "501"


def test_an_orders_status_and_its_lines() -> None:
    told = order_updated.read(messages.order())
    assert (told.order_number, told.status, told.status_reason) == ("000000042", "LOGISTICS", "READYTOSHIP")
    assert [(line.line_number, line.status, line.status_reason) for line in told.lines] == [
        (1, "SHIPPED", None),
        (2, "SHIPPED", None),
    ]


def test_an_update_of_lines_only() -> None:
    told = order_updated.read({"order": {"id": "1", "lines": [{"line_number": 2, "status": "CANCELLED"}]}})
    assert (told.status, told.lines[0].status) == (None, "CANCELLED")


def test_an_update_that_says_nothing_is_refused() -> None:
    with pytest.raises(Refused, match=r"order.status: expected the status of the order, or of a line"):
        order_updated.read({"order": {"id": "1", "lines": [{"line_number": 2}]}})


def test_created_needs_no_more_than_the_number() -> None:
    assert order_created.read({"order": {"id": "1", "lines": "whatever"}}).order_number == "1"


def test_a_cancelled_line_names_only_its_item() -> None:
    told = line_cancelled.read({"order_id": "000000042", "order_line_id": 501})
    assert (told.order_number, told.order_line_id) == ("000000042", "501")


def test_a_refund_keeps_the_oms_amounts_as_they_are() -> None:
    told = refund_updated.read(messages.refund())
    (line,) = told.lines
    assert (told.order_number, told.credit_note_number, told.status, told.type, told.rma) == (
        "000000042",
        "CN-1",
        "RELEASED",
        "return",
        "RMA-1",
    )
    assert (line.line_number, line.id) == (1, "501")
    assert (line.gross, line.net, line.tax, line.tax_rate) == (
        Decimal("48.71"),
        Decimal("44.99"),
        Decimal("3.71"),
        Decimal("8.25"),
    )
    assert (line.reason, line.reason_description) == ("DAMAGED", "Broken")


def test_a_lines_payments_add_up() -> None:
    told = messages.refund()
    payments = told["refund"]["lines"][0]["payments"]
    payments.append({"details": {"cost_gross": Decimal("1.29"), "cost_net": 1}})
    (line,) = refund_updated.read(told).lines
    assert (line.gross, line.net, line.tax) == (Decimal("50.00"), Decimal("45.99"), None)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("return", "return"),
        ("RETURN", "return"),
        ("Cancellation", "cancellation"),
        ("CANCELLED", "cancellation"),
        ("appeasement", "appeasement"),
        ("", None),
        (None, None),
    ],
)
def test_refund_types_in_any_letter_case(written: str | None, meant: str | None) -> None:
    told = messages.refund()
    told["refund"]["refund_type"] = written
    assert refund_updated.read(told).type == meant


def test_a_return_and_its_reasons() -> None:
    told = return_updated.read(messages.return_())
    assert (told.order_number, told.rma, told.status) == ("000000042", "RMA-1", "APPROVED")
    assert told.status_date == datetime(2030, 2, 1, tzinfo=UTC)
    assert (told.carrier, told.tracking_number, told.label_link) == (
        "DHL",
        "T-9",
        "https://track.example/9.pdf",
    )
    (line,) = told.lines
    assert (line.line_number, line.reason, line.reason_description) == (1, "DAMAGED", "Broken")


def test_a_return_received_is_one_in_that_status() -> None:
    told = return_received.read(messages.received())
    assert (told.status, told.status_date) == ("RECEIVED", datetime(2030, 2, 3, tzinfo=UTC))
    undated = messages.received()
    del undated["return"]["origin_date"]
    assert return_received.read(undated).status_date is None


def snapshot(*entries: dict[str, Any]) -> stock_updated.Snapshot:
    told = messages.stock()
    told["snapshot"]["stock"] = list(entries)
    return stock_updated.read(told)


def test_stock_as_documented() -> None:
    told = stock_updated.read(messages.stock())
    assert (told.aggregate_id, told.mode, told.created_on) == (
        "EU",
        "FULL",
        datetime(2030, 1, 31, 12, tzinfo=UTC),
    )
    assert [(one.sku, one.quantity, one.unlimited) for one in told.stock] == [("A", 5, False), ("B", 0, True)]
    assert told.unfit == ()


@pytest.mark.parametrize("quantity", ["5", Decimal("5.0"), "5.0", Decimal(5), "5e0"])
def test_quantities_as_peers_write_them(quantity: object) -> None:
    assert snapshot({"sku": "A", "quantity": quantity}).stock == (stock_updated.SkuStock("A", 5, False),)


@pytest.mark.parametrize(
    "quantity", [None, "", "x", "5,0", "NaN", Decimal("1.5"), 2**31 + 1, 10**30, True, [], "1e999999999"]
)
def test_a_quantity_that_is_none_refuses_its_sku_only(quantity: object) -> None:
    told = snapshot({"sku": "A", "quantity": quantity}, {"sku": "B", "quantity": 1})
    assert [one.sku for one in told.stock] == ["B"]
    (unfit,) = told.unfit
    assert (unfit.sku, unfit.taken) == ("A", False)
    assert unfit.reason.startswith("expected a whole number from 0 to 2^31, got ")


def test_a_negative_quantity_counts_as_0_and_is_listed() -> None:
    told = snapshot({"sku": "A", "quantity": -3})
    assert told.stock == (stock_updated.SkuStock("A", 0, False),)
    assert [(one.sku, one.reason, one.taken) for one in told.unfit] == [
        ("A", "-3 is below 0 and counts as 0", True)
    ]


@pytest.mark.parametrize("entries", [(("A", 1), ("B", 2), ("A", 3)), (("A", "x"), ("B", 2), ("A", "3"))])
def test_of_a_sku_twice_the_last_counts(entries: tuple[tuple[str, Any], ...]) -> None:
    told = snapshot(*({"sku": sku, "quantity": quantity} for sku, quantity in entries))
    assert {one.sku: one.quantity for one in told.stock} == {"A": 3, "B": 2}
    assert told.unfit == ()
    assert snapshot({"sku": "A", "quantity": 1}, {"sku": "A", "quantity": "x"}).stock == ()


def test_the_largest_quantity() -> None:
    assert snapshot({"sku": "A", "quantity": 2**31}).stock[0].quantity == 2**31


def test_unlimited_needs_no_quantity() -> None:
    assert snapshot({"sku": "A", "unlimited": 1}).stock == (stock_updated.SkuStock("A", 0, True),)


@pytest.mark.parametrize("empty", [[], {}])
def test_stock_of_nothing(empty: object) -> None:
    told = messages.stock()
    told["snapshot"]["stock"] = empty
    assert stock_updated.read(told).stock == ()


def test_aggregates() -> None:
    told = aggregate_updated.read(messages.aggregate())
    assert (told.aggregate_id, told.name, told.sources) == ("EU", "Europe", ("W1", "W2"))
    assert aggregate_updated.read({"aggregate": {"id": "EU"}}).name == ""
    assert aggregate_deleted.read({"aggregate_id": 7}).aggregate_id == "7"


@pytest.mark.parametrize(
    "answer", [b'{"result":null}', b'{"result":[]}', b'{"result":{}}', b'{"result":""}', b"[]"]
)
def test_an_order_the_oms_does_not_have(answer: bytes) -> None:
    assert order_find.read_answer(answer) is None


@pytest.mark.parametrize("wrapped", [b'{"order":%s}', b"%s"])
def test_an_order_the_oms_has(wrapped: bytes) -> None:
    line = b'{"line_number":"1","sku":"A","amount":{"gross_amount":"21.41"}}'
    order = b'{"id":"42","status":"new","lines":[' + line + b"]}"
    found = order_find.read_answer(b'{"result":' + wrapped % order + b"}")
    assert found is not None
    assert (found.id, found.status) == ("42", "NEW")
    assert [(line.line_number, line.sku, line.gross) for line in found.lines] == [(1, "A", Decimal("21.41"))]


def test_a_page_of_stock() -> None:
    page = stock_search.read_answer(
        b'{"result":{"offset":0,"size":1,"total":7,"items":[{"aggregate_id":"EU","sku":"A","quantity":"5"}]}}'
    )
    assert (page.total, [(one.aggregate_id, one.sku, one.quantity) for one in page.items]) == (
        7,
        [("EU", "A", 5)],
    )
    assert stock_search.read_answer(b'{"result":[]}').items == ()
