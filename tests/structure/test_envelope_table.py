"""docs/envelope.md names for each of its rows the tests that prove it; they are all there."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.structure.sources import ROOT

TABLE = ROOT / "docs" / "envelope.md"
NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")


def rows(document: str) -> Iterator[str]:
    """The rows of its tables, without their heads."""
    for line in document.splitlines():
        if line.startswith("| ") and not line.startswith("| | "):
            yield line


def unproved(document: str) -> list[str]:
    """Rows that name no test."""
    return [row.split("|")[1].strip() for row in rows(document) if not NAMED.search(row)]


def not_there(document: str) -> list[str]:
    """Tests it names that there are none of."""
    return [f"{path}::{name}" for path, name in NAMED.findall(document) if name not in known_in(path)]


def known_in(path: str) -> set[str]:
    """The tests of a file, by its path from `tests/`."""
    file = ROOT / "tests" / path
    if not file.is_file():
        return set()
    tree = ast.parse(file.read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_row_is_proved_by_tests_there_are() -> None:
    document = TABLE.read_text("utf-8")
    assert len(list(rows(document))) > 40
    assert unproved(document) == []
    assert not_there(document) == []


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("| x | y | `unit/oms/test_envelope.py::test_request_with_jsonrpc` |", ([], [])),
        ("| x | y | `unit/oms/test_envelope.py` |", (["x"], [])),
        ("| x | y | `unit/no_such.py::test_a` |", ([], ["unit/no_such.py::test_a"])),
        (
            "| x | y | `unit/oms/test_envelope.py::test_gone` |",
            ([], ["unit/oms/test_envelope.py::test_gone"]),
        ),
    ],
)
def test_what_is_wrong_with_a_row_is_found(row: str, found: tuple[list[str], list[str]]) -> None:
    assert (unproved(row), not_there(row)) == found
