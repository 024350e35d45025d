"""What a call must look like before anyone reads its params: JSON, envelope, paths, signature, token."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from tests.integration.sandbox.listening_connector import SECRET, TOPICS, ListeningConnector
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

_FIND = {"id": "000000042", "sales_channel_id": "base"}
_GOOD = {"jsonrpc": "2.0", "method": FIND, "params": _FIND, "id": "m-1"}
_DEEP = b'{"jsonrpc":"2.0","id":"1","method":"m","params":{"a":' + b"[" * 70 + b"]" * 70 + b"}}"


def _without(name: str) -> bytes:
    return json.dumps({key: value for key, value in _GOOD.items() if key != name}).encode()


def _with(**changes: object) -> bytes:
    return json.dumps({**_GOOD, **changes}).encode()


@pytest.mark.parametrize(
    ("body", "code", "says"),
    [
        (b"", -32700, "Not JSON"),
        (b"{", -32700, "Not JSON"),
        (b'{"id": NaN}', -32700, "NaN"),
        (b'{"id": "\xff"}', -32700, "UTF-8"),
        (b'{"id": "1", "id": "2"}', -32700, "twice"),
        (b'{"id": ' + b"9" * 5000 + b"}", -32700, "digits"),
        (_DEEP, -32700, "nested"),
        (b"[" + _with() + b"]", -32600, "batches"),
        (b'"hello"', -32600, "object"),
        (_without("jsonrpc"), -32600, "jsonrpc"),
        (_with(jsonrpc=2.0), -32600, "jsonrpc"),
        (_without("id"), -32600, "id"),
        (_with(id=1), -32600, "id"),
        (_with(id=""), -32600, "id"),
        (_without("params"), -32600, "params"),
        (_with(params=[]), -32600, "params"),
        (_with(method=None), -32600, "method"),
        (_with(client="me"), -32600, "client"),
    ],
)
def test_what_is_no_request_is_refused_with_http_400(
    sandbox: SandboxProcess, body: bytes, code: int, says: str
) -> None:
    status, answer = sandbox.post("/", body)

    assert (status, answer["error"]["code"]) == (400, code)
    assert says in answer["error"]["message"]


def test_a_number_in_exponent_form_is_refused(sandbox: SandboxProcess) -> None:
    body = envelope(PRODUCT, product("MUG")).replace(b'"amount": 10.0', b'"amount": 1E+1')

    status, answer = sandbox.post("/", body)

    assert (status, answer["error"]["data"]["field"]) == (200, "product.price.amount")
    assert "exponent" in answer["error"]["message"]


def test_only_plain_json_is_taken(sandbox: SandboxProcess) -> None:
    for headers in ({"Content-Type": "text/plain"}, {"Content-Encoding": "gzip"}):
        status, answer = sandbox.post("/", _with(), headers)
        assert (status, answer["error"]["code"]) == (415, -32600)


def test_a_message_above_two_megabytes_is_refused(sandbox: SandboxProcess) -> None:
    status, answer = sandbox.post("/", _with(id="x" * (2 * 1024 * 1024)))

    assert (status, answer["error"]["code"]) == (413, -32600)


def test_a_call_to_an_address_there_is_not_is_written_down(sandbox: SandboxProcess) -> None:
    assert sandbox.post("/oms/calls", _with())[0] == 404

    (call,) = sandbox.get("/control/received")["items"]
    assert (call["id"], call["path"], call["verdict"], call["http_status"]) == (
        "m-1",
        "/oms/calls",
        "refused",
        404,
    )
    assert "/oms/calls" in call["reason"]


def test_names_in_a_map_are_text(sandbox: SandboxProcess) -> None:
    told = {"id": "me", "url": "http://127.0.0.1:9/", "labels": {"\ud800": "x"}}

    assert call(sandbox, REGISTER, told)["error"]["data"]["field"] == "labels"


def test_a_topic_nobody_knows_is_refused(sandbox: SandboxProcess) -> None:
    error = call(sandbox, "magento.sales.order_management.created", order())["error"]

    assert error["code"] == -32601
    assert "magento.sales.order_management.created" in error["message"]


def test_the_bus_has_a_path_for_each_kind_of_call(sandbox: SandboxProcess) -> None:
    to_all = {"to": "*"}
    sandbox.control("unknown_skus", {"refuse": False})

    assert sandbox.post("/events", envelope(PRODUCT, product("MUG")), to_all)[1]["result"] is True
    assert sandbox.post("/delegate/oms", envelope(CREATE, order()), to_all)[1]["result"] is True
    found = sandbox.post("/remote/oms", envelope(FIND, _FIND), to_all)[1]["result"]
    assert found["id"] == "000000042"

    for path, body in (
        ("/events", envelope(CREATE, order("2"))),
        ("/delegate/oms", envelope(FIND, _FIND)),
        ("/remote/oms", envelope(PRODUCT, product("MUG"))),
    ):
        assert sandbox.post(path, body, to_all)[1]["error"]["code"] == -32601
    assert sandbox.post("/events", envelope(PRODUCT, product("MUG")))[0] == 400


def test_registering_goes_to_the_bus_itself(sandbox: SandboxProcess, connector: ListeningConnector) -> None:
    body = envelope(REGISTER, connector.registration())

    for path in ("/delegate/oms", "/remote/oms", "/events"):
        error = sandbox.post(path, body, {"to": "*", **signed(body)})[1]["error"]
        assert (error["code"], path in error["message"]) == (-32601, True)
    assert sandbox.get("/control/registration") is None


def test_calls_may_be_bound_to_one_kind_of_paths(
    sandbox: SandboxProcess, connector: ListeningConnector
) -> None:
    sandbox.control("unknown_skus", {"refuse": False})
    by_the_bus, to_all = envelope(FIND, _FIND), {"to": "*"}

    sandbox.control("paths", {"paths": "bus"})
    assert call(sandbox, CREATE, order())["error"]["code"] == -32601
    assert sandbox.post("/remote/oms", by_the_bus, to_all)[1]["result"] is None
    do(sandbox, REGISTER, connector.registration(), SECRET)

    sandbox.control("paths", {"paths": "single"})
    assert do(sandbox, FIND, _FIND, SECRET) is None
    sent = {**to_all, **signed(by_the_bus)}
    assert sandbox.post("/remote/oms", by_the_bus, sent)[1]["error"]["code"] == -32601


def test_registering_keeps_who_where_and_what(sandbox: SandboxProcess, connector: ListeningConnector) -> None:
    result = do(sandbox, REGISTER, connector.registration(), SECRET)

    assert result["id"] == "oms-connector"
    assert result["peer_url"] == connector.url
    known = sandbox.get("/control/registration")
    assert known["labels"] == {"version": "0.1.0", "product": "oms-connector"}
    assert known["subscribes"] == TOPICS
    assert known["secret"] is True
    assert (known["probe"], connector.probes) == ("ok", 1)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": ""}, "id"),
        ({"url": None}, "url"),
        ({"url": "ftp://here"}, "url"),
        ({"subscribes": ["magento.sales.order_management.created", "nonsense"]}, "subscribes[1]"),
        ({"subscribes": [CREATE]}, "subscribes[0]"),
        ({"labels": {"version": 1}}, "labels.version"),
        ({"labels": ["version"]}, "labels"),
        ({"version": "1"}, "version"),
    ],
)
def test_a_broken_registration_is_refused(
    sandbox: SandboxProcess, connector: ListeningConnector, changes: dict[str, object], field: str
) -> None:
    error = call(sandbox, REGISTER, {**connector.registration(), **changes}, SECRET)["error"]

    assert (error["code"], error["data"]["field"]) == (-32602, field)
    assert sandbox.get("/control/registration") is None


def test_unregistering_asks_for_the_right_id(registered: SandboxProcess) -> None:
    unregister = "magento.service_bus.remote.unregister"

    assert call(registered, unregister, {"id": "another"}, SECRET)["error"]["data"]["field"] == "id"
    assert call(registered, unregister, {}, SECRET)["error"]["data"]["field"] == "id"
    assert do(registered, unregister, {"id": "oms-connector"}, SECRET) is True
    assert registered.get("/control/registration") is None


def test_once_a_secret_is_known_every_call_must_be_signed_with_it(registered: SandboxProcess) -> None:
    body = envelope(PRODUCT, product("MUG"))
    sha256 = {"X-Signature": "sha256=" + _hmac(body)}
    upper = {"X-Signature": signed(body)["X-Signature"].upper()}

    for headers in ({}, signed(body, "another"), signed(body + b" "), upper, {"X-Signature": "nonsense"}):
        status, answer = registered.post("/", body, headers)
        assert (status, answer["error"]["code"]) == (401, -32002)
    assert "Products known</dt>\n        <dd>0" in registered.get_text("/")
    for headers in (signed(body), sha256):
        assert registered.post("/", body, headers)[0] == 200


def _hmac(body: bytes) -> str:
    return hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()


def test_a_new_secret_comes_with_a_registration_signed_by_the_old_or_the_new(
    registered: SandboxProcess, connector: ListeningConnector
) -> None:
    renewed = connector.registration("a newer one")

    assert call(registered, REGISTER, renewed, "neither")["error"]["code"] == -32002
    do(registered, REGISTER, renewed, SECRET)
    assert call(registered, FIND, _FIND, SECRET)["error"]["code"] == -32002
    do(registered, FIND, _FIND, "a newer one")
    do(registered, REGISTER, connector.registration(), SECRET)


def test_a_secret_set_by_hand_stands_above_the_registrations(registered: SandboxProcess) -> None:
    registered.control("secret", {"secret": "set by hand"})

    assert call(registered, FIND, _FIND, SECRET)["error"]["code"] == -32002
    assert do(registered, FIND, _FIND, "set by hand") is None

    registered.control("secret", {"secret": None})
    assert do(registered, FIND, _FIND, SECRET) is None


def test_a_token_is_asked_for_once_it_is_switched_on(sandbox: SandboxProcess) -> None:
    assert sandbox.post("/token", b"grant_type=client_credentials", _FORM)[0] == 404
    sandbox.control("oauth", {"client_id": "me", "client_secret": "mine", "status": 201, "expires_in": None})

    status, answer = sandbox.post("/", _with())
    assert (status, answer) == (401, {"error": "invalid_token"})
    assert _token(sandbox, "me", "wrong") == (401, {"error": "invalid_client"})
    status, answer = _token(sandbox, "me", "mine")
    assert (status, list(answer)) == (201, ["access_token"])
    bearer = {"Authorization": f"Bearer {answer['access_token']}"}
    assert sandbox.post("/", _with(), bearer)[0] == 200

    sandbox.control("oauth", {"revoke": True})
    assert sandbox.post("/", _with(), bearer)[0] == 401
    sandbox.control("oauth", {})
    assert sandbox.post("/", _with())[0] == 200


def test_a_token_may_have_a_lifetime_and_be_asked_for_by_http_basic(sandbox: SandboxProcess) -> None:
    sandbox.control("oauth", {"client_id": "me", "client_secret": "mine", "expires_in": 3600})
    basic = {"Authorization": "Basic " + base64.b64encode(b"me:mine").decode(), **_FORM}

    status, answer = sandbox.post("/token", b"grant_type=client_credentials", basic)

    assert (status, answer["expires_in"], answer["token_type"]) == (200, 3600, "Bearer")
    assert "mine" not in str(sandbox.get("/control/received"))


_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def _token(sandbox: SandboxProcess, client_id: str, client_secret: str) -> tuple[int, Any]:
    form = f"grant_type=client_credentials&client_id={client_id}&client_secret={client_secret}"
    return sandbox.post("/token", form.encode(), _FORM)


def test_every_call_is_written_down_in_order_with_its_answer(sandbox: SandboxProcess) -> None:
    first, second = (
        envelope(PRODUCT, product("MUG"), "m-1"),
        envelope(PRODUCT, product("CUP", type="x"), "m-2"),
    )
    sandbox.post("/", first)
    sandbox.post("/", second)
    sandbox.post("/", b"nonsense")

    calls = sandbox.get("/control/received")["items"]

    assert [(each["id"], each["verdict"]) for each in calls] == [
        ("m-1", "accepted"),
        ("m-2", "refused"),
        (None, "refused"),
    ]
    assert [each["body"].encode() for each in calls] == [first, second, b"nonsense"]
    assert [each["http_status"] for each in calls] == [200, 200, 400]
    assert json.loads(calls[0]["answer"])["result"] is True
    assert calls[1]["reason"].startswith("product.type")
    assert all(each["arrived_at"] <= each["answered_at"] for each in calls)
    page = sandbox.get(f"/control/received?limit=1&cursor={calls[0]['seq']}")
    assert [each["id"] for each in page["items"]] == ["m-2"]
    assert page["next"] == calls[1]["seq"]
    for wrong, field in (("limit=0", "limit"), ("limit=many", "limit"), ("cursor=-1", "cursor")):
        with pytest.raises(AssertionError, match=f"HTTP 422 .*'field': '{field}'"):
            sandbox.get(f"/control/received?{wrong}")
