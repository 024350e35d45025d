"""Mutated messages and orders, read and nothing more: tens of thousands of them, in seconds (R5).

What is read is held against the tables: whatever a table says cannot be is refused by its field, and nothing
else is.
"""

import os
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from random import Random
from types import ModuleType
from typing import Any

import pytest

from tests.fuzz import json_text
from tests.fuzz.calls import make_order_call
from tests.fuzz.corpus import MESSAGES
from tests.fuzz.judge import BAD_PARAMS, Expected, is_to_blame
from tests.fuzz.mutations import mutate
from tests.fuzz.oms_tables import TOPICS, wrong_params
from tests.fuzz.order_tables import TOGETHER, wrong_order
from tests.fuzz.tables import Wrong
from tests.unit.oms import messages
from webapp.domain.refusals import Refused
from webapp.domain.unit_lines import break_down
from webapp.flows.registry import INCOMING
from webapp.oms.wire import WireError, decode
from webapp.store.magento_order import read_order

SEED = int(os.environ.get("FUZZ_SEED", "1"))
MESSAGES_READ, ORDERS_READ, OTHERS_READ = 12_000, 4_000, 400


def dice_of(what: str, place: int) -> Random:
    """The dice of one document."""
    return Random(f"{SEED}/{what}/{place}")  # noqa: S311 - dice, not secrets


def misread(
    read: Callable[[Any], object], document: Any, found: list[Wrong], together: tuple[str, ...]
) -> str:
    """What is wrong with how a document was read; "" where nothing is."""
    due = any(one.surely for one in found)
    expected = Expected(BAD_PARAMS if due else 0, tuple(one.path for one in found), together)
    try:
        read(document)
    except Refused as refused:
        if is_to_blame(refused.field, expected) and refused.expected:
            return ""
        return f"refused for {refused.field!r} and not for {expected.fields[:5]}: {refused}"
    return f"taken though {expected.fields[:5]} do not fit" if due else ""


def read_and_add_up(told: Any) -> None:
    """An order as it is taken in: read, and broken down into lines that add up."""
    break_down(read_order(told))


def told_and_meant(document: Any) -> Any:
    """What the connector reads from a document's bytes, and what they say; None where they are no JSON."""
    body = json_text.write(document).encode("utf-8", "surrogatepass")
    try:
        meant = json_text.read(body)
    except json_text.NotJson:
        with pytest.raises(WireError):
            decode(body)
        return None
    return decode(body), meant


def test_messages_are_read_as_their_tables_say() -> None:
    outcomes: Counter[str] = Counter()
    for place in range(MESSAGES_READ):
        dice = dice_of("message", place)
        topic = dice.choice([*MESSAGES])
        mutated = mutate(MESSAGES[topic]("000000042", dice), dice, respell=True)
        both = told_and_meant(mutated.document)
        if both is None or not all(isinstance(one, dict) for one in both):
            outcomes["no params"] += 1
            continue
        found = wrong_params(topic, both[1])
        outcomes["wrong" if found else "right"] += 1
        wrong = misread(INCOMING[topic].read, both[0], found, TOPICS[topic].together)
        assert not wrong, (SEED, place, topic, mutated.changes, wrong, both[1])
    assert min(outcomes["wrong"], outcomes["right"]) > MESSAGES_READ / 5, outcomes


def test_every_topic_that_is_taken_has_a_table_here() -> None:
    assert INCOMING.keys() == TOPICS.keys() == MESSAGES.keys()


def test_orders_are_read_as_their_table_says() -> None:
    outcomes: Counter[str] = Counter()
    for place in range(ORDERS_READ):
        sent = make_order_call("000000042", dice_of("order", place))
        try:
            meant = json_text.read(sent.said or b"")
        except json_text.NotJson:
            outcomes["no JSON"] += 1
            continue
        found = wrong_order(meant)
        outcomes["wrong" if found else "right"] += 1
        wrong = misread(read_and_add_up, decode(sent.said or b""), found, TOGETHER)
        assert not wrong, (SEED, place, sent.changes, wrong)
    assert min(outcomes["wrong"], outcomes["right"]) > ORDERS_READ / 10, outcomes


@pytest.mark.parametrize("topic", messages.TOPICS, ids=lambda module: module.__name__.rpartition(".")[2])
def test_whatever_is_told_of_any_topic_it_is_read_or_refused_by_name(topic: ModuleType) -> None:
    for place in range(OTHERS_READ):
        dice = dice_of(topic.__name__, place)
        mutated = mutate(messages.TOPICS[topic](), dice, respell=True)
        if (both := told_and_meant(mutated.document)) is None:
            continue
        with suppress(Refused):
            topic.read(both[0])
