"""Where calls arrive: `POST /`, and the bus's paths beside it (protocol: Envelope, Paths).

What is checked, in order: faults, token, signature, envelope, path, topic, the field tables, and then
whatever the topic itself asks for. Every call is written down with its answer.
"""

import socket
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any, cast

from flask import Blueprint, Response, abort, request

from webapp.sandbox import callbacks, clock, dialects, oauth, paths, registration
from webapp.sandbox.calls import PERFORM, REGISTER
from webapp.sandbox.faults import DEFAULT_DELAY, take_call_faults, take_fault
from webapp.sandbox.oms import Sandbox, running
from webapp.sandbox.received import ReceivedCall, note_answer, note_arrival
from webapp.sandbox.refusal import NO_METHOD, NO_REQUEST, NOT_JSON, Refusal, shown
from webapp.sandbox.state import Database, savepoint, setting
from webapp.sandbox.strictness import check_params
from webapp.sandbox.wire import Json, NotJson, read, write

LARGEST = 2 * 1024 * 1024
_LARGEST_FORM = 64 * 1024
_AT_ONCE = 64 * 1024
_CALL_BACK_SECONDS = 10.0
_NOT_LET_IN = "no valid bearer token"
# Addresses that are for whoever drives it, where a POST is no call.
_DRIVEN_BY = ("control/", "page/")
# What faults answer that end a call before anything is done; HTTP status 0: nothing at all.
_FAILURES = {
    "down": (0, b""),
    "http_500": (500, b"<!doctype html><title>500</title><h1>Internal Server Error</h1>"),
    "empty_answer": (200, b""),
}
_MEMBERS = {"jsonrpc", "method", "params", "id"}

blueprint = Blueprint("rpc", __name__)


@blueprint.post("/")
def take_any() -> Response:
    """`oms.paths` = single: every topic; on a bus: who registers."""
    return _receive("/")


@blueprint.post("/delegate/<endpoint>")
def take_command(endpoint: str) -> Response:  # noqa: ARG001 - any endpoint's name is this OMS
    """Commands whose answer says no more than that they were taken."""
    return _receive("/delegate")


@blueprint.post("/remote/<endpoint>")
def take_query(endpoint: str) -> Response:  # noqa: ARG001 - as above
    """Queries, and commands whose answer is awaited."""
    return _receive("/remote")


@blueprint.post("/events")
def take_event() -> Response:
    """Events."""
    return _receive("/events")


@blueprint.post("/token")
def take_token_request() -> Response:
    """OAuth2 client credentials, in the form or by HTTP Basic. What was sent is not written down."""
    request.max_content_length = _LARGEST_FORM
    return _answer(ReceivedCall(request.path, clock.now(), b""), _give_token)


@blueprint.post("/<path:elsewhere>")
def take_stray(elsewhere: str) -> Response:
    """A call to an address this OMS does not have: 404 as a web server gives it, and written down."""
    if elsewhere.startswith(_DRIVEN_BY):
        abort(404)
    return _answer(_arriving(), _stray)


Deal = Callable[[Database, ReceivedCall], None]


def _receive(way: str) -> Response:
    return _answer(_arriving(), partial(_deal_with, way=way))


def _arriving() -> ReceivedCall:
    body, stream = bytearray(), request.stream
    while len(body) <= LARGEST and (part := stream.read(_AT_ONCE)):
        body += part
    call = ReceivedCall(request.path, clock.now(), bytes(body))
    try:
        call.document = read(call.body)
    except NotJson as error:
        call.problem = str(error)
    _note_names(call)
    return call


def _answer(call: ReceivedCall, deal: Deal) -> Response:
    """Have the call dealt with, and answer it, unless a fault ends it before or swallows the answer."""
    sandbox = running()
    with sandbox.state.transaction() as db:
        met = take_call_faults(db)
        call.fault = ", ".join(met) or None
        ended = _end_at_once(call, met)
        note_arrival(db, call)
        if ended is not None:
            note_answer(db, call)
    if "slow" in met:
        sandbox.dawdle(float(met["slow"].get("delay") or DEFAULT_DELAY))
    if ended is None:
        with sandbox.state.transaction() as db:
            before = callbacks.newest_callback(db)
            deal(db, call)
            note_answer(db, call)
            told = range(before + 1, callbacks.newest_callback(db) + 1)
        _follow_up(sandbox, call, told)
    if "down" in met or "drop_answer" in met:
        return _drop_connection()
    return ended or _respond(call)


def _end_at_once(call: ReceivedCall, met: dict[str, Json]) -> Response | None:
    """The answer of a fault that ends the call before anything is done; None where none does."""
    for kind, (status, body) in _FAILURES.items():
        if kind in met:
            call.verdict, call.http_status, call.answer = "dropped", status, body
            call.reason = f"the fault {kind}"
            return Response(body, status or HTTPStatus.BAD_GATEWAY, content_type="text/html; charset=utf-8")
    return None


def _respond(call: ReceivedCall) -> Response:
    answer = Response(call.unwritten or call.answer, call.http_status, content_type="application/json")
    if call.path == "/token":
        answer.headers["Cache-Control"] = "no-store"
    elif call.http_status == HTTPStatus.UNAUTHORIZED and call.reason == _NOT_LET_IN:
        answer.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    return answer


