"""What a call may be answered with, reckoned from its bytes alone; anything else is a finding.

The judge reads the same bytes by itself (`json_text`, the tables) and says what has to be refused, by which
of its fields, and what may be taken.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.fuzz import json_text
from tests.fuzz.calls import Sent
from tests.fuzz.oms_tables import TOPICS, wrong_params
from tests.fuzz.order_tables import TOGETHER, wrong_order
from tests.fuzz.tables import BIG, Wrong

NOT_JSON, NO_REQUEST, UNKNOWN, BAD_PARAMS, LATER = -32700, -32600, -32601, -32602, -32000
BAD_SIGNATURE = -32002
HTTP = {NOT_JSON: 400, NO_REQUEST: 400, UNKNOWN: 200, BAD_PARAMS: 200, BAD_SIGNATURE: 401}
MOST_CALLS, MOST_ORDERS, LONGEST = 1_000, 1_000, 255
ORDER_MARKS = {"increment_id", "entity_id", "grand_total", "status", "state", "payment", "billing_address"}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: bytes


@dataclass(frozen=True)
class Ruling:
    """What the judge makes of an answer: `outcome` in a word or two, `findings` what is wrong with it.

    `taken` is whether something was taken in, so that it may have had an effect.
    """

    outcome: str
    taken: bool
    findings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Expected:
    """What has to be answered: `code` 0 where it may be taken; `fields` are paths that may be named.

    `patterns` are paths that may be named though nothing is wrong with any field by itself.
    """

    code: int
    fields: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    raw_id: Any = None


def judge_callback(sent: Sent, answer: Answer, *, sync: bool) -> Ruling:
    """The ruling on an answer to a callback."""
    try:
        told = json.loads(answer.body, parse_float=Decimal)
    except ValueError:
        return Ruling("no JSON", taken=False, findings=(f"answered {answer.status} with no JSON",))
    if not sent.signed:
        return _ruled(Expected(BAD_SIGNATURE), answer.status, told)
    try:
        if sent.said is None:
            raise json_text.NotJson("cannot be unpacked")
        value = json_text.read(sent.said)
    except json_text.NotJson:
        return _ruled(Expected(NOT_JSON), answer.status, told)
    if not isinstance(value, list):
        return _ruled(_expected(value, sync=sync), answer.status, told)
    if not 0 < len(value) <= MOST_CALLS:
        return _ruled(Expected(NO_REQUEST, ("",)), answer.status, told)
    return _judge_batch(value, answer.status, told, sync=sync)


def _judge_batch(calls: Sequence[Any], status: int, told: Any, *, sync: bool) -> Ruling:
    if status != 200 or not isinstance(told, list) or len(told) != len(calls):
        return Ruling(
            "batch", taken=True, findings=(f"a batch of {len(calls)} was answered {status} {told!r:.200}",)
        )
    each = [_ruled(_expected(call, sync=sync), None, one) for call, one in zip(calls, told, strict=True)]
    found = tuple(finding for ruling in each for finding in ruling.findings)
    return Ruling("batch", any(ruling.taken for ruling in each), found)


def _expected(call: Any, *, sync: bool) -> Expected:
    if not isinstance(call, dict):
        return Expected(NO_REQUEST, ("",))
    raw_id = call.get("id")
    if not _is_id(raw_id):
        return Expected(NO_REQUEST, ("id",))
    raw_id = int(raw_id) if isinstance(raw_id, Decimal) else raw_id
    method, params = call.get("method"), call.get("params")
    for name, fits in (("jsonrpc", _is_version(call.get("jsonrpc"))), ("method", _is_method(method))):
        if not fits:
            return Expected(NO_REQUEST, (name,), raw_id=raw_id)
    if not isinstance(params, dict) and params not in (None, []):
        return Expected(BAD_PARAMS, ("params",), raw_id=raw_id)
    if method not in TOPICS:
        return Expected(UNKNOWN, raw_id=raw_id)
    found = wrong_params(method, params or {})
    code, fields = _blame(found)
    patterns = (*TOPICS[method].together, *(TOPICS[method].here if sync else ()))
    return Expected(BAD_PARAMS if code else 0, fields, patterns, raw_id)


def _is_id(value: Any) -> bool:
    if value is None or isinstance(value, str):
        return value is None or (len(value) <= LONGEST and "\0" not in value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or Decimal(value).adjusted() > 20:
        return False
    return value == int(value) and -BIG < value < BIG


def _is_method(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST and "\0" not in value


def _is_version(value: Any) -> bool:
    return value is None or value == "2.0" or (not isinstance(value, bool) and value == 2)


def _blame(found: Iterable[Wrong]) -> tuple[bool, tuple[str, ...]]:
    found = list(found)
    return any(one.surely for one in found), tuple(one.path for one in found)


def _ruled(expected: Expected, status: int | None, told: Any) -> Ruling:
    """The ruling on one call's answer; `status` is None in a batch."""
    findings = list(_malformed(told))
    if findings:
        return Ruling("malformed", taken=True, findings=tuple(findings))
    error = told.get("error")
    code = 0 if error is None else error["code"]
    if told["id"] != expected.raw_id:
        findings.append(f"the id {expected.raw_id!r:.80} came back as {told['id']!r:.80}")
    if status is not None and status != HTTP.get(code, 200):
        findings.append(f"code {code} came with HTTP {status}")
    findings.extend(_misjudged(expected, code, error))
    return Ruling("taken" if not code else str(code), taken=not code, findings=tuple(findings))


