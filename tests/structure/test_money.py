"""Money is Decimal, and whole units in the database: a float anywhere near it loses cents."""

import ast
from collections.abc import Iterable

import pytest

from tests.structure.sources import Source, python

BINARY_COLUMNS = {
    "Float",
    "FLOAT",
    "REAL",
    "Double",
    "DOUBLE",
    "DOUBLE_PRECISION",
    "Numeric",
    "NUMERIC",
    "DECIMAL",
}


# Floats that are seconds, where a millionth more or less is nobody's money.
SECONDS = {"webapp/domain/retry_schedule.py", "webapp/domain/outcome.py", "webapp/domain/refusals.py"}
SECONDS_COLUMNS = {"window_left"}


def floats(sources: Iterable[Source]) -> list[str]:
    """Where a float is made, written or named as a type."""
    return [
        f"{source.path}:{node.lineno}"
        for source in sources
        for node in ast.walk(source.tree)
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id == "float")
    ]


def binary_columns(sources: Iterable[Source]) -> list[str]:
    """Where a column type is used that SQLite keeps as a float, and so any database might."""
    return [
        f"{source.path}:{node.lineno} {name}"
        for source in sources
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Name | ast.Attribute)
        and (name := node.id if isinstance(node, ast.Name) else node.attr) in BINARY_COLUMNS
        and not any(column in source.text.splitlines()[node.lineno - 1] for column in SECONDS_COLUMNS)
    ]


def test_money_knows_no_float_in_the_domain_and_on_the_wire() -> None:
    sources = python("webapp/domain", "webapp/oms/topics")
    found = floats(source for source in sources if source.path not in SECONDS)
    assert not found, "\n".join(found)


def test_no_column_is_a_float() -> None:
    found = binary_columns(python("webapp/models", "migrations"))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("code", ["x = 0.5", "x = float(y)", "def f(x: float): ...", "isinstance(x, float)"])
def test_a_float_is_found(code: str) -> None:
    assert floats([Source("a.py", code)]) == ["a.py:1"]


@pytest.mark.parametrize("code", ["c = mapped_column(Numeric(12, 4))", "c = sa.Column(sa.Float())"])
def test_a_float_column_is_found(code: str) -> None:
    assert len(binary_columns([Source("a.py", code)])) == 1
