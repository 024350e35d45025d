"""Every topic of the OMS, every field of its tables: what is read, what may be missing (protocol)."""

import copy
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest

from tests.unit.oms.dialects import DIALECTS, rewritten
from tests.unit.oms.messages import TOPICS
from webapp.domain.refusals import Refused
from webapp.oms.topics import (
    aggregate_created,
    aggregate_deleted,
    aggregate_updated,
    customer_shipment_done,
    line_cancelled,
    lines_shipped,
    order_created,
    order_reported,
    order_updated,
    refund_reported,
    refund_updated,
    return_received,
    return_reported,
    return_updated,
    stock_updated,
)
from webapp.sandbox import fields

PLAIN: dict[str, Any] = {
    "integer": 1,
    "float": Decimal("1.25"),
    "boolean": False,
    "datetime": "2030-01-31T12:00:00+00:00",
    "date": "2030-01-31",
}
# Texts that say something a reader has to understand.
TOLD = {
    "refund_type": "return",
    "order_line": "1",
    "code": "RELEASED",
    **dict.fromkeys(("cost_gross", "cost_net", "cost_vat", "vat_rate", "amount", "rate"), "1.25"),
}
ORDER = {"order", "order.id"}
ORDER_AND_LINES = ORDER | {"order.lines.0.line_number"}
REFUND = {"refund", "refund.order_id", "refund.status", "refund.status.code"}
RELEASED = REFUND | {
    "refund.lines",
    "refund.lines.0.order_line",
    "refund.lines.0.payments",
    "refund.lines.0.payments.0.details",
    "refund.lines.0.payments.0.details.cost_gross",
}
RECEIVED = {"return", "return.order_id", "return.lines.0.line_number"}
RETURN = RECEIVED | {"return.status.code"}
# What the effect of a topic cannot do without, of all that the tables know.
REQUIRED: dict[ModuleType, set[str]] = {
    order_created: ORDER,
    order_updated: ORDER_AND_LINES,
    order_reported: ORDER_AND_LINES,
    line_cancelled: {"order_id", "order_line_id"},
    customer_shipment_done: {"shipment", "shipment.order_id", "shipment.items.0.order_line_number"},
    lines_shipped: {"items.0.order_line_number"},
    refund_updated: RELEASED,
    refund_reported: RELEASED,
    return_updated: RETURN,
    return_reported: RETURN,
    return_received: RECEIVED,
    stock_updated: {f"snapshot{of}" for of in ("", ".aggregate_id", ".mode", ".stock", ".stock.0.sku")},
    aggregate_created: {"aggregate", "aggregate.id"},
    aggregate_updated: {"aggregate", "aggregate.id"},
    aggregate_deleted: {"aggregate_id"},
}
EVERY_TOPIC = [pytest.param(module, id=module.__name__.rpartition(".")[2]) for module in TOPICS]


def whole(topic: str) -> dict[str, Any]:
    """A message with every field of its tables."""
    return {name: filled(name, field.type) for name, field in fields.methods()[topic].arguments.items()}


def filled(name: str, kind: str) -> Any:
    if wrapped := re.fullmatch(r"(array|map)\[(.+)\]", kind):
        inner = filled(name, wrapped[2])
        return [inner] if wrapped[1] == "array" else {"any": inner}
    if kind in fields.enums():
        return fields.enums()[kind][0]
    if kind in fields.types():
        return {name: filled(name, field.type) for name, field in fields.types()[kind].items()}
    return TOLD.get(name, f"a {name}") if kind == "string" else PLAIN[kind]


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where each field stands."""
    for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(value, dict):
            yield (*path, name)
        if isinstance(inner, dict | list):
            yield from paths(inner, (*path, name))


def without(message: dict[str, Any], path: tuple[Any, ...]) -> dict[str, Any]:
    told = copy.deepcopy(message)
    del at(told, path[:-1])[path[-1]]
    return told


def shown(path: tuple[Any, ...]) -> str:
    """As a refusal names it: `order.lines[0].id`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def refusal_of(module: ModuleType, message: dict[str, Any]) -> Refused | None:
    try:
        module.read(message)
    except Refused as refusal:
        return refusal
    return None


def test_every_topic_of_the_tables_has_its_reader() -> None:
    events = {name for name, method in fields.methods().items() if method.kind == "event"}
    assert events - {"magento.catalog.product_management.updated"} == {one.TOPIC for one in TOPICS}
    assert TOPICS.keys() == REQUIRED.keys()


@pytest.mark.parametrize(("name", "leaf"), DIALECTS)
@pytest.mark.parametrize("topic", EVERY_TOPIC)
def test_a_message_with_every_field_says_the_same_in_each_dialect(
    topic: ModuleType, name: Callable[[str], str], leaf: Callable[[Any], Any]
) -> None:
    message = whole(topic.TOPIC)
    assert topic.read(rewritten(message, name, leaf)) == topic.read(message)


@pytest.mark.parametrize("topic", EVERY_TOPIC)
def test_only_what_an_effect_needs_is_required(topic: ModuleType) -> None:
    message = whole(topic.TOPIC)
    found = {".".join(map(str, path)) for path in paths(message) if refusal_of(topic, without(message, path))}
    assert found == REQUIRED[topic]


@pytest.mark.parametrize("nothing", [None, "", [], {}])
@pytest.mark.parametrize("topic", EVERY_TOPIC)
def test_what_may_be_missing_may_be_empty_however_that_is_written(topic: ModuleType, nothing: object) -> None:
    message = whole(topic.TOPIC)
    for path in paths(message):
        if ".".join(map(str, path)) in REQUIRED[topic]:
            continue
        kind = type(at(message, path))
        if nothing in (None, "") or kind in (dict, list):
            assert refusal_of(topic, put(message, path, nothing)) is None, shown(path)


@pytest.mark.parametrize("wrong", [{"x": 1}, [[1]], True, "\0", Decimal("1E+300"), 10**40, Decimal("-1.5")])
@pytest.mark.parametrize("topic", EVERY_TOPIC)
def test_whatever_is_wrong_is_named_by_its_path(topic: ModuleType, wrong: object) -> None:
    message = whole(topic.TOPIC)
    for path in paths(message):
        refusal = refusal_of(topic, put(message, path, wrong))
        assert refusal is None or refusal.field.startswith(shown(path)), (str(refusal), path)


def test_only_a_released_refund_has_to_say_of_what_and_how_much() -> None:
    for topic in (refund_updated, refund_reported):
        message = put(whole(topic.TOPIC), ("refund", "status", "code"), "PendingRelease")
        assert topic.read(without(message, ("refund", "lines"))).lines == ()
        assert topic.read(without(message, ("refund", "lines", 0, "payments"))).lines[0].gross == 0


def test_only_a_return_without_a_number_has_to_name_its_lines() -> None:
    for topic in (return_updated, return_reported, return_received):
        bare = without(whole(topic.TOPIC), ("return", "lines"))
        assert topic.read(bare).lines == ()
        assert refusal_of(topic, without(bare, ("return", "rma"))) is not None


def at(message: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        message = message[step]
    return message


def put(message: dict[str, Any], path: tuple[Any, ...], value: object) -> dict[str, Any]:
    told = copy.deepcopy(message)
    at(told, path[:-1])[path[-1]] = value
    return told