def _misjudged(expected: Expected, code: int, error: Any) -> Iterator[str]:
    if expected.code and code != expected.code:
        yield f"code {expected.code} for {expected.fields[:5]} was due, and it was {code} {error!r:.300}"
    elif code in (BAD_PARAMS, NO_REQUEST):
        data = error.get("data") or {}
        if not isinstance(data.get("field"), str) or not data.get("expected"):
            yield f"refused without naming a field: {error!r:.300}"
        elif not is_to_blame(data["field"], expected):
            yield f"refused for {data['field']!r}, and not for one of {expected.fields[:5]}: {error!r:.300}"
    elif code and not expected.code:
        yield f"nothing is wrong with it, and it was answered {error!r:.300}"


def is_to_blame(field: str, expected: Expected) -> bool:
    """Whether a field that was named is one that may be."""
    # What is wrong with fields together may be met first.
    if any(re.fullmatch(pattern, field) for pattern in expected.patterns):
        return True
    return any(field == path or field.startswith((f"{path}[", f"{path}.")) for path in expected.fields)


def _malformed(told: Any) -> Iterator[str]:
    if not isinstance(told, dict) or told.get("jsonrpc") != "2.0" or "id" not in told:
        yield f"not JSON-RPC: {told!r:.200}"
    elif ("result" in told) == ("error" in told):
        yield f"neither a result nor an error, or both: {told!r:.200}"
    elif "error" in told and not (
        isinstance(told["error"].get("code"), int) and told["error"].get("message")
    ):
        yield f"an error without code or message: {told!r:.200}"
    elif "error" not in told and told["result"] is not True:
        yield f"the result is {told['result']!r:.200}"


def judge_order(sent: Sent, answer: Answer) -> Ruling:
    """The ruling on an answer to an order handed in."""
    try:
        told = json.loads(answer.body, parse_float=Decimal)
    except ValueError:
        return Ruling("no JSON", taken=False, findings=(f"answered {answer.status} with no JSON",))
    try:
        if sent.said is None:
            raise json_text.NotJson("cannot be unpacked")
        value = json_text.read(sent.said)
    except json_text.NotJson:
        right = answer.status == 400 and told.get("error", {}).get("code") == "not_json"
        return Ruling(
            "not JSON", taken=False, findings=() if right else (f"no JSON was answered {told!r:.300}",)
        )
    if not isinstance(value, dict) or "items" not in value or ORDER_MARKS & value.keys():
        return _judge_one(value, answer.status, told)
    items = value["items"]
    if not isinstance(items, list) or not 0 < len(items) <= MOST_ORDERS:
        right = answer.status == 422 and told.get("error", {}).get("field") == "items"
        return Ruling(
            "422", taken=False, findings=() if right else (f"no orders were answered {told!r:.300}",)
        )
    if not isinstance(told.get("items"), list) or len(told["items"]) != len(items):
        return Ruling("list", taken=True, findings=(f"{len(items)} orders were answered {told!r:.300}",))
    each = [
        _judge_one(item, 422 if "error" in one else 202, one, f"items[{place}].")
        for place, (item, one) in enumerate(zip(items, told["items"], strict=True))
    ]
    taken = any(ruling.taken for ruling in each)
    found = [finding for ruling in each for finding in ruling.findings]
    if answer.status != (202 if taken else 422):
        found.append(f"a list of orders was answered {answer.status}")
    return Ruling("list", taken, tuple(found))


def _judge_one(value: Any, status: int, told: Any, within: str = "") -> Ruling:
    due, fields = _blame(wrong_order(value))
    error = told.get("error") if isinstance(told, dict) else None
    if status == 202 and error is None:
        findings = [f"taken though {fields[:5]} do not fit"] if due else []
        if not told.get("order") or not told.get("export"):
            findings.append(f"taken without saying what became of it: {told!r:.300}")
        return Ruling("taken", taken=True, findings=tuple(findings))
    if status != 422 or not isinstance(error, dict) or not error.get("message"):
        return Ruling(str(status), taken=status < 300, findings=(f"answered {status} {told!r:.300}",))
    field = f"{error.get('field', '')}.".removeprefix(within).removesuffix(".")
    expected = Expected(BAD_PARAMS if due else 0, fields, TOGETHER)
    if is_to_blame(field, expected) and (not field or field in error["message"]):
        return Ruling("422", taken=False)
    return Ruling(
        "422", taken=False, findings=(f"refused for {field!r}, not for one of {fields[:5]}: {error!r:.300}",)
    )
