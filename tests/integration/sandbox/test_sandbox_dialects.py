"""How each kind of peer speaks: the same order, the same facts, other words."""

import json
import re
from typing import Any

import pytest

from tests.integration.sandbox.driving import Control
from tests.integration.sandbox.listening_connector import SECRET, Callback, ListeningConnector
from tests.integration.sandbox.sandbox_calls import (
    CREATE,
    FIND,
    PRODUCT,
    REGISTER,
    call,
    do,
    envelope,
    order,
    product,
    signed,
)
from tests.sandbox_process import SandboxProcess

_SHIPMENT = 6
_FIND = {"id": "000000042", "sales_channel_id": "base"}


def _a_whole_order(sandbox: SandboxProcess, connector: ListeningConnector, dialect: str) -> list[Callback]:
    """Its nine callbacks, spoken in the dialect."""
    sandbox.control("dialect", {"dialect": dialect})
    call(sandbox, CREATE, order(), SECRET)
    connector.wait_for_taken(9)
    return [each for each in connector.taken() if each.body]


def _speak(sandbox: SandboxProcess, dialect: str) -> None:
    sandbox.control("dialect", {"dialect": dialect})


def _calls(heard: list[Callback]) -> list[Any]:
    return [each.call for each in heard]


def _every(value: Any, kind: type) -> list[Any]:
    """All values of a type, however deep."""
    if isinstance(value, dict):
        return [found for item in value.values() for found in _every(item, kind)]
    if isinstance(value, list):
        return [found for item in value for found in _every(item, kind)]
    return [value] if type(value) is kind else []


