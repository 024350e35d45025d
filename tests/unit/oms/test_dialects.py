"""Every topic in every dialect is read into the same (protocol: Envelope; numbers, dates, names, missing)."""

import copy
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.oms import messages
from tests.unit.oms.dialects import DIALECTS, as_is, camel, rewritten
from webapp.domain.refusals import Refused
from webapp.oms.dates import read_time
from webapp.oms.topics import (
    customer_shipment_done,
    order_created,
    order_updated,
    refund_updated,
    return_updated,
    stock_updated,
)

Params = dict[str, Any]
EVERY_TOPIC = [pytest.param(module, id=module.__name__.rpartition(".")[2]) for module in messages.TOPICS]


@pytest.mark.parametrize(("name", "leaf"), DIALECTS)
@pytest.mark.parametrize("topic", EVERY_TOPIC)
def test_a_dialect_says_the_same(
    topic: ModuleType, name: Callable[[str], str], leaf: Callable[[Any], Any]
) -> None:
    documented = messages.TOPICS[topic]()
    assert topic.read(rewritten(documented, name, leaf)) == topic.read(documented)


@pytest.mark.parametrize("topic", EVERY_TOPIC)
def test_unknown_fields_are_ignored(topic: ModuleType) -> None:
    documented = messages.TOPICS[topic]()
    more = rewritten(documented, as_is, as_is)
    more["extra"] = {"deep": [1]}
    for inner in more.values():
        if isinstance(inner, dict):
            inner["another_extra"] = 1
    assert topic.read(more) == topic.read(documented)


@pytest.mark.parametrize("topic", EVERY_TOPIC)
def test_the_documented_name_wins_over_another_spelling_of_it(topic: ModuleType) -> None:
    documented = messages.TOPICS[topic]()

    def both(value: Any) -> Any:
        if isinstance(value, dict):
            return {camel(key): "nonsense" for key in value} | {
                key: both(inner) for key, inner in value.items()
            }
        return [both(inner) for inner in value] if isinstance(value, list) else value

    assert topic.read(both(documented)) == topic.read(documented)


def changed(params: Params, path: str, value: Any) -> Params:
    told = copy.deepcopy(params)
    inner: Any = told
    *way, last = [int(step) if step.isdigit() else step for step in re.findall(r"[^.\[\]]+", path)]
    for step in way:
        inner = inner[step]
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    return told


def test_shipment_id_misspelt() -> None:
    told = messages.shipment()
    told["shipment"]["shimpent_id"] = told["shipment"].pop("shipment_id")
    assert customer_shipment_done.read(told).shipment_id == "S1"


@pytest.mark.parametrize(
    "left_out",
    ["client", "store_id", "credit_note_date", "lines[0].reason_description", "user", "refund_type"],
)
def test_what_no_effect_needs_may_be_missing_from_a_refund(left_out: str) -> None:
    told = messages.refund()
    if left_out in told["refund"] or "[" in left_out:
        told = changed(told, f"refund.{left_out}", None)
    assert refund_updated.read(told).order_number == "000000042"


@pytest.mark.parametrize("left_out", ["lines[0].condition", "source_id", "user", "status", "rma"])
def test_what_no_effect_needs_may_be_missing_from_a_return(left_out: str) -> None:
    assert return_updated.read(changed(messages.return_(), f"return.{left_out}", None)).order_number


@pytest.mark.parametrize("left_out", ["store_id", "source_id", "method", "shipment_date", "packages"])
def test_what_no_effect_needs_may_be_missing_from_a_shipment(left_out: str) -> None:
    told = customer_shipment_done.read(changed(messages.shipment(), f"shipment.{left_out}", None))
    assert [number for parcel in told.parcels for number in parcel.line_numbers]


