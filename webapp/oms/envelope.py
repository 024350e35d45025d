"""JSON-RPC 2.0 as the service bus speaks it, both ways (protocol: Envelope).

Reading is lenient where real peers are careless, writing is strict.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import msgspec

from webapp.domain.refusals import Refused
from webapp.oms.wire import (
    BAD_PARAMS,
    BAD_SIGNATURE,
    DISABLED,
    NO_REQUEST,
    NOT_APPLIED,
    NOT_JSON,
    UNKNOWN_TOPIC,
    WireError,
    check_shape,
    encode,
    parse,
)

HTTP_STATUS: Final[Mapping[int, int]] = {
    NOT_JSON: 400,
    NO_REQUEST: 400,
    UNKNOWN_TOPIC: 200,
    BAD_PARAMS: 200,
    NOT_APPLIED: 200,
    DISABLED: 503,
    BAD_SIGNATURE: 401,
}

BATCH_LIMIT: Final = 1000
ID_LENGTH: Final = 255

_RAW_BATCH: Final = msgspec.json.Decoder(list[msgspec.Raw])
_VERSIONS: Final = (None, "2.0", 2, Decimal("2.0"))

WireId = str | int | None


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a peer.

    `id` is the message id as text (None: none was given, the body's hash stands for it), `raw_id` what
    the answer echoes. `body` is the call's bytes exactly as they came, those of a batch's member its
    own part of the batch; `body_hash` their SHA-256 in hex.
    """

    method: str
    params: dict[str, object]
    id: str | None
    raw_id: WireId
    body: bytes
    body_hash: str


@dataclass(frozen=True, slots=True)
class BadCall:
    """What stands where a call should be; `error` says why it is none."""

    raw_id: WireId
    error: WireError
    body: bytes


def read_calls(body: bytes) -> list[Call | BadCall]:
    """The calls in a request's body: one, or those of a batch in order.

    Raises `WireError`: -32700 where it is no JSON, -32600 for a batch that is empty or above 1,000.
    """
    trimmed = check_shape(body)
    value = parse(trimmed)
    if not isinstance(value, list):
        return [_read_call(value, body)]
    if not value:
        raise WireError(NO_REQUEST, "no request: the batch is empty", "", "a call")
    if len(value) > BATCH_LIMIT:
        message = f"no request: a batch of {len(value)} calls, at most {BATCH_LIMIT} are taken"
        raise WireError(NO_REQUEST, message, "", f"at most {BATCH_LIMIT} calls")
    # Each call keeps its own bytes: they are what is journaled, and what tells a repeat from another call.
    members = _RAW_BATCH.decode(trimmed)
    return [_read_call(call, bytes(member)) for call, member in zip(value, members, strict=True)]


def is_batch(body: bytes) -> bool:
    """Whether the answer is due as a list."""
    return body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")


def encode_call(topic: str, params: Mapping[str, object], message_id: str) -> bytes:
    """One call, as it is sent and sent again: the same bytes for the same message."""
    return encode({"jsonrpc": "2.0", "method": topic, "params": params, "id": message_id})


def result(raw_id: WireId, value: object) -> bytes:
    """The answer to a call that was taken."""
    return encode({"jsonrpc": "2.0", "id": raw_id, "result": value})


def error(raw_id: WireId, code: int, message: str, data: Mapping[str, object] | None = None) -> bytes:
    """The answer to a call that was not taken; `data` is `{"field", "expected"}` where a field is to blame.

    The HTTP status that goes with `code` is `HTTP_STATUS[code]`.
    """
    said: dict[str, object] = {"code": code, "message": message}
    if data is not None:
        said["data"] = data
    return encode({"jsonrpc": "2.0", "id": raw_id, "error": said})


def batch(answers: Sequence[bytes]) -> bytes:
    """The answers to a batch's calls as one body."""
    return b"[" + b",".join(answers) + b"]"


def _read_call(value: object, body: bytes) -> Call | BadCall:
    raw_id: WireId = None
    try:
        if not isinstance(value, dict):
            raise Refused("", "a JSON-RPC call", value)
        raw_id = _read_id(value.get("id"))
        _check_version(value.get("jsonrpc"))
        method = _read_method(value)
        params = _read_params(value.get("params"))
    except Refused as refused:
        code = BAD_PARAMS if refused.field == "params" else NO_REQUEST
        return BadCall(raw_id, WireError.of(refused, code), body)
    text_id = None if raw_id is None or raw_id == "" else str(raw_id)
    return Call(method, params, text_id, raw_id, body, hashlib.sha256(body).hexdigest())


def _read_id(value: object) -> WireId:
    if isinstance(value, Decimal) and value.adjusted() < ID_LENGTH and value == value.to_integral_value():
        value = int(value)
    if value is None or (isinstance(value, str) and len(value) <= ID_LENGTH and "\0" not in value):
        return value
    if type(value) is int and abs(value) < 2**63:
        return value
    raise Refused("id", f"a text of at most {ID_LENGTH} characters or a whole number", value)


def _check_version(value: object) -> None:
    # Peers leave it out, or write it as a number; what they say is the same.
    if value not in _VERSIONS:
        raise Refused("jsonrpc", '"2.0"', value)


def _read_method(call: dict[str, object]) -> str:
    method = call.get("method")
    if not isinstance(method, str) or not 0 < len(method) <= ID_LENGTH or "\0" in method:
        raise Refused("method", "the name of a topic", method)
    return method


def _read_params(value: object) -> dict[str, object]:
    # An empty object is `[]` where the peer's language has only one kind of empty.
    if value is None or value == []:
        return {}
    if not isinstance(value, dict):
        raise Refused("params", "an object", value)
    return value
