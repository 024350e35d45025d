"""Whatever a control is given, it is done or refused by name: never a 5xx, and never half done."""

import json
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from tests.integration.sandbox.sandbox_calls import CREATE, do, order
from tests.sandbox_process import SandboxProcess

# For each control what it may be given, so that the dice mostly throw what comes near.
_LINE = ("line_number", "amount", "reason", "status", "condition", "reason_description")
_CONTROLS = {
    "orders/000000042/ship": ("lines", "packages"),
    "orders/000000042/lines_shipped": ("lines", "packages", "request_id"),
    "orders/000000042/cancel": ("lines", "reason"),
    "orders/000000042/return": ("lines", "rma", "status", "event"),
    "orders/000000042/refund": ("lines", "type", "status", "credit_note_number", "rma", "reason"),
    "orders/000000042/appease": ("line_number", "amount", "credit_note_number", "status"),
    "orders/000000042/status": ("status", "reason", "lines"),
    "stock": ("aggregate_id", "mode", "stock", "created_on"),
    "aggregate": ("id", "name", "sources", "event"),
    "faults": ("kind", "calls", "seconds", "delay", "method"),
    "dialect": ("dialect",),
    "unknown_skus": ("refuse",),
    "paths": ("paths",),
    "secret": ("secret", "algorithm"),
    "oauth": ("client_id", "client_secret", "status", "expires_in", "revoke"),
    "callback": ("method", "params", "id", "key"),
    "auto": ("enabled", "stop_after", "pace", "order", "call_back_first"),
}
_INNER = (*_LINE, "items", "carrier", "tracking_link", "sku", "quantity", "unlimited", "inflight_backorders")
_NUMBERS = st.sampled_from([0, 1, 2, 4, 9, -1, 1.5, 0.0000001, 10**15, 10**19, 10**400, 1e300, True])
_TEXTS = st.sampled_from(["", "a", "down", "return", "RELEASED", "FULL", "\x00", "\ud800", "é" * 20_000, "1"])
_PLAIN = st.one_of(st.none(), _NUMBERS, _TEXTS)
_INSIDE = st.dictionaries(st.sampled_from((*_INNER, "\ud800", "other")), st.one_of(_PLAIN, st.lists(_PLAIN)))
_VALUE = st.one_of(_PLAIN, _INSIDE, st.lists(st.one_of(_PLAIN, _INSIDE), max_size=3))


@pytest.fixture
def held(sandbox: SandboxProcess) -> SandboxProcess:
    """It holds an order that stands still."""
    sandbox.control("unknown_skus", {"refuse": False})
    sandbox.control("auto", {"enabled": False})
    do(sandbox, CREATE, order())
    return sandbox


@pytest.mark.parametrize("path", _CONTROLS)
def test_nothing_a_control_is_given_breaks_it(held: SandboxProcess, path: str) -> None:
    names = st.sampled_from((*_CONTROLS[path], *_CONTROLS[path], "other"))

    @hypothesis.given(st.one_of(st.dictionaries(names, _VALUE), _VALUE))
    @hypothesis.settings(max_examples=40)
    def throw(told: Any) -> None:
        before = held.get("/control/orders/000000042")
        status, answer = held.post(f"/control/{path}", json.dumps(told).encode())

        assert status < 500, answer
        if status >= 400:
            assert answer["error"]["message"]
            assert status == 409 or answer["error"]["field"]
            assert held.get("/control/orders/000000042") == before

    throw()
    held.control("faults", "DELETE")
    assert held.get("/control/received")["items"]
    assert "000000042" in held.get_text("/")
