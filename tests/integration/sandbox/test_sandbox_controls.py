"""The controls: what each makes the sandbox hold and tell, and what it says to a wrong one."""

from typing import Any

import pytest

from tests.integration.sandbox.driving import Control, told_of
from tests.integration.sandbox.listening_connector import SECRET, ListeningConnector
from tests.integration.sandbox.sandbox_calls import CREATE, FIND, call, do, line, order
from tests.sandbox_process import SandboxProcess
from webapp.sandbox import strictness

_SHIPPED = "logistics.fulfillment_management.customer_shipment_done"
_UPDATED = "sales.order_management.updated"
_STOCK = "inventory.aggregate_stock_management.updated"


def _by_number(order: Any) -> dict[int, str]:
    return {each["line_number"]: each["status"] for each in order["lines"]}


def test_ship_without_more_ships_all_and_completes(control: Control, connector: ListeningConnector) -> None:
    held = control("ship")

    assert (held["status"], held["status_reason"]) == ("COMPLETE", "FULLYSHIPPED")
    (shipment,) = told_of(connector, _SHIPPED)
    assert [each["order_line_number"] for each in shipment["items"]] == [1, 2, 4, 5]
    statuses = [each["status"] for each in told_of(connector, _UPDATED, 2)]
    assert statuses == ["LOGISTICSCOMPLETE", "COMPLETE"]


def test_ship_some_lines_in_parcels_of_ones_own(control: Control, connector: ListeningConnector) -> None:
    parcels = [
        {
            "items": [1, 4],
            "carrier": "UPS",
            "tracking_number": "1Z",
            "tracking_link": "https://ups.example/1Z",
        },
        {"carrier": "DHL", "tracking_number": "JD"},
    ]
    held = control("ship", {"lines": [1, 2, 4], "packages": parcels})

    assert held["status"] == "PARTIALLY_COMPLETE"
    assert _by_number(held) == {
        1: "SHIPPED",
        2: "SHIPPED",
        3: "NEW",
        4: "SHIPPED",
        5: "NEW",
        6: "NEW",
        7: "SHIPPED",
    }
    (shipment,) = told_of(connector, _SHIPPED)
    packed = [(each["items"], each["carrier"], each["tracking_number"]) for each in shipment["packages"]]
    assert packed == [([1, 4], "UPS", "1Z"), ([2], "DHL", "JD")]

    held = control("ship")
    assert held["status"] == "COMPLETE"
    assert _by_number(held)[3] == "SHIPPED"
    second = told_of(connector, _SHIPPED, 2)[1]
    assert [each["order_line_number"] for each in second["items"]] == [5]
    assert second["shipment_id"] != shipment["shipment_id"]


def test_parcels_alone_say_which_lines_ship(control: Control, connector: ListeningConnector) -> None:
    control("ship", {"packages": [{"items": [2], "tracking_number": "A"}, {"lines": [5]}]})

    (shipment,) = told_of(connector, _SHIPPED)
    assert [each["order_line_number"] for each in shipment["items"]] == [2, 5]


def test_the_shipping_line_may_lie_in_a_parcel_and_is_no_goods(
    control: Control, connector: ListeningConnector
) -> None:
    control("ship", {"packages": [{"items": [1, 7]}]})

    (shipment,) = told_of(connector, _SHIPPED)
    assert [each["order_line_number"] for each in shipment["items"]] == [1]
    assert shipment["packages"][0]["items"] == [1, 7]


def test_null_is_as_good_as_nothing_given(control: Control, connector: ListeningConnector) -> None:
    held = control("ship", {"lines": None, "packages": None})

    assert held["status"] == "COMPLETE"
    assert [each["order_line_number"] for each in told_of(connector, _SHIPPED)[0]["items"]] == [1, 2, 4, 5]


def test_an_order_without_goods_is_complete_without_a_shipment(
    registered: SandboxProcess, connector: ListeningConnector
) -> None:
    registered.control("auto", {"stop_after": "created"})
    do(registered, CREATE, order("V/1", [line(1, "EBOOK", 5.00, 0, product_type="VIRTUAL")]), SECRET)
    held = registered.control("orders/V/1/ship")

    assert (held["status"], held["status_reason"], held["shipments"]) == ("COMPLETE", "FULLYSHIPPED", [])
    assert told_of(connector, _UPDATED)[0]["status"] == "COMPLETE"