@pytest.mark.parametrize(
    ("topic", "path", "value", "complaint"),
    [
        (order_created, "order", None, "order: expected an object, got nothing"),
        (order_created, "order", "x", 'order: expected an object, got "x"'),
        (order_created, "order.id", None, "order.id: expected a text, got nothing"),
        (order_created, "order.id", "", 'order.id: expected a text that is not empty, got ""'),
        (order_created, "order.id", True, "order.id: expected a text, got true"),
        (
            order_created,
            "order.id",
            "a\0",
            'order.id: expected a text without NUL characters, got "a\\u0000"',
        ),
        (
            order_created,
            "order.id",
            "x" * 5000,
            f'order.id: expected at most 255 characters in a text, got "{"x" * 59}…"',
        ),
        (
            order_updated,
            "order.lines[1].line_number",
            "1,5",
            'order.lines[1].line_number: expected a whole number, got "1,5"',
        ),
        (
            order_updated,
            "order.lines[1].line_number",
            Decimal("1.5"),
            "order.lines[1].line_number: expected a whole number, got 1.5",
        ),
        (
            order_updated,
            "order.lines[1].line_number",
            0,
            "order.lines[1].line_number: expected a whole number of at least 1, got 0",
        ),
        (
            order_updated,
            "order.lines[0].line_number",
            None,
            "order.lines[0].line_number: expected a whole number, got nothing",
        ),
        (order_updated, "order.lines", "x", 'order.lines: expected a list, got "x"'),
        (order_updated, "order.lines[0]", 5, "order.lines[0]: expected an object, got 5"),
        (
            order_updated,
            "order.status_date",
            "31.1.2030",
            "order.status_date: expected a date and time with its offset (2030-01-31T15:04:05+00:00), "
            'got "31.1.2030"',
        ),
        (
            refund_updated,
            "refund.lines[0].payments[0].details.cost_gross",
            "5,0",
            'refund.lines[0].payments[0].details.cost_gross: expected a number, got "5,0"',
        ),
        (
            refund_updated,
            "refund.lines[0].payments[0].details.cost_gross",
            "NaN",
            'refund.lines[0].payments[0].details.cost_gross: expected a number, got "NaN"',
        ),
        (
            refund_updated,
            "refund.lines[0].payments[0].details.cost_gross",
            "-1",
            'refund.lines[0].payments[0].details.cost_gross: expected an amount of at least 0, got "-1"',
        ),
        (
            refund_updated,
            "refund.refund_type",
            "gift",
            'refund.refund_type: expected return, cancellation or appeasement, got "GIFT"',
        ),
        (refund_updated, "refund.lines", [], "refund.lines: expected at least one line, got nothing"),
        (refund_updated, "refund.lines", {}, "refund.lines: expected at least one line, got nothing"),
        (stock_updated, "snapshot.mode", "ALL", 'snapshot.mode: expected FULL, NONZERO or DELTA, got "ALL"'),
        (stock_updated, "snapshot.stock", None, "snapshot.stock: expected a list, got nothing"),
        (stock_updated, "snapshot.stock", "x", 'snapshot.stock: expected a list, got "x"'),
        (stock_updated, "snapshot.stock[1].sku", None, "snapshot.stock[1].sku: expected a text, got nothing"),
        (
            stock_updated,
            "snapshot.stock[1].unlimited",
            "maybe",
            'snapshot.stock[1].unlimited: expected true or false, got "maybe"',
        ),
    ],
)
def test_what_cannot_be_read_names_the_field_and_what_came(
    topic: ModuleType, path: str, value: Any, complaint: str
) -> None:
    with pytest.raises(Refused) as caught:
        topic.read(changed(messages.TOPICS[topic](), path, value))
    assert str(caught.value) == complaint
    assert caught.value.field == complaint.partition(":")[0]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2030-01-31T12:00:00+02:00", (10, 0, 0, 0)),
        ("2030-01-31T12:00:00Z", (12, 0, 0, 0)),
        ("2030-01-31t12:00:00z", (12, 0, 0, 0)),
        ("2030-01-31T12:00:00.123456789Z", (12, 0, 0, 123456)),
        ("2030-01-31T12:00:00.5-01:30", (13, 30, 0, 500000)),
        ("2030-01-31 12:00:00+00:00", (12, 0, 0, 0)),
        ("2030-01-31 12:00:00-05:00", (17, 0, 0, 0)),
        ("2030-01-31 12:00:00", (12, 0, 0, 0)),
        ("2030-01-31T12:00:00", (12, 0, 0, 0)),
        ("2030-01-31T12:00:00+0200", (10, 0, 0, 0)),
        ("2030-01-31T12:00:00+02", (10, 0, 0, 0)),
        ("2030-01-31 12:00:00 +00:00", (12, 0, 0, 0)),
        ("2030-01-31T12:00Z", (12, 0, 0, 0)),
        ("2030-01-31T12:00:00.1234567890123456789Z", (12, 0, 0, 123456)),
        ("2030-01-31T23:59:59-00:00", (23, 59, 59, 0)),
        ("2030-01-31T22:59:60+00:00", (23, 0, 0, 0)),
        ("2030-01-31", (0, 0, 0, 0)),
    ],
)
def test_dates_of_all_kinds(written: str, meant: tuple[int, int, int, int]) -> None:
    read = read_time(written, "d")
    assert read == datetime(2030, 1, 31, *meant, tzinfo=UTC)
    assert read.tzinfo is UTC


@pytest.mark.parametrize(
    "written",
    [
        "",
        "now",
        "2030-02-30",
        "2030-13-01",
        "20300131",
        "2030-W05-4",
        "2030-01-31T25:00:00Z",
        "2030-01-31T12:00:61Z",
        "2030-01-31T12:60:00Z",
        "2030-01-31T12:00:00.Z",
        "2030-01-31T",
        "2030-01-31Z",
        "9999-12-31T23:59:60Z",
        "2030-01-31T12:00:00+99:00",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "\uff12030-01-31",
        "2030-01-31T12:00:00 Europe/Berlin",
        1700000000,
        True,
        [],
        "2030-01-31T12:00:00Z" * 100,
    ],
)
def test_what_is_no_date(written: object) -> None:
    with pytest.raises(Refused, match="d: expected a date and time with its offset"):
        read_time(written, "d")


@pytest.mark.parametrize("nothing", [None, "", "0001-01-01T00:00:00Z", "0000-00-00 00:00:00"])
def test_a_date_that_is_not_there_however_a_peer_writes_that(nothing: object) -> None:
    told = messages.order()
    told["order"]["status_date"] = nothing
    assert order_updated.read(told).status_date is None


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals()
    | st.text(max_size=5)
    | st.sampled_from(
        ["", "5", "5.0", "5,0", "NaN", "1e999999999", "\0", "x" * 300, -1, 2**31, 2**63, "2030-01-31"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def mutated(value: Any, draw: Callable[[st.SearchStrategy[Any]], Any]) -> Any:
    if draw(st.integers(0, 11)) == 0:
        return draw(JSON)
    if isinstance(value, dict):
        return {
            (camel(key) if draw(st.integers(0, 9)) == 0 else key): mutated(inner, draw)
            for key, inner in value.items()
            if draw(st.integers(0, 14)) != 0
        }
    return [mutated(inner, draw) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("topic", EVERY_TOPIC)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_params_raise_anything_but_a_refusal(topic: ModuleType, data: st.DataObject) -> None:
    params = mutated(messages.TOPICS[topic](), data.draw)
    with suppress(Refused):
        topic.read(params)
