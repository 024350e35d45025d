"""A message's state is changed in one place (house rule 3), and the table of changes holds together."""

import ast
from collections.abc import Iterable

import pytest

from tests.structure.sources import Source, python
from webapp.domain.states import MessageStatus
from webapp.messaging.settlement import OPEN, TRANSITIONS

# Where a message is born, taken, and changed.
ALLOWED = {"webapp/messaging/journal.py", "webapp/messaging/claims.py", "webapp/messaging/settlement.py"}
ENUM = MessageStatus.__name__


def _is_state(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == ENUM


def _set_in(node: ast.AST) -> bool:
    """Whether this sets a status to one of a message's states."""
    if isinstance(node, ast.keyword):
        return node.arg == "status" and _is_state(node.value)
    if isinstance(node, ast.Dict):
        named = zip(node.keys, node.values, strict=True)
        return any(
            isinstance(key, ast.Constant) and key.value == "status" and _is_state(value)
            for key, value in named
        )
    if isinstance(node, ast.Assign):
        targets = [one for one in node.targets if isinstance(one, ast.Attribute) and one.attr == "status"]
        return bool(targets) and _is_state(node.value)
    return False


def states_set(sources: Iterable[Source]) -> list[str]:
    """Where a message's state is set that it must not be."""
    return [
        source.path
        for source in sources
        if source.path not in ALLOWED and any(_set_in(node) for node in ast.walk(source.tree))
    ]


def test_a_messages_state_is_set_in_one_place() -> None:
    assert states_set(python("webapp", "workers")) == []


@pytest.mark.parametrize(
    "code",
    [
        "update(Message).values(status=MessageStatus.FAILED)",
        "message.status = MessageStatus.FAILED",
        "rows = [{'id': 1, 'status': MessageStatus.FAILED}]",
    ],
)
def test_setting_it_elsewhere_is_found(code: str) -> None:
    assert states_set([Source("webapp/flows/some_flow.py", code)]) == ["webapp/flows/some_flow.py"]


def test_every_state_is_in_the_table_and_can_be_left_or_is_an_end() -> None:
    assert set(TRANSITIONS) == set(MessageStatus)
    reached = {MessageStatus.PENDING}
    while more := {after for one in reached for after in TRANSITIONS[one]} - reached:
        reached |= more
    assert reached == set(MessageStatus)
    assert all(TRANSITIONS[state] for state in OPEN)
    assert [state for state in MessageStatus if not TRANSITIONS[state]] == [MessageStatus.SUPERSEDED]