def _give_token(db: Database, call: ReceivedCall) -> None:
    basic, form = request.authorization, request.form
    client_id = basic.username if basic and basic.type == "basic" else form.get("client_id")
    client_secret = basic.password if basic and basic.type == "basic" else form.get("client_secret")
    call.http_status, told = oauth.give_token(db, form.get("grant_type"), client_id, client_secret)
    call.verdict = "accepted" if call.http_status < HTTPStatus.BAD_REQUEST else "refused"
    call.reason = told.get("error")
    call.unwritten = write(told)


def _stray(_: Database, call: ReceivedCall) -> None:
    call.verdict, call.http_status = "refused", HTTPStatus.NOT_FOUND
    call.reason = f"{shown(call.path)} was not found on the server: calls go to /, or by the bus's paths."
    call.answer = write({"error": call.reason})


def _deal_with(db: Database, call: ReceivedCall, *, way: str) -> None:
    """Do what the call asks or refuse it; either way the answer is in `call` afterwards."""
    if not oauth.is_let_in(db, request.headers.get("Authorization")):
        # As a gateway answers that knows nothing of JSON-RPC.
        call.verdict, call.reason, call.http_status = "refused", _NOT_LET_IN, HTTPStatus.UNAUTHORIZED
        call.answer = write({"error": "invalid_token"})
        return
    dialect = dialects.dialect_in_force(db)
    rejected = take_fault(db, "reject", call.method) is not None
    if rejected:
        call.fault = ", ".join(filter(None, (call.fault, "reject")))
    try:
        with savepoint(db):
            _check_size(call.body)
            _check_sender(db, call)
            _check_transport(on_bus=way != "/")
            if call.problem is not None:
                raise Refusal(f"Not JSON: {call.problem}", code=NOT_JSON, http_status=400)
            if rejected:
                raise Refusal("Refused, as the fault 'reject' asks", field="params", expected="nothing")
            result = _perform(db, call, way)
    except Refusal as refusal:
        call.verdict, call.reason = "refused", refusal.message
        call.http_status, call.answer = dialects.render_refusal(dialect, call.message_id, refusal)
    else:
        call.verdict = "accepted"
        call.http_status, call.answer = dialects.render_result(dialect, call.path, call.message_id, result)


def _check_sender(db: Database, call: ReceivedCall) -> None:
    call.signature = "wrong" if "X-Signature" in request.headers else "none"
    call.signature = registration.check_signature(
        db, call.body, request.headers.get("X-Signature"), _offered_secret(call.document)
    )


def _perform(db: Database, call: ReceivedCall, way: str) -> Any:
    method, params = _check_envelope(call.document)
    call.params = params
    if method not in PERFORM or not paths.leads_to(db, way, method):
        raise Refusal(f"Method {shown(method)} is not known at {call.path}", code=NO_METHOD)
    check_params(method, params)
    return PERFORM[method](db, params)


def _note_names(call: ReceivedCall) -> None:
    told = call.document if isinstance(call.document, dict) else {}
    call.message_id, call.method = _printable(told.get("id")), _printable(told.get("method"))


def _printable(value: object) -> str | None:
    return value if isinstance(value, str) and value.isprintable() else None


def _offered_secret(document: Any) -> str | None:
    """The secret a registration brings along."""
    if not isinstance(document, dict) or document.get("method") != REGISTER:
        return None
    params = document.get("params")
    secret = params.get("secret") if isinstance(params, dict) else None
    return secret if isinstance(secret, str) and secret.isprintable() else None


def _check_size(body: bytes) -> None:
    if len(body) > LARGEST:
        raise _no_request(f"The message has more than {LARGEST} bytes, which is the most taken", 413)


def _check_transport(*, on_bus: bool) -> None:
    if request.mimetype != "application/json":
        raise _no_request(f"Content-Type: expected application/json, got {shown(request.mimetype)}", 415)
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise _no_request("Content-Encoding: expected none, calls are not compressed", 415)
    if on_bus and request.headers.get("to") != "*":
        raise _no_request("to: this header must be * on the bus's paths", 400)


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


def _follow_up(sandbox: Sandbox, call: ReceivedCall, told: range) -> None:
    """What the OMS does before it answers, outside of any transaction: probing, calling back.

    Re-entrance: where it is switched on, what the call made it tell (`told`, by number) is told first.
    """
    if call.verdict == "accepted" and call.method == REGISTER and call.params is not None:
        outcome = sandbox.sender.probe(call.params["url"])
        with sandbox.state.transaction() as db:
            registration.note_probe(db, outcome)
            callbacks.retry_now(db)
    sandbox.sender.wake()
    with sandbox.state.transaction() as db:
        first = setting(db, "call_back_first", False) and registration.registration(db) is not None
    if first and told:
        sandbox.sender.wait_until_settled(told[-1], _CALL_BACK_SECONDS)


def _drop_connection() -> Response:
    """The caller sees its connection close; the answer made here reaches nobody."""
    connection = request.environ.get("gunicorn.socket") or request.environ.get("werkzeug.socket")
    if connection is not None:
        cast(socket.socket, connection).shutdown(socket.SHUT_RDWR)
    return Response(status=502)
