"""Each fault: what a caller or a listener meets while it stands, and that it ends."""

import time

import pytest
import urllib3

from tests.fixtures.waiting import wait_for
from tests.integration.sandbox.listening_connector import SECRET, ListeningConnector
from tests.integration.sandbox.sandbox_calls import CREATE, FIND, call, do, envelope, order
from tests.sandbox_process import SandboxProcess

_FIND = {"id": "000000042", "sales_channel_id": "base"}


@pytest.fixture
def open_sandbox(sandbox: SandboxProcess) -> SandboxProcess:
    """It takes unsigned calls and any SKU, and orders stand still."""
    sandbox.control("unknown_skus", {"refuse": False})
    sandbox.control("auto", {"enabled": False})
    return sandbox


def _orders(sandbox: SandboxProcess) -> list[str]:
    return [each["id"] for each in sandbox.get("/control/orders")["items"]]


def test_down_closes_the_connection_and_does_nothing(open_sandbox: SandboxProcess) -> None:
    open_sandbox.control("faults", {"kind": "down", "calls": 2})

    for _ in range(2):
        with pytest.raises(urllib3.exceptions.ProtocolError):
            call(open_sandbox, CREATE, order())
    assert _orders(open_sandbox) == []
    assert do(open_sandbox, CREATE, order()) is True
    verdicts = [(each["fault"], each["verdict"]) for each in open_sandbox.get("/control/received")["items"]]
    assert verdicts == [("down", "dropped"), ("down", "dropped"), (None, "accepted")]


def test_a_dropped_answer_is_of_a_call_that_was_done(open_sandbox: SandboxProcess) -> None:
    open_sandbox.control("faults", {"kind": "drop_answer", "calls": 1})

    with pytest.raises(urllib3.exceptions.ProtocolError):
        call(open_sandbox, CREATE, order())

    assert _orders(open_sandbox) == ["000000042"]
    assert open_sandbox.get("/control/received")["items"][0]["verdict"] == "accepted"
    assert "already exists" in call(open_sandbox, CREATE, order())["error"]["message"]


def test_http_500_is_html_and_does_nothing(open_sandbox: SandboxProcess) -> None:
    open_sandbox.control("faults", {"kind": "http_500"})

    status, text = open_sandbox.post("/", b"{}")

    assert (status, text[:15]) == (500, "<!doctype html>")
    assert _orders(open_sandbox) == []
    open_sandbox.control("faults", "DELETE")
    assert do(open_sandbox, FIND, _FIND) is None


def test_an_empty_answer_is_of_a_call_that_was_not_done(open_sandbox: SandboxProcess) -> None:
    open_sandbox.control("faults", {"kind": "empty_answer", "calls": 1})

    assert open_sandbox.post("/", envelope(CREATE, order())) == (200, "")
    assert _orders(open_sandbox) == []
    assert do(open_sandbox, CREATE, order()) is True


def test_a_token_request_meets_the_same_faults(open_sandbox: SandboxProcess) -> None:
    open_sandbox.control("oauth", {"client_id": "me", "client_secret": "mine"})
    form = b"grant_type=client_credentials&client_id=me&client_secret=mine"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for kind in ("down", "drop_answer"):
        open_sandbox.control("faults", {"kind": kind, "calls": 1})
        with pytest.raises(urllib3.exceptions.ProtocolError):
            open_sandbox.post("/token", form, headers)

    assert open_sandbox.post("/token", form, headers)[0] == 200
    calls = open_sandbox.get("/control/received")["items"]
    assert [each["verdict"] for each in calls] == ["dropped", "accepted", "accepted"]
    assert "access_token" not in str(calls)


def test_a_call_that_is_under_way_is_written_down_already(open_sandbox: SandboxProcess) -> None:
    open_sandbox.control("faults", {"kind": "slow", "calls": 1, "delay": 3600})
    open_sandbox.post_and_leave("/", envelope(FIND, _FIND, "slow one"))
    wait_for(lambda: open_sandbox.get("/control/received")["items"])
    do(open_sandbox, FIND, _FIND)

    first, second = open_sandbox.get("/control/received")["items"]
    assert (first["id"], first["method"], first["verdict"], first["answered_at"]) == (
        "slow one",
        FIND,
        "under way",
        None,
    )
    assert second["verdict"] == "accepted"
    open_sandbox.control("faults", "DELETE")
    wait_for(lambda: open_sandbox.get("/control/received")["items"][0]["verdict"] == "accepted")


