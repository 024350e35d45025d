"""Calls of peers, one test a row of protocol's envelope table, and what is answered."""

import hashlib
import json
from collections.abc import Mapping

import pytest

from webapp.oms.envelope import (
    HTTP_STATUS,
    BadCall,
    Call,
    batch,
    encode_call,
    error,
    is_batch,
    read_calls,
    result,
)
from webapp.oms.wire import WireError


def read_one(body: bytes) -> Call:
    (call,) = read_calls(body)
    assert isinstance(call, Call)
    return call


def bad_one(body: bytes) -> BadCall:
    (call,) = read_calls(body)
    assert isinstance(call, BadCall)
    return call


def wire(**members: object) -> bytes:
    return json.dumps(
        {"jsonrpc": "2.0", "method": "a.topic", "params": {"a": 1}, "id": "m-1"} | members
    ).encode()


def test_request_with_jsonrpc() -> None:
    call = read_one(wire())
    assert (call.method, call.params, call.id, call.raw_id) == ("a.topic", {"a": 1}, "m-1", "m-1")
    assert call.body == wire()
    assert call.body_hash == hashlib.sha256(wire()).hexdigest()


def test_request_without_jsonrpc_and_with_an_extra_client() -> None:
    call = read_one(b'{"method":"a.topic","params":{},"id":"m-1","client":"FAKE"}')
    assert (call.method, call.params, call.id) == ("a.topic", {}, "m-1")


@pytest.mark.parametrize("version", [None, "2.0", 2, 2.0])
def test_request_with_the_version_as_peers_write_it(version: object) -> None:
    assert read_one(wire(jsonrpc=version)).method == "a.topic"


@pytest.mark.parametrize("version", ["1.0", "", 1, True, {}, []])
def test_request_of_another_version(version: object) -> None:
    bad = bad_one(wire(jsonrpc=version))
    assert (bad.error.code, bad.error.field, bad.error.expected) == (-32600, "jsonrpc", '"2.0"')


@pytest.mark.parametrize("body", [b"", b" ", b"\r\n"])
def test_request_with_an_empty_body_is_minus_32700(body: bytes) -> None:
    with pytest.raises(WireError, match="not JSON: the body is empty") as caught:
        read_calls(body)
    assert caught.value.code == -32700


@pytest.mark.parametrize("body", [b"5", b'"x"', b"null", b"true"])
def test_request_that_is_no_object_is_minus_32600(body: bytes) -> None:
    assert bad_one(body).error.code == -32600


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (1, "1"),
        (1.0, "1"),
        ("1", "1"),
        ("", None),
        (None, None),
        (0, "0"),
        (-5, "-5"),
        ("x" * 255, "x" * 255),
    ],
)
def test_request_ids_of_all_kinds(given: object, text: str | None) -> None:
    call = read_one(wire(id=given))
    assert (call.id, call.raw_id) == (text, given)


def test_request_without_an_id_is_told_by_its_body() -> None:
    call = read_one(b'{"method":"a.topic","params":{}}')
    assert (call.id, call.raw_id) == (None, None)
    assert call.body_hash != read_one(b'{"method":"a.topic","params":{"a":1}}').body_hash
    assert json.loads(result(call.raw_id, True)) == {"jsonrpc": "2.0", "id": None, "result": True}


@pytest.mark.parametrize("given", [True, [], {}, 1.5, "x" * 256, "a\0b", 2**63, 1e300])
def test_request_with_an_id_that_cannot_be_one(given: object) -> None:
    bad = bad_one(wire(id=given))
    assert (bad.error.code, bad.error.field, bad.raw_id) == (-32600, "id", None)


@pytest.mark.parametrize("method", [None, "", 5, [], "x" * 256, "a\0b"])
def test_request_without_a_method(method: object) -> None:
    bad = bad_one(wire(method=method))
    assert (bad.error.code, bad.error.field, bad.raw_id) == (-32600, "method", "m-1")


@pytest.mark.parametrize("params", [{}, [], None])
def test_request_with_empty_params_however_written(params: object) -> None:
    assert read_one(wire(params=params)).params == {}


@pytest.mark.parametrize("params", [[1], "x", 5, True])
def test_request_with_params_that_are_no_object(params: object) -> None:
    bad = bad_one(wire(params=params))
    assert (bad.error.code, bad.error.field, bad.error.expected) == (-32602, "params", "an object")


def test_names_of_the_envelope_are_case_sensitive() -> None:
    assert bad_one(b'{"Method":"a.topic","Params":{},"Id":"1"}').error.field == "method"


def test_a_batch_is_read_call_by_call_each_with_its_own_bytes() -> None:
    body = b' [ {"method" : "a", "id":1} , 5, {"method":"b","params":{"x":1.10}} ] '
    first, second, third = read_calls(body)
    assert isinstance(first, Call)
    assert isinstance(second, BadCall)
    assert isinstance(third, Call)
    assert (first.method, first.body) == ("a", b'{"method" : "a", "id":1}')
    assert first.body_hash == hashlib.sha256(first.body).hexdigest()
    assert (second.error.code, second.body) == (-32600, b"5")
    assert third.body == b'{"method":"b","params":{"x":1.10}}'
    assert read_calls(third.body) == [third]


@pytest.mark.parametrize("calls", [0, 1001])
def test_a_batch_of_no_or_too_many_calls(calls: int) -> None:
    with pytest.raises(WireError) as caught:
        read_calls(b"[" + b",".join([wire()] * calls) + b"]")
    assert caught.value.code == -32600


def test_a_batch_of_a_thousand_calls() -> None:
    assert len(read_calls(b"[" + b",".join([wire()] * 1000) + b"]")) == 1000


@pytest.mark.parametrize(
    ("body", "batched"), [(b"{}", False), (b" [", True), (b"\xef\xbb\xbf[]", True), (b"", False)]
)
def test_whether_a_list_is_due_in_answer(body: bytes, batched: bool) -> None:
    assert is_batch(body) is batched


def test_answers_to_a_batch_are_one_body() -> None:
    answers = [result(1, True), error("x", -32601, "No such topic")]
    assert json.loads(batch(answers)) == [json.loads(answer) for answer in answers]


def test_what_we_send_has_every_member() -> None:
    sent = encode_call("a.topic", {"a": None}, "m-1")
    assert json.loads(sent) == {"jsonrpc": "2.0", "method": "a.topic", "params": {"a": None}, "id": "m-1"}
    assert read_one(sent).params == {"a": None}


def test_a_failure_is_answered_with_field_and_what_was_expected() -> None:
    said = json.loads(
        error("m-1", -32602, "order.id: expected a text, got 5", {"field": "order.id", "expected": "a text"})
    )
    assert said == {
        "jsonrpc": "2.0",
        "id": "m-1",
        "error": {
            "code": -32602,
            "message": "order.id: expected a text, got 5",
            "data": {"field": "order.id", "expected": "a text"},
        },
    }


def test_http_statuses_of_the_codes() -> None:
    expected: Mapping[int, int] = {
        -32700: 400,
        -32600: 400,
        -32601: 200,
        -32602: 200,
        -32000: 200,
        -32001: 503,
        -32002: 401,
    }
    assert expected == HTTP_STATUS
