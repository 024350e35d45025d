"""Where calls arrive: `POST /`, and the bus's paths beside it (protocol: Envelope, Paths).

What is checked, in order: faults, token, signature, envelope, path, topic, the field tables, and then
whatever the topic itself asks for. Every call is written down with its answer.
"""

import socket
from typing import Any, cast

from flask import Blueprint, Response, request

from webapp.sandbox import callbacks, clock, dialects, fields, oauth, registration
from webapp.sandbox.calls import CREATE, PERFORM, REGISTER
from webapp.sandbox.faults import DEFAULT_DELAY, take_call_faults, take_fault
from webapp.sandbox.fulfilment import tell_created
from webapp.sandbox.oms import Sandbox, running
from webapp.sandbox.order_book import find_order, keep_order
from webapp.sandbox.received import ReceivedCall, note_received
from webapp.sandbox.refusal import NO_METHOD, NO_REQUEST, NOT_JSON, Refusal, shown
from webapp.sandbox.state import Database, savepoint, setting
from webapp.sandbox.strictness import check_params
from webapp.sandbox.wire import Json, NotJson, read, write

LARGEST = 2 * 1024 * 1024
_CALL_BACK_SECONDS = 10.0
_MEMBERS = {"jsonrpc", "method", "params", "id"}

blueprint = Blueprint("rpc", __name__)


@blueprint.post("/")
def take_any() -> Response:
    """`oms.paths` = single: every topic."""
    return _receive({"command", "query", "event"}, bus=False)


@blueprint.post("/delegate/<endpoint>")
def take_command(endpoint: str) -> Response:  # noqa: ARG001 - any endpoint's name is this OMS
    """Commands whose answer says no more than that they were taken."""
    return _receive({"command"}, bus=True)


@blueprint.post("/remote/<endpoint>")
def take_query(endpoint: str) -> Response:  # noqa: ARG001 - as above
    """Queries, and commands whose answer is awaited."""
    return _receive({"command", "query"}, bus=True)


@blueprint.post("/events")
def take_event() -> Response:
    """Events."""
    return _receive({"event"}, bus=True)


@blueprint.post("/token")
def take_token_request() -> Response:
    """OAuth2 client credentials, in the form or by HTTP Basic. What was sent is not written down."""
    call = ReceivedCall(request.path, clock.now(), b"")
    if (ended := _meet_faults(running(), call)) is not None:
        return ended
    basic, form = request.authorization, request.form
    client_id = basic.username if basic and basic.type == "basic" else form.get("client_id")
    client_secret = basic.password if basic and basic.type == "basic" else form.get("client_secret")
    with running().state.transaction() as db:
        call.http_status, told = oauth.give_token(db, form.get("grant_type"), client_id, client_secret)
        call.verdict = "accepted" if call.http_status < 300 else "refused"
        call.reason = told.get("error")
        note_received(db, call)
    return Response(write(told), call.http_status, content_type="application/json")


def _receive(kinds: set[str], *, bus: bool) -> Response:
    sandbox = running()
    call = ReceivedCall(request.path, clock.now(), request.get_data())
    if (ended := _meet_faults(sandbox, call)) is not None:
        return ended
    with sandbox.state.transaction() as db:
        if not oauth.is_let_in(db, request.headers.get("Authorization")):
            return _turn_away(db, call)
        _deal_with(db, call, kinds, bus=bus)
        note_received(db, call)
    _follow_up(sandbox, call)
    if "drop_answer" in (call.fault or ""):
        return _drop_connection()
    return Response(call.answer, call.http_status, content_type="application/json")


def _meet_faults(sandbox: Sandbox, call: ReceivedCall) -> Response | None:
    """The end of the call, where a fault ends it before anything is done."""
    with sandbox.state.transaction() as db:
        met = take_call_faults(db)
        call.fault = ", ".join(met) or None
        if "http_500" in met:
            call.verdict, call.http_status, call.reason = "dropped", 500, "the fault http_500"
            call.answer = b"<!doctype html><title>500</title><h1>Internal Server Error</h1>"
        if "down" in met or "http_500" in met:
            note_received(db, call)
    if "slow" in met:
        sandbox.dawdle(float(met["slow"].get("delay") or DEFAULT_DELAY))
    if "down" in met:
        return _drop_connection()
    if "http_500" in met:
        return Response(call.answer, 500, content_type="text/html; charset=utf-8")
    return None


def _deal_with(db: Database, call: ReceivedCall, kinds: set[str], *, bus: bool) -> None:
    """Do what the call asks or refuse it; either way the answer is in `call` afterwards."""
    dialect = setting(db, "dialect", "strict")
    document, problem = _try_read(call.body)
    _note_names(call, document)
    rejected = take_fault(db, "reject", call.method) is not None
    if rejected:
        call.fault = ", ".join(filter(None, (call.fault, "reject")))
    try:
        with savepoint(db):
            _check_sender(db, call, document)
            _check_transport(call.body, bus=bus)
            if problem is not None:
                raise problem
            if rejected:
                raise Refusal("Refused, as the fault 'reject' asks", field="params", expected="nothing")
            result = _perform(db, call, document, kinds)
    except Refusal as refusal:
        call.verdict, call.reason = "refused", refusal.message
        call.http_status, call.answer = dialects.render_refusal(dialect, call.message_id, refusal)
    else:
        call.verdict = "accepted"
        call.http_status, call.answer = dialects.render_result(dialect, call.path, call.message_id, result)


