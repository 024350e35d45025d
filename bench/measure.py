"""What every measure gives: one row of the table."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A measure's number in the goals, what was compared, the ratio, its goal, and whether it is met."""

    number: str
    compared: str
    ratio: float
    goal: str
    met: bool

    def __str__(self) -> str:
        met = "ok" if self.met else "missed"
        return f"{self.number:<4} {self.compared:<86} {self.ratio:>7.2f}  {self.goal:<8} {met}"


@contextmanager
def timed() -> Iterator[Callable[[], float]]:
    """Within the block time runs; the function given says how many seconds it took, or has taken so far."""
    began = time.perf_counter()
    ended: list[float] = []
    yield lambda: (ended[0] if ended else time.perf_counter()) - began
    ended.append(time.perf_counter())


def best_of(times: int, seconds: Callable[[], float]) -> float:
    """The least disturbed of several runs."""
    return min(seconds() for _ in range(times))
