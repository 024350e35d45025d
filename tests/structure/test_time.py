"""One clock: times come from webapp/clock.py, so that tests can move it (house rule 8)."""

import ast
from collections.abc import Iterable

import pytest

from tests.structure.sources import Source, python

CLOCK = "webapp/clock.py"
# An app of its own, which imports nothing of ours, has its own.
OTHER_CLOCKS = "webapp/sandbox/"
ASKING = {
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "datetime.utcfromtimestamp"),
    *("time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.sleep"),
    *("func.now", "func.current_timestamp"),
}


def other_clocks(sources: Iterable[Source]) -> list[str]:
    """Where the time is asked for behind the clock's back, or waited for."""
    return [
        f"{source.path}:{node.lineno} {asked}"
        for source in sources
        if source.path != CLOCK and not source.path.startswith(OTHER_CLOCKS)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and (asked := _last_two(node)) in ASKING
    ]


def _last_two(node: ast.Attribute) -> str:
    before = node.value
    owner = (
        before.attr
        if isinstance(before, ast.Attribute)
        else before.id
        if isinstance(before, ast.Name)
        else ""
    )
    return f"{owner}.{node.attr}"


def test_only_the_clock_asks_for_the_time() -> None:
    found = other_clocks(python("webapp", "workers"))
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "code",
    ["datetime.now(UTC)", "datetime.datetime.utcnow()", "time.time()", "date.today()", "default=func.now()"],
)
def test_another_clock_is_found(code: str) -> None:
    found = other_clocks([Source("webapp/flows/a.py", code)])

    assert len(found) == 1
    assert found[0].startswith("webapp/flows/a.py:1 ")
