"""Files are named by their subject, functions by the trade's verbs."""

import ast
from collections.abc import Iterable
from pathlib import PurePath

import pytest

from tests.structure.sources import Source, python

# Names under which anything can be put, and nothing found.
NO_SUBJECT = {"utils", "util", "helpers", "helper", "common", "base", "manager", "managers", "misc"}
NO_VERB = ("process_", "handle_")
# Names that SQLAlchemy asks of a column type, and aiosmtpd of whoever takes mail in.
NOT_OURS = {"process_bind_param", "process_result_value", "handle_DATA"}


def vague_files(sources: Iterable[Source]) -> list[str]:
    """Modules and packages whose name says no subject."""
    return [
        source.path
        for source in sources
        if NO_SUBJECT
        & {part for piece in PurePath(source.path).with_suffix("").parts for part in piece.split("_")}
    ]


def vague_functions(sources: Iterable[Source]) -> list[str]:
    """Functions whose name says only that something is done."""
    return [
        f"{source.path}::{node.name}"
        for source in sources
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.lstrip("_").startswith(NO_VERB)
        and node.name not in NOT_OURS
    ]


def test_files_say_their_subject() -> None:
    found = vague_files(python())
    assert not found, "\n".join(found)


def test_functions_say_what_they_do() -> None:
    found = vague_functions(python())
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", ["webapp/utils.py", "webapp/oms/http_helpers.py", "tests/common/orders.py"])
def test_a_file_without_a_subject_is_found(path: str) -> None:
    assert vague_files([Source(path, "")]) == [path]


def test_a_function_without_a_verb_is_found() -> None:
    source = Source("a.py", "def apply_refund(): ...\ndef _handle_refund(): ...\n")

    assert vague_functions([source]) == ["a.py::_handle_refund"]