def test_reject_refuses_whatever_it_says(open_sandbox: SandboxProcess) -> None:
    open_sandbox.control("faults", {"kind": "reject", "calls": 1})

    assert call(open_sandbox, CREATE, order())["error"]["code"] == -32602
    assert _orders(open_sandbox) == []
    assert do(open_sandbox, CREATE, order()) is True


def test_reject_may_be_for_one_method(open_sandbox: SandboxProcess) -> None:
    open_sandbox.control("faults", {"kind": "reject", "calls": 1, "method": CREATE})

    assert do(open_sandbox, FIND, _FIND) is None
    assert call(open_sandbox, CREATE, order())["error"]["code"] == -32602
    assert do(open_sandbox, CREATE, order()) is True


def test_slow_takes_its_time_and_answers(open_sandbox: SandboxProcess) -> None:
    open_sandbox.control("faults", {"kind": "slow", "calls": 1, "delay": 0.4})

    began = time.monotonic()
    assert do(open_sandbox, FIND, _FIND) is None
    assert time.monotonic() - began >= 0.4


def test_a_fault_may_stand_for_some_seconds(open_sandbox: SandboxProcess) -> None:
    open_sandbox.control("faults", {"kind": "http_500", "seconds": 0.5})
    assert open_sandbox.post("/", b"{}")[0] == 500

    wait_for(lambda: open_sandbox.get("/control/faults")["items"] == [])
    assert do(open_sandbox, FIND, _FIND) is None


def test_several_faults_stand_at_once(open_sandbox: SandboxProcess) -> None:
    open_sandbox.control("faults", {"kind": "reject"})
    told = open_sandbox.control("faults", {"kind": "slow", "calls": 3, "delay": 0.01})

    assert told["items"] == [
        {"kind": "reject", "calls": None, "seconds": None},
        {"delay": 0.01, "kind": "slow", "calls": 3, "seconds": None},
    ]
    assert call(open_sandbox, FIND, _FIND)["error"]["code"] == -32602
    assert open_sandbox.get("/control/faults")["items"][1]["calls"] == 2


def test_callbacks_come_twice_and_once_more_under_another_id(
    registered: SandboxProcess, connector: ListeningConnector
) -> None:
    registered.control("faults", {"kind": "duplicate_callbacks", "calls": 1})
    do(registered, CREATE, order(), SECRET)

    heard = connector.wait_for_taken(11)

    assert heard[0].body == heard[1].body
    assert heard[2].params == heard[0].params
    assert heard[2].call["id"] != heard[0].call["id"]
    assert len({each.body for each in heard}) == 10


def test_callbacks_overtake_each_other(registered: SandboxProcess, connector: ListeningConnector) -> None:
    registered.control("faults", {"kind": "reorder_callbacks", "calls": 4})
    do(registered, CREATE, order(), SECRET)

    heard = connector.wait_for_taken(9)

    told = [(each.params.get("order") or {"status": "SHIPMENT"})["status"] for each in heard]
    for late, early in (
        ("NEW", "RECEIVED"),
        ("APPROVED", "LOGISTICS"),
        ("PICKREADY", "PICKCONFIRMED"),
        ("SHIPMENT", "LOGISTICSCOMPLETE"),
    ):
        assert told.index(early) < told.index(late), told
    assert told[-1] == "COMPLETE"
    assert len(set(told)) == 9
    assert all(each.is_signed() for each in heard)


def test_ending_the_faults_lets_go_what_they_held_back(
    registered: SandboxProcess, connector: ListeningConnector
) -> None:
    registered.control("auto", {"stop_after": "created"})
    registered.control("faults", {"kind": "reorder_callbacks"})
    do(registered, CREATE, order(), SECRET)
    wait_for(lambda: registered.get("/control/callbacks")["states"] == {"waiting": 1})
    assert connector.callbacks == []

    registered.control("faults", "DELETE")

    assert connector.wait_for_taken(1)[0].method == "sales.order_management.created"