def test_a_shipment_may_be_told_without_parcels(control: Control, connector: ListeningConnector) -> None:
    control("ship", {"packages": []})

    assert told_of(connector, _SHIPPED)[0]["packages"] == []


def test_the_warehouse_names_lines_and_no_order(control: Control, connector: ListeningConnector) -> None:
    held = control("lines_shipped", {"lines": [1, 2]})

    heard = connector.wait_for_taken(1, "logistics.warehouse_management.lines_shipped")[0]
    strictness.check_params(heard.call["method"], heard.params)
    assert set(heard.params) == {"request_id", "packages", "items"}
    assert [each["order_line_number"] for each in heard.params["items"]] == [1, 2]
    assert _by_number(held)[1] == "SHIPPED"


def test_cancel_some_lines(control: Control, connector: ListeningConnector) -> None:
    held = control("cancel", {"lines": [1, 4, 5], "reason": "OUTOFSTOCK"})

    assert held["status"] == "NEW"
    statuses = _by_number(held)
    assert (statuses[1], statuses[2], statuses[3]) == ("CANCELLED", "NEW", "CANCELLED")
    heard = connector.wait_for_taken(3, "sales.order_management.line_cancelled")
    assert [each.params["order_line_id"] for each in heard] == ["100", "104", "105"]
    assert told_of(connector, _UPDATED)[0]["lines"][0]["status_reason"] == "OUTOFSTOCK"

    held = control("ship")
    assert (held["status"], held["status_reason"]) == ("COMPLETE", "PARTIALLYSHIPPED")


def test_cancel_all_lines_one_by_one(control: Control) -> None:
    held = control("cancel", {"lines": [1, 2, 4, 5, 6]})

    assert (held["status"], held["status_reason"]) == ("COMPLETE", "FULLYCANCELLED")
    assert set(_by_number(held).values()) == {"CANCELLED"}


def test_cancel_the_order(control: Control, connector: ListeningConnector) -> None:
    held = control("cancel")

    assert held["status"] == "CANCELLED"
    assert set(_by_number(held).values()) == {"CANCELLED"}
    assert told_of(connector, _UPDATED)[0]["status"] == "CANCELLED"


def test_the_store_may_cancel_until_logistics_has_it(
    registered: SandboxProcess, control: Control, connector: ListeningConnector
) -> None:
    cancel = "magento.sales.order_management.cancel"
    asked = {"order_id": "000000042", "sales_channel_id": "base", "user": "ada"}
    control("status", {"status": "LOGISTICS", "reason": "READYTOSHIP"})

    error = call(registered, cancel, asked, SECRET)["error"]
    assert (error["code"], error["data"]["field"]) == (-32602, "order_id")
    assert "LOGISTICS" in error["message"]
    control("status", {"status": "APPROVED"})
    assert call(registered, cancel, {**asked, "sales_channel_id": "eu"}, SECRET)["error"]["code"] == -32602
    assert do(registered, cancel, asked, SECRET)["status"] == "CANCELLED"
    assert do(registered, cancel, asked, SECRET)["status"] == "CANCELLED"
    unknown = call(registered, cancel, {**asked, "order_id": "9"}, SECRET)["error"]
    assert unknown["message"] == "Unknown order 9"
    assert [each["status"] for each in told_of(connector, _UPDATED, 3)] == [
        "LOGISTICS",
        "APPROVED",
        "CANCELLED",
    ]


def test_any_status_may_betold_of(control: Control, connector: ListeningConnector) -> None:
    lines = [{"line_number": 2, "status": "PICKDECLINED", "reason": "OUTOFSTOCK"}]
    control("status", {"status": "ONHOLD", "reason": "PENDING_REMORSE_TIME", "lines": lines})
    control("status", {"status": "REJECTED", "reason": "ANALYSTDEFFRAUD"})

    onhold, rejected = told_of(connector, _UPDATED, 2)
    assert (onhold["status"], onhold["status_reason"]) == ("ONHOLD", "PENDING_REMORSE_TIME")
    assert (onhold["lines"][1]["status"], onhold["lines"][0]["status"]) == ("PICKDECLINED", "NEW")
    assert set(_by_number(rejected).values()) == {"CANCELLED"}
    assert onhold["status_date"] < rejected["status_date"]


