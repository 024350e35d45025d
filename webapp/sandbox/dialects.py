"""The same call or answer in the words of each kind of peer seen (protocol: Envelope, *peer*).

strict: as the tables say · strings: numbers as strings · go-like: CamelCase names, ids as numbers, no
`jsonrpc`, an extra `client`, the id always 1, `{}` for `[]` · php-like: dates with a space for the T and at
times without zone, statuses in lower case, `shimpent_id`, attributes by `attribute_code`, what is often
absent left out, `"error": ""` beside a result, refusals as plain text.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from webapp.sandbox import wire
from webapp.sandbox.refusal import NO_REQUEST, NOT_JSON, Refusal
from webapp.sandbox.wire import Json

DIALECTS = ("strict", "strings", "go-like", "php-like")

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?([+-]\d\d:\d\d)")
_ID = re.compile(r"0|[1-9]\d{0,17}")
_OFTEN_ABSENT = {"client", "ref", "condition", "store_id", "credit_note_date"}
_WITHOUT_ZONE = {"shipment_date", "created_on"}
_LINE_NUMBERS = {"items", "order_lines"}


def render_call(dialect: str, method: str, params: Json, message_id: str) -> bytes:
    """A callback's body."""
    spoken = _SPOKEN[dialect](params)
    if dialect == "go-like":
        return wire.write({"client": "sandbox-oms", "method": method, "params": spoken, "id": 1})
    return wire.write({"jsonrpc": "2.0", "method": method, "params": spoken, "id": message_id})


def render_result(dialect: str, path: str, message_id: str | None, result: Any) -> tuple[int, bytes]:
    """HTTP status and body that say a call was done."""
    if dialect == "php-like" and path == "/events":
        return 200, b"[]"
    answer: Json = {"jsonrpc": "2.0", "result": _SPOKEN[dialect](result), "id": message_id}
    if dialect == "strings":
        answer["result"] = "" if result is True else answer["result"]
    elif dialect == "go-like":
        answer.update(id=1, result={} if result is True else answer["result"])
    elif dialect == "php-like":
        answer.update(error="", result=[] if result is True else answer["result"])
    return 200, wire.write(answer)


def render_refusal(dialect: str, message_id: str | None, refusal: Refusal) -> tuple[int, bytes]:
    """HTTP status and body that say a call was refused, and why."""
    if dialect == "php-like" and refusal.code not in (NOT_JSON, NO_REQUEST):
        if refusal.field in ("order_id", "id"):
            return 404, wire.write(refusal.message)
        return refusal.http_status, wire.write({"error": refusal.message, "id": message_id})
    told = refusal.error()
    if dialect == "go-like":
        told.pop("data", None)
    return refusal.http_status, wire.write(
        {"jsonrpc": "2.0", "error": told, "id": 1 if dialect == "go-like" else message_id}
    )


def _strict(value: Any) -> Any:
    return value


def _strings(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _strings(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_strings(item) for item in value]
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    return value


def _go(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {_camel(key): _go(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_go(item) for item in value] if value else {}
    if isinstance(value, str) and (name == "id" or name.endswith("_id")) and _ID.fullmatch(value):
        return int(value)
    return value


def _camel(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def _php(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return _php_object(value, name) or []
    if isinstance(value, list):
        return [_php(item, name) for item in value]
    if isinstance(value, str):
        return _php_text(value, name)
    if name == "unlimited":
        return int(value)
    if name == "quantity" and isinstance(value, int):
        return Decimal(f"{value}.0")
    return value


def _php_object(value: Json, name: str) -> Json:
    spoken: Json = {}
    for key, item in value.items():
        if key in _OFTEN_ABSENT:
            continue
        if key == "shipment_id":
            spoken["shimpent_id"] = _php(item, key)
        elif key == "name" and name == "custom_attributes":
            spoken["attribute_code"] = item
        elif key == "code" and name == "status":
            spoken[key] = item.lower()
        elif key in _LINE_NUMBERS and isinstance(item, list) and all(isinstance(each, int) for each in item):
            line_id = value.get("aggregated_line_id")
            spoken[key] = [str(each) if key == "items" else line_id for each in item]
        else:
            spoken[key] = _php(item, key)
    return spoken


def _php_text(value: str, name: str) -> str:
    if name == "status":
        return value.lower()
    if moment := _MOMENT.fullmatch(value):
        zone = "" if name in _WITHOUT_ZONE else moment[3]
        return f"{moment[1]} {moment[2]}{zone}"
    return value


_SPOKEN: dict[str, Callable[[Any], Any]] = {
    "strict": _strict,
    "strings": _strings,
    "go-like": _go,
    "php-like": _php,
}
