"""The only place that asks what time it is; all times are aware UTC (house rule 8).

Tests move time with `running_at`, so that 48 hours pass in a second.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

Source = Callable[[], datetime]


def _system() -> datetime:
    return datetime.now(UTC)


_source: Source = _system


def now() -> datetime:
    """The current time, aware, in UTC."""
    return _source()


def monotonic() -> float:
    """Seconds that never go back; for durations and budgets, never stored."""
    return time.monotonic()


@contextmanager
def running_at(source: Source) -> Iterator[None]:
    """Within the block, `now()` asks `source` (for tests)."""
    global _source
    before, _source = _source, source
    try:
        yield
    finally:
        _source = before