def test_stock_is_told_and_may_be_searched(registered: SandboxProcess, connector: ListeningConnector) -> None:
    stock = [{"sku": "MUG", "quantity": 5}, {"sku": "EBOOK", "unlimited": True}]
    registered.control("stock", {"aggregate_id": "EU", "mode": "FULL", "stock": stock})
    registered.control(
        "stock",
        {"aggregate_id": "US", "mode": "DELTA", "stock": stock[:1], "created_on": "2024-01-05T10:00:00Z"},
    )

    first, second = told_of(connector, _STOCK, 2)
    assert (first["aggregate_id"], first["mode"]) == ("EU", "FULL")
    assert first["stock"] == [
        {"sku": "MUG", "quantity": 5},
        {"sku": "EBOOK", "quantity": 0, "unlimited": True},
    ]
    assert second["created_on"] == "2024-01-05T10:00:00Z"
    search = "magento.inventory.aggregate_stock_repository.search"
    everything = do(registered, search, {"query": {"offset": 1, "size": 1}}, SECRET)
    assert (everything["total"], [each["sku"] for each in everything["items"]]) == (3, ["MUG"])
    field = {"type": "field", "value": "aggregate_id"}
    criteria = {"exp": "eq", "args": [field, {"type": "string", "value": "US"}]}
    found = do(registered, search, {"query": {"criteria": criteria}}, SECRET)
    assert [(each["aggregate_id"], each["quantity"]) for each in found["items"]] == [("US", 5)]
    for query in ({"size": 0}, {"size": 1001}, {"offset": -1}, {"criteria": {"exp": "like"}}):
        assert call(registered, search, {"query": query}, SECRET)["error"]["code"] == -32602


def test_a_snapshot_of_many_skus_comes_in_parts_of_ten_thousand(
    registered: SandboxProcess, connector: ListeningConnector
) -> None:
    stock = [{"sku": f"S-{number}", "quantity": number} for number in range(10_001)]
    registered.control("stock", {"aggregate_id": "EU", "mode": "NONZERO", "stock": stock})

    parts = told_of(connector, _STOCK, 2)
    assert [len(each["stock"]) for each in parts] == [10_000, 1]
    assert len({each["created_on"] for each in parts}) == 1


def test_undated_stock_has_no_date(registered: SandboxProcess, connector: ListeningConnector) -> None:
    registered.control("stock", {"aggregate_id": "EU", "mode": "DELTA", "stock": [], "created_on": None})

    assert "created_on" not in connector.wait_for_taken(1, _STOCK)[0].params["snapshot"]


def test_an_aggregate_istold_of(registered: SandboxProcess, connector: ListeningConnector) -> None:
    registered.control("aggregate", {"id": "EU", "name": "Europe"})

    assert told_of(connector, "inventory.aggregate_management.created") == [{"id": "EU", "name": "Europe"}]


def test_any_callback_may_be_sent_as_it_is(registered: SandboxProcess, connector: ListeningConnector) -> None:
    registered.control("callback", {"method": "magento.not.subscribed", "params": {"a": 1}, "id": "mine"})
    registered.control("callback", {"method": "magento.without", "params": [], "id": None})
    registered.control("callback", {"body": "not json"})

    heard = connector.wait_for_bodies(3)
    assert {"jsonrpc": "2.0", "method": "magento.not.subscribed", "params": {"a": 1}, "id": "mine"} in heard
    assert {"jsonrpc": "2.0", "method": "magento.without", "params": []} in heard
    assert "not json" in heard


def test_find_answers_the_order_or_null(registered: SandboxProcess, control: Control) -> None:
    found = do(registered, FIND, {"id": "000000042", "sales_channel_id": "base"}, SECRET)
    assert len(found["lines"]) == 7
    assert do(registered, FIND, {"id": "000000042", "sales_channel_id": "eu"}, SECRET) is None
    assert do(registered, FIND, {"id": "9", "sales_channel_id": "base"}, SECRET) is None