def _names(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {name for item in value.values() for name in _names(item)}
    return {name for item in value for name in _names(item)} if isinstance(value, list) else set()


def test_strings_has_no_numbers(registered: SandboxProcess, connector: ListeningConnector) -> None:
    told = _calls(_a_whole_order(registered, connector, "strings"))

    assert [_every(each["params"], int) + _every(each["params"], float) for each in told] == [[]] * 9
    first = told[0]["params"]["order"]["lines"][0]
    assert (first["line_number"], first["amount"]["gross_amount"]) == ("1", "21.41")
    assert told[_SHIPMENT]["params"]["shipment"]["packages"][0]["items"] == ["1", "2", "4", "5"]
    assert do(registered, FIND, _FIND, SECRET)["lines"][0]["amount"]["tax_rate"] == "19"


def test_go_like_capitalises_counts_ids_and_numbers_all_calls_one(
    registered: SandboxProcess, connector: ListeningConnector
) -> None:
    told = _calls(_a_whole_order(registered, connector, "go-like"))

    assert {each["id"] for each in told} == {1}
    assert all("jsonrpc" not in each and each["client"] for each in told)
    assert all(name[0].isupper() for each in told for name in _names(each["params"]))
    created = told[0]["params"]["Order"]
    assert (created["Id"], created["Status"], created["Lines"][0]["Id"]) == ("000000042", "NEW", 100)
    assert created["CustomAttributes"] == {}
    assert "StatusReason" not in created
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", created["StatusDate"])
    item = told[_SHIPMENT]["params"]["Shipment"]["Items"][0]
    assert (item["OrderLineId"], item["OrderLineNumber"]) == (100, 1)
    assert told[_SHIPMENT]["params"]["Shipment"]["Packages"][0]["Items"] == [1, 2, 4, 5, 7]
    answer = call(registered, PRODUCT, product("MUG"), SECRET)
    assert (answer["id"], answer["result"]) == (1, {})


def test_php_like_has_its_own_dates_spellings_and_gaps(
    registered: SandboxProcess, connector: ListeningConnector
) -> None:
    told = _calls(_a_whole_order(registered, connector, "php-like"))

    created = told[0]["params"]["order"]
    assert (created["status"], created["lines"][0]["status"]) == ("new", "new")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+00:00", created["status_date"])
    shipment = told[_SHIPMENT]["params"]["shipment"]
    assert "store_id" not in shipment
    assert "shipment_id" not in shipment
    assert shipment["shimpent_id"].startswith("SHP-")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", shipment["shipment_date"])
    parcel = shipment["packages"][0]
    assert parcel["items"] == ["1", "2", "4", "5"]
    assert parcel["aggregated_items"][0]["order_lines"] == ["100", "100"]


def test_php_like_has_words_of_its_own(
    registered: SandboxProcess, control: Control, connector: ListeningConnector
) -> None:
    _speak(registered, "php-like")
    control("status", {"status": "ONHOLD", "reason": "PENDING_REMORSE_TIME"})
    control("refund", {"lines": [{"line_number": 1}], "type": "cancellation"})

    onhold = connector.wait_for_taken(1, "sales.order_management.updated")[0].params["order"]
    assert (onhold["status"], onhold["status_reason"]) == ("onhold", "PENDINGREMORSETIME")
    refund = connector.wait_for_taken(1, "postsales.refund_management.updated")[0].params["refund"]
    assert refund["refund_type"] == "CANCELLED"
    assert not {"client", "store_id", "credit_note_date"} & set(refund)
    assert refund["lines"][0]["payments"][0].keys() == {"details", "status"}


def test_go_like_writes_types_in_capitals_and_its_warehouse_names_the_order(
    registered: SandboxProcess, control: Control, connector: ListeningConnector
) -> None:
    _speak(registered, "go-like")
    control("lines_shipped", {"lines": [1]})
    control("refund", {"lines": [{"line_number": 1}], "type": "return"})

    shipped = connector.wait_for_taken(1, "logistics.warehouse_management.lines_shipped")[0].params
    assert shipped["OrderId"] == "000000042"
    refund = connector.wait_for_taken(1, "postsales.refund_management.updated")[0].params["Refund"]
    assert refund["RefundType"] == "RETURN"


def test_strings_dates_no_snapshot_of_its_own_accord(
    registered: SandboxProcess, connector: ListeningConnector
) -> None:
    registered.control("dialect", {"dialect": "strings"})
    told = {"aggregate_id": "EU", "mode": "DELTA", "stock": [{"sku": "MUG", "quantity": 5}]}
    registered.control("stock", told)
    registered.control("stock", {**told, "created_on": "2024-01-05T10:00:00Z"})

    heard = connector.wait_for_taken(2, "inventory.aggregate_stock_management.updated")
    dates = [each.params["snapshot"].get("created_on") for each in heard]
    assert dates == [None, "2024-01-05T10:00:00Z"]


def test_php_like_answers_201_with_a_token_and_nothing_else(sandbox: SandboxProcess) -> None:
    sandbox.control("dialect", {"dialect": "php-like"})
    sandbox.control("oauth", {"client_id": "me", "client_secret": "mine"})
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    status, answer = sandbox.post(
        "/token", b"grant_type=client_credentials&client_id=me&client_secret=mine", form
    )

    assert (status, list(answer)) == (201, ["access_token"])


def test_php_like_sends_an_empty_body_now_and_then(
    registered: SandboxProcess, connector: ListeningConnector
) -> None:
    _a_whole_order(registered, connector, "php-like")
    registered.control("orders/000000042/return")

    connector.wait_for_bodies(11)

    assert [each.answered for each in connector.callbacks if not each.body] == [400]


def test_php_like_says_error_beside_results_and_plain_text_for_refusals(registered: SandboxProcess) -> None:
    registered.control("dialect", {"dialect": "php-like"})
    body = envelope(PRODUCT, product("MUG"))

    assert call(registered, PRODUCT, product("MUG"), SECRET) | {"id": None} == {
        "jsonrpc": "2.0",
        "result": [],
        "error": "",
        "id": None,
    }
    assert registered.post("/events", body, {**signed(body), "to": "*"}) == (200, [])
    refused = call(registered, PRODUCT, product("MUG", status="active"), SECRET)
    assert refused["error"] == 'product.status: expected ACTIVE or INACTIVE, got "active"'
    nobody = envelope(REGISTER, {})
    assert registered.post("/", nobody, signed(nobody))[0] == 200
    cancel = envelope("magento.sales.order_management.cancel", {"order_id": "9"})
    assert registered.post("/", cancel, signed(cancel)) == (404, "Unknown order 9")


@pytest.mark.parametrize("dialect", ["strict", "strings", "go-like", "php-like"])
def test_every_dialect_speaks_of_all_that_happens_after_the_sale(
    registered: SandboxProcess, connector: ListeningConnector, dialect: str
) -> None:
    registered.control("dialect", {"dialect": dialect})
    registered.control("auto", {"stop_after": "created"})
    call(registered, CREATE, order(), SECRET)
    connector.wait_for_taken(1)
    for act in ("ship", "return", "refund", "lines_shipped"):
        registered.control(f"orders/000000042/{act}", {"lines": [1, 2]} if act == "lines_shipped" else {})
    stock = [{"sku": "MUG", "quantity": 5, "unlimited": True}]
    registered.control("stock", {"aggregate_id": "EU", "mode": "FULL", "stock": stock})

    told = {each.method: each.params for each in connector.wait_for_taken(8)}

    snapshot = {
        name.lower(): value for name, value in told["inventory.aggregate_stock_management.updated"].items()
    }
    row = {name.lower(): value for name, value in _stock_of(snapshot["snapshot"])[0].items()}
    assert (
        row
        == {
            "strict": {"sku": "MUG", "quantity": 5, "unlimited": True},
            "strings": {"sku": "MUG", "quantity": "5", "unlimited": True},
            "go-like": {"sku": "MUG", "quantity": 5, "unlimited": True},
            "php-like": {"sku": "MUG", "quantity": 5.0, "unlimited": 1},
        }[dialect]
    )
    refund = json.dumps(told["postsales.refund_management.updated"]).lower()
    assert ("client" in refund) == (dialect != "php-like")
    status = told["postsales.return_management.updated"]
    while "code" not in (names := {name.lower(): value for name, value in status.items()}):
        status = names.get("return") or names["status"]
    assert names["code"] == ("authorized" if dialect == "php-like" else "AUTHORIZED")


def _stock_of(snapshot: Any) -> Any:
    return snapshot.get("stock") or snapshot.get("Stock")


def test_a_resend_keeps_the_dialect_it_was_first_spoken_in(
    registered: SandboxProcess, connector: ListeningConnector
) -> None:
    connector.answer = lambda _: (503, b"")
    registered.control("auto", {"stop_after": "created"})
    call(registered, CREATE, order(), SECRET)
    connector.wait_for_bodies(1)
    registered.control("dialect", {"dialect": "go-like"})

    connector.wait_for_bodies(2)

    assert connector.callbacks[0].body == connector.callbacks[1].body
