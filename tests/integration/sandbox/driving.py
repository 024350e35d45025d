"""Driving one order by the sandbox's controls, and hearing what it tells of it."""

from collections.abc import Callable
from typing import Any

from tests.integration.sandbox.listening_connector import ListeningConnector
from webapp.sandbox import strictness, wire

Control = Callable[..., Any]


def told_of(connector: ListeningConnector, method: str, count: int = 1) -> list[Any]:
    """What the first callbacks of a topic are about, each checked against the field tables."""
    heard = connector.wait_for_taken(count, method)
    for each in heard:
        strictness.check_params(each.call["method"], wire.read(each.body)["params"])
    return [next(iter(each.params.values())) for each in heard]
