"""No file over 400 lines, no function over 40: each fits in a head and on a screen."""

import ast
from collections.abc import Iterable, Iterator

from tests.structure.sources import Source, python, written

MOST_LINES_A_FILE = 400
MOST_LINES_A_FUNCTION = 40


def long_files(sources: Iterable[Source]) -> list[str]:
    """Files with more lines than they may have."""
    counted = ((source.path, source.text.count("\n")) for source in sources)
    return [f"{path}: {lines} lines" for path, lines in counted if lines > MOST_LINES_A_FILE]


def long_functions(sources: Iterable[Source]) -> list[str]:
    """Functions longer than they may be, from `def` to their last line, docstring included."""
    return [
        f"{source.path}::{function.name}: {lines} lines"
        for source in sources
        for function in _functions(source.tree)
        if (lines := (function.end_lineno or 0) - function.lineno + 1) > MOST_LINES_A_FUNCTION
    ]


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_files_are_short() -> None:
    found = long_files(written())
    assert not found, "\n".join(found)


def test_functions_are_short() -> None:
    found = long_functions(python())
    assert not found, "\n".join(found)


def test_a_long_file_and_a_long_function_are_found() -> None:
    body = "    pass\n" * (MOST_LINES_A_FUNCTION - 1)
    short = Source("short.py", f"def fits():\n{body}")
    long = Source("long.py", f"def fits_not():\n{body}    pass\n" + "\n" * MOST_LINES_A_FILE)

    assert long_functions([short, long]) == ["long.py::fits_not: 41 lines"]
    assert long_files([short, long]) == ["long.py: 441 lines"]
