"""An order on its way through the sandbox by itself, and how callbacks are delivered."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.waiting import wait_for
from tests.integration.sandbox.listening_connector import SECRET, Callback, ListeningConnector, accept
from tests.integration.sandbox.sandbox_calls import CREATE, FIND, REGISTER, call, do, line, order
from tests.sandbox_process import SandboxProcess, start_sandbox
from webapp.sandbox import strictness, wire

_CREATED = "sales.order_management.created"
_UPDATED = "sales.order_management.updated"
_SHIPPED = "logistics.fulfillment_management.customer_shipment_done"
_NOT_NOW = b'{"jsonrpc":"2.0","error":{"code":-32000,"message":"later"},"id":null}'
_REFUSED = b'{"jsonrpc":"2.0","error":{"code":-32602,"message":"no such order"},"id":null}'


def _in_short(callback: Callback) -> tuple[str, object]:
    told = callback.params.get("order")
    return callback.method.rpartition(".")[2], (told or {}).get("status")


def _statuses(callback: Callback) -> list[str]:
    return [each["status"] for each in callback.params["order"]["lines"]]


def test_an_order_goes_its_whole_way_by_itself(
    registered: SandboxProcess, connector: ListeningConnector
) -> None:
    do(registered, CREATE, order(), SECRET)

    heard = connector.wait_for_taken(9)

    assert [_in_short(each) for each in heard] == [
        ("created", "NEW"),
        ("updated", "RECEIVED"),
        ("updated", "APPROVED"),
        ("updated", "LOGISTICS"),
        ("updated", "PICKREADY"),
        ("updated", "PICKCONFIRMED"),
        ("customer_shipment_done", None),
        ("updated", "LOGISTICSCOMPLETE"),
        ("updated", "COMPLETE"),
    ]
    assert all(each.is_signed() for each in heard)
    dates = [each.params["order"]["status_date"] for each in heard if "order" in each.params]
    assert dates == sorted(set(dates))
    goods_picked = ["PICKREADY", "PICKREADY", "PICKREADY", "PICKREADY", "PICKREADY", "NEW", "NEW"]
    assert _statuses(heard[4]) == goods_picked
    assert _statuses(heard[7]) == [*["SHIPPED"] * 5, "NEW", "SHIPPED"]
    assert _statuses(heard[8]) == ["SHIPPED"] * 7
    assert heard[8].params["order"]["status_reason"] == "FULLYSHIPPED"


def test_what_it_sends_is_what_the_field_tables_ask_for(
    registered: SandboxProcess, connector: ListeningConnector
) -> None:
    do(registered, CREATE, order(), SECRET)

    for each in connector.wait_for_taken(9):
        told = wire.read(each.body)
        strictness.check_params(told["method"], told["params"])


def test_the_shipment_names_its_pieces_and_its_parcel(
    registered: SandboxProcess, connector: ListeningConnector
) -> None:
    do(registered, CREATE, order(), SECRET)

    shipment = connector.wait_for_taken(1, _SHIPPED)[0].params["shipment"]

    assert shipment["order_id"] == "000000042"
    pieces = [
        (each["order_line_number"], each["order_line_id"], each["status"]) for each in shipment["items"]
    ]
    assert pieces == [
        (1, "100", "SHIPPED"),
        (2, "100", "SHIPPED"),
        (4, "104", "SHIPPED"),
        (5, "105", "SHIPPED"),
    ]
    (parcel,) = shipment["packages"]
    assert parcel["items"] == [1, 2, 4, 5]
    assert parcel["aggregated_items"][0] == {
        "aggregated_line_id": "100",
        "sku": "MUG",
        "quantity": 2,
        "order_lines": [1, 2],
    }
    assert parcel["tracking_link"].endswith(parcel["tracking_number"])


def test_an_order_without_goods_passes_logistics_over(
    registered: SandboxProcess, connector: ListeningConnector
) -> None:
    lines = [line(1, "EBOOK", 5.00, 0, product_type="VIRTUAL")]
    do(registered, CREATE, order(lines=lines), SECRET)

    heard = connector.wait_for_taken(4)

    assert [_in_short(each)[1] for each in heard] == ["NEW", "RECEIVED", "APPROVED", "COMPLETE"]
    assert _statuses(heard[3]) == ["SHIPPED"]


def test_orders_stop_where_they_are_told_to(
    registered: SandboxProcess, connector: ListeningConnector
) -> None:
    registered.control("auto", {"order": "1", "stop_after": "accepted"})
    registered.control("auto", {"order": "2", "stop_after": "created"})
    registered.control("auto", {"stop_after": "LOGISTICS"})
    for order_id in ("1", "2", "3"):
        do(registered, CREATE, order(order_id), SECRET)

    connector.wait_for_status("LOGISTICS")
    wait_for(lambda: not any(each["advancing"] for each in registered.get("/control/orders")["items"]))

    heard = [(each.params["order"]["id"], each.params["order"]["status"]) for each in connector.taken()]
    assert sorted(heard) == [
        ("2", "NEW"),
        ("3", "APPROVED"),
        ("3", "LOGISTICS"),
        ("3", "NEW"),
        ("3", "RECEIVED"),
    ]

    registered.control("auto", {"order": "1", "stop_after": None})
    wait_for(lambda: registered.get("/control/orders/1")["status"] == "COMPLETE")


def test_switched_off_nothing_moves_until_it_is_on_again(
    registered: SandboxProcess, connector: ListeningConnector
) -> None:
    registered.control("auto", {"enabled": False})
    do(registered, CREATE, order("1"), SECRET)
    registered.control("callback", {"method": "magento.test", "params": {}})
    connector.wait_for_taken(1)
    assert connector.taken(_CREATED) == []

    registered.control("auto", {"enabled": True})
    connector.wait_for_status("COMPLETE")


def test_only_topics_that_were_subscribed_to_are_sent(
    sandbox: SandboxProcess, connector: ListeningConnector
) -> None:
    params = {**connector.registration(), "subscribes": ["magento.sales.order_management.updated"]}
    do(sandbox, REGISTER, params, SECRET)
    sandbox.control("unknown_skus", {"refuse": False})
    do(sandbox, CREATE, order(), SECRET)

    connector.wait_for_status("COMPLETE")

    wait_for(lambda: sandbox.get("/control/callbacks")["states"] == {"delivered": 7, "unsubscribed": 2})
    assert {each.method for each in connector.callbacks} == {_UPDATED}


def test_callbacks_wait_for_a_registration(sandbox: SandboxProcess, connector: ListeningConnector) -> None:
    sandbox.control("unknown_skus", {"refuse": False})
    do(sandbox, CREATE, order())
    wait_for(lambda: sandbox.get("/control/orders/000000042")["status"] == "COMPLETE")
    assert sandbox.get("/control/callbacks")["states"] == {"waiting": 9}

    do(sandbox, REGISTER, connector.registration(), SECRET)

    assert _in_short(connector.wait_for_taken(9)[0]) == ("created", "NEW")


@pytest.mark.parametrize(
    "answer",
    [(503, b"away"), (200, _NOT_NOW), (502, b""), (404, b"<h1>no</h1>"), (429, b"")],
    ids=["503", "-32000", "502", "404", "429"],
)
def test_what_was_not_taken_is_sent_again_the_same_and_holds_back_what_follows(
    registered: SandboxProcess, connector: ListeningConnector, answer: tuple[int, bytes]
) -> None:
    refusals = iter([answer] * 2)
    connector.answer = lambda body: next(refusals, None) or accept(body)
    do(registered, CREATE, order(), SECRET)

    connector.wait_for_status("COMPLETE")

    first_three = connector.callbacks[:3]
    assert len({each.body for each in first_three}) == 1
    assert _in_short(first_three[0]) == ("created", "NEW")
    assert [each.method for each in connector.callbacks[3:]] == [
        *[_UPDATED] * 5,
        _SHIPPED,
        *[_UPDATED] * 2,
    ]


def test_a_refused_callback_is_not_sent_again_and_holds_nothing_back(
    registered: SandboxProcess, connector: ListeningConnector
) -> None:
    connector.answer = lambda body: (200, _REFUSED) if b"management.created" in body else accept(body)
    do(registered, CREATE, order(), SECRET)

    connector.wait_for_status("COMPLETE")

    assert [each.method for each in connector.callbacks].count(_CREATED) == 1
    refused = registered.get("/control/callbacks?order=000000042")["items"][0]
    assert (refused["state"], refused["reason"]) == ("refused", "no such order")


def test_two_orders_do_not_wait_for_each_other(
    registered: SandboxProcess, connector: ListeningConnector
) -> None:
    connector.answer = lambda body: (503, b"") if b'"id":"1"' in body else accept(body)
    do(registered, CREATE, order("1"), SECRET)
    do(registered, CREATE, order("2"), SECRET)

    connector.wait_for_status("COMPLETE")

    assert {each.params["order"]["id"] for each in connector.taken(_UPDATED)} == {"2"}


def test_sha256_signs_where_it_is_chosen(registered: SandboxProcess, connector: ListeningConnector) -> None:
    registered.control("secret", {"algorithm": "sha256"})
    do(registered, CREATE, order(), SECRET)

    assert connector.wait_for_taken(1)[0].is_signed(algorithm="sha256")


def test_it_may_call_back_before_it_answers(
    registered: SandboxProcess, connector: ListeningConnector
) -> None:
    registered.control("auto", {"call_back_first": True, "enabled": False})

    do(registered, CREATE, order(), SECRET)

    assert [each.method for each in connector.taken()] == [_CREATED]


@pytest.fixture
def starting(home: Path) -> Iterator[list[SandboxProcess]]:
    """Sandboxes that one test starts over one home; ended with it."""
    started: list[SandboxProcess] = []
    yield started
    for sandbox in started:
        sandbox.stop()


def test_what_it_knows_and_owes_survives_its_end(
    starting: list[SandboxProcess], home: Path, connector: ListeningConnector
) -> None:
    connector.answer = lambda body: (503, b"") if b"PICKREADY" in body else accept(body)
    starting.append(start_sandbox(home, pace=0.02))
    do(starting[0], REGISTER, connector.registration(), SECRET)
    starting[0].control("unknown_skus", {"refuse": False})
    do(starting[0], CREATE, order(), SECRET)
    connector.wait_for_status("LOGISTICS")
    starting[0].kill()
    connector.answer = accept
    starting.append(start_sandbox(home, pace=0.02))

    connector.wait_for_status("COMPLETE")

    bodies: list[Any] = [each.body for each in connector.taken()]
    assert len(set(bodies)) == 9
    assert call(starting[1], CREATE, order(), SECRET)["error"]["message"] == "Order 000000042 already exists"
    found = do(starting[1], FIND, {"id": "000000042", "sales_channel_id": "base"}, SECRET)
    assert found["status"] == "COMPLETE"


def test_it_ends_promptly_at_sigterm_even_while_a_call_is_slow(
    starting: list[SandboxProcess], home: Path
) -> None:
    sandbox = start_sandbox(home, pace=0.02)
    starting.append(sandbox)
    sandbox.control("faults", {"kind": "slow", "delay": 3600})
    sandbox.post_and_leave("/", b"{}")
    wait_for(lambda: sandbox.get("/control/faults")["items"])

    assert sandbox.stop() == 0


def test_a_port_in_use_is_one_clear_sentence(sandbox: SandboxProcess, home: Path) -> None:
    port = int(sandbox.url.rpartition(":")[2])

    with pytest.raises(AssertionError, match="ended instead of starting: 1"):
        start_sandbox(home, port=port)