@pytest.mark.parametrize(
    ("path", "told", "status", "field"),
    [
        ("orders/000000042/ship", {"lines": [9]}, 422, "lines[0]"),
        ("orders/000000042/ship", {"lines": "all"}, 422, "lines"),
        ("orders/000000042/ship", {"packages": [{"weight": 1}]}, 422, "packages[0].weight"),
        ("orders/000000042/ship", {"line": [1]}, 422, "line"),
        ("orders/000000042/appease", {"line_number": 1}, 422, "amount"),
        ("orders/000000042/appease", {"amount": 1}, 422, "line_number"),
        ("orders/000000042/refund", {"lines": [{"line_number": 1, "amount": -1}]}, 422, "lines[0].amount"),
        ("orders/000000042/status", {}, 422, "status"),
        ("orders/000000042/return", {"lines": [{"reason": "X"}]}, 422, "lines[0].line_number"),
        ("orders/9/ship", {}, 404, None),
        ("orders/000000042/ship", {"lines": []}, 422, "lines"),
        ("orders/000000042/ship", {"packages": [{"items": [1, 9]}]}, 422, "packages[0].items[1]"),
        ("orders/000000042/ship", {"lines": [1], "packages": [{"items": [2]}]}, 422, "packages[0].items"),
        ("orders/000000042/ship", {"packages": [{"items": [1]}, {"items": [1]}]}, 422, "packages[1].items"),
        ("orders/000000042/cancel", {"lines": []}, 422, "lines"),
        ("orders/000000042/refund", {"type": "gift"}, 422, "type"),
        ("orders/000000042/refund", {"status": "DONE"}, 422, "status"),
        ("orders/000000042/refund", {"lines": []}, 422, "lines"),
        ("orders/000000042/return", {"lines": []}, 422, "lines"),
        ("orders/000000042/return", {}, 409, None),
        ("orders/000000042/return", {"lines": [{"line_number": 1}], "event": "lost"}, 422, "event"),
        ("stock", {"aggregate_id": "EU", "mode": "ALL", "stock": []}, 422, "mode"),
        ("stock", {"aggregate_id": "EU", "mode": "FULL"}, 422, "stock"),
        (
            "stock",
            {"aggregate_id": "EU", "mode": "FULL", "stock": [{"sku": "A", "quantity": 1.5}]},
            422,
            "stock[0].quantity",
        ),
        (
            "stock",
            {"aggregate_id": "EU", "mode": "FULL", "stock": [], "created_on": "now"},
            422,
            "created_on",
        ),
        ("faults", {"kind": "fire"}, 422, "kind"),
        ("faults", {"kind": "down", "calls": 0}, 422, "calls"),
        ("dialect", {"dialect": "klingon"}, 422, "dialect"),
        ("paths", {"paths": "both"}, 422, "paths"),
        ("unknown_skus", {}, 422, "refuse"),
        ("unknown_skus", b"{", 422, "body"),
        ("auto", {"stop_after": "noon"}, 422, "stop_after"),
        ("nothing", {}, 404, None),
    ],
)
def test_a_wrong_control_says_what_is_wrong_and_does_nothing(
    registered: SandboxProcess, control: Control, path: str, told: object, status: int, field: str | None
) -> None:
    before = registered.get("/control/orders/000000042")

    answered, answer = registered.post(f"/control/{path}", told)

    assert (answered, answer["error"].get("field")) == (status, field)
    assert answer["error"]["message"]
    assert registered.get("/control/orders/000000042") == before


def test_what_is_over_cannot_be_done_again(registered: SandboxProcess, control: Control) -> None:
    control("ship")
    registered.control("auto", {"order": "000000042", "stop_after": None})
    assert registered.get("/control/orders/000000042")["advancing"] is False

    for act in ("ship", "cancel"):
        status, answer = registered.post(f"/control/orders/000000042/{act}")
        assert (status, answer["error"]["code"]) == (409, "nothing_to_do")
