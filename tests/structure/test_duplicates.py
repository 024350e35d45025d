"""Nothing is written twice: no run of twelve like lines in two places."""

import ast
import io
import tokenize
from collections import defaultdict
from collections.abc import Iterable, Iterator

from tests.structure.sources import Source, python

RUN = 12
# What a migration once did stays as it was written.
FROZEN = "migrations/versions/"


def code_lines(source: Source) -> list[tuple[int, str]]:
    """The lines with code, numbered, as their tokens: no comments, no blank lines, no indentation."""
    lines: dict[int, list[str]] = defaultdict(list)
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        if (
            token.type not in (tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT)
            and token.string.strip()
        ):
            lines[token.start[0]].append(token.string)
    return [(number, " ".join(tokens)) for number, tokens in sorted(lines.items())]


def duplicates(sources: Iterable[Source]) -> list[str]:
    """Places where a run of lines begins that was seen before, and where; each run told once."""
    seen: dict[tuple[str, ...], tuple[str, int, int]] = {}
    found: list[str] = []
    for source in sources:
        last_told = -RUN
        for place, number, run in _runs(source):
            first = seen.setdefault(run, (source.path, number, place))
            overlaps = first[0] == source.path and place - first[2] < RUN
            if first != (source.path, number, place) and not overlaps and place - last_told >= RUN:
                found.append(f"{source.path}:{number} is like {first[0]}:{first[1]}")
                last_told = place
    return found


def _runs(source: Source) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    imports = {
        number
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    lines = [line for line in code_lines(source) if line[0] not in imports]
    for place in range(len(lines) - RUN + 1):
        yield place, lines[place][0], tuple(text for _, text in lines[place : place + RUN])


def test_nothing_is_written_twice() -> None:
    found = duplicates(source for source in python() if not source.path.startswith(FROZEN))
    assert not found, "\n".join(found)


def test_a_copied_block_is_found_whatever_its_indentation_and_comments() -> None:
    block = [f"value_{number} = compute({number})" for number in range(RUN)]
    first = Source("first.py", "\n".join(block) + "\n")
    second = Source("second.py", "def copied():\n" + "\n".join(f"    {line}  # again\n" for line in block))

    assert duplicates([first, second]) == ["second.py:2 is like first.py:1"]


def test_shorter_runs_are_no_duplicates() -> None:
    block = "".join(f"value_{number} = compute({number})\n" for number in range(RUN - 1))

    found = duplicates([Source("first.py", block), Source("second.py", block)])
    assert not found, "\n".join(found)


def test_like_imports_are_no_duplicates() -> None:
    block = "from words import (\n" + "".join(f"    word_{number},\n" for number in range(RUN)) + ")\n"

    assert duplicates([Source("first.py", block), Source("second.py", block)]) == []
