"""One registry: each topic the OMS calls with has schema, lane, key and flow, and is what we subscribe to."""

import importlib
import inspect
import pkgutil
from types import ModuleType

import pytest
from sqlalchemy.orm import Session

from tests.unit.oms import messages
from webapp.domain.refusals import Refused
from webapp.flows import registry
from webapp.flows.registry import INCOMING, OUTGOING, Incoming, subscribed_topics
from webapp.messaging.bell import LANES, SWEEPS
from webapp.oms import topics
from webapp.oms.registration import REGISTER, UNREGISTER

ROWS = [pytest.param(row, id=topic.rpartition(".")[2]) for topic, row in INCOMING.items()]


def documented() -> dict[str, ModuleType]:
    """Every file of `oms/topics` by its topic."""
    found = (
        importlib.import_module(f"{topics.__name__}.{one.name}")
        for one in pkgutil.iter_modules(topics.__path__)
    )
    return {module.TOPIC: module for module in found if hasattr(module, "TOPIC")}


@pytest.mark.parametrize("row", ROWS)
def test_a_row_is_whole(row: Incoming) -> None:
    module = documented()[row.topic]
    assert row.read is module.read
    assert row.lane in LANES.keys() - {SWEEPS}
    assert list(inspect.signature(row.apply).parameters) == ["session", "told", "claimed"]
    content = row.read(messages.TOPICS[module]())
    kind, _, rest = row.key(Session(), content).partition(":")
    assert kind in ("order", "aggregate")
    assert rest
    with pytest.raises(Refused):
        row.read({})


def test_what_we_subscribe_to_is_what_is_applied() -> None:
    assert subscribed_topics() == sorted(INCOMING)
    assert all(topic == row.topic for topic, row in INCOMING.items())


def test_what_follows_an_outgoing_call_is_of_a_topic_we_send() -> None:
    writers = {topic for topic, module in documented().items() if hasattr(module, "write")}
    assert OUTGOING.keys() <= writers | {REGISTER, UNREGISTER}
    assert not OUTGOING.keys() & INCOMING.keys()


def test_an_order_is_known_by_its_key() -> None:
    assert registry.order_of("order:000000042") == "000000042"
    assert registry.order_of("aggregate:EU") is None