def _check_sender(db: Database, call: ReceivedCall, document: Any) -> None:
    call.signature = "wrong" if "X-Signature" in request.headers else "none"
    call.signature = registration.check_signature(
        db, call.body, request.headers.get("X-Signature"), _offered_secret(document)
    )


def _perform(db: Database, call: ReceivedCall, document: Any, kinds: set[str]) -> Any:
    method, params = _check_envelope(document)
    call.params = params
    if method not in PERFORM or fields.methods()[method].kind not in kinds:
        raise Refusal(f"Method {shown(method)} is not known at {call.path}", code=NO_METHOD)
    check_params(method, params)
    return PERFORM[method](db, params)


def _try_read(body: bytes) -> tuple[Any, Refusal | None]:
    try:
        return read(body), None
    except NotJson as error:
        return None, Refusal(f"Not JSON: {error}", code=NOT_JSON, http_status=400)


def _note_names(call: ReceivedCall, document: Any) -> None:
    if isinstance(document, dict):
        for name, value in (("id", document.get("id")), ("method", document.get("method"))):
            if isinstance(value, str) and value.isprintable():
                setattr(call, "message_id" if name == "id" else name, value)


def _offered_secret(document: Any) -> str | None:
    """The secret a registration brings along."""
    if not isinstance(document, dict) or document.get("method") != REGISTER:
        return None
    params = document.get("params")
    secret = params.get("secret") if isinstance(params, dict) else None
    return secret if isinstance(secret, str) and secret.isprintable() else None


def _check_transport(body: bytes, *, bus: bool) -> None:
    if request.mimetype != "application/json":
        raise _no_request(f"Content-Type: expected application/json, got {shown(request.mimetype)}", 415)
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise _no_request("Content-Encoding: expected none, calls are not compressed", 415)
    if bus and request.headers.get("to") != "*":
        raise _no_request("to: this header must be * on the bus's paths", 400)
    if len(body) > LARGEST:
        raise _no_request(f"The message has {len(body)} bytes, and {LARGEST} is the most taken", 413)


def _check_envelope(document: Any) -> tuple[str, Json]:
    if isinstance(document, list):
        raise _no_request("No batches are taken: send one call a request", 400)
    if not isinstance(document, dict):
        raise _no_request("Expected a JSON-RPC request object", 400)
    for name in document:
        if name not in _MEMBERS:
            raise _no_request(f"{shown(name)}: no such member; known are id, jsonrpc, method, params", 400)
    if document.get("jsonrpc") != "2.0":
        raise _no_request(f'jsonrpc: expected "2.0", got {shown(document.get("jsonrpc"))}', 400)
    message_id, method, params = document.get("id"), document.get("method"), document.get("params")
    if not isinstance(message_id, str) or not message_id or not message_id.isprintable():
        raise _no_request(f"id: expected a string that is not empty, got {shown(message_id)}", 400)
    if not isinstance(method, str):
        raise _no_request(f"method: expected a string, got {shown(method)}", 400)
    if not isinstance(params, dict):
        raise _no_request(f"params: expected an object, got {shown(params)}", 400)
    return method, params


def _no_request(sentence: str, http_status: int) -> Refusal:
    return Refusal(sentence, code=NO_REQUEST, http_status=http_status)


def _turn_away(db: Database, call: ReceivedCall) -> Response:
    """As a gateway does that knows nothing of JSON-RPC."""
    call.verdict, call.reason, call.http_status = "refused", "no valid bearer token", 401
    call.answer = write({"error": "invalid_token"})
    note_received(db, call)
    answer = Response(call.answer, 401, content_type="application/json")
    answer.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    return answer


def _follow_up(sandbox: Sandbox, call: ReceivedCall) -> None:
    """What the OMS does before it answers, outside of any transaction: probing, calling back."""
    if call.verdict == "accepted" and call.params is not None:
        if call.method == REGISTER:
            outcome = sandbox.sender.probe(call.params["url"])
            with sandbox.state.transaction() as db:
                registration.note_probe(db, outcome)
                callbacks.retry_now(db)
        elif call.method == CREATE:
            _call_back_first(sandbox, call.params["order"]["id"])
    sandbox.sender.wake()


def _call_back_first(sandbox: Sandbox, order_id: str) -> None:
    """Re-entrance: where it is switched on, the order is told as created before its create is answered."""
    with sandbox.state.transaction() as db:
        held = find_order(db, order_id) if setting(db, "call_back_first", False) else None
        if held is None:
            return
        seq = tell_created(db, held)
        keep_order(db, held)
    sandbox.sender.wake()
    sandbox.sender.wait_until_settled(seq, _CALL_BACK_SECONDS)


def _drop_connection() -> Response:
    """The caller sees its connection close; the answer made here reaches nobody."""
    connection = request.environ.get("gunicorn.socket") or request.environ.get("werkzeug.socket")
    if connection is not None:
        cast(socket.socket, connection).shutdown(socket.SHUT_RDWR)
    return Response(status=502)
