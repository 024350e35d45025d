"""Charts as numbers for inline SVG: the server reckons every coordinate, since a strict CSP forbids style=.

Coordinates are in the chart's own units (a viewBox of WIDTH × HEIGHT, y from the top); the style sheet
gives it its size on the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 600, 96
SPARK_WIDTH, SPARK_HEIGHT = 120, 28
_GAP = 0.18
# A count of 1 beside 10,000 must still be seen.
_LEAST = 2.0


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A small line of values over time: `line` and `area` are path data."""

    line: str
    area: str


def sparkline(values: Sequence[int]) -> Sparkline | None:
    """The line of at least two values, oldest first; None for fewer. All 0 is a line along the bottom."""
    if len(values) < 2:
        return None
    top, bottom = 2.0, SPARK_HEIGHT - 2.0
    peak = max(*values, 1)
    step = SPARK_WIDTH / (len(values) - 1)
    points = [(i * step, bottom - (bottom - top) * value / peak) for i, value in enumerate(values)]
    line = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return Sparkline(line, f"{line}L{SPARK_WIDTH} {SPARK_HEIGHT}L0 {SPARK_HEIGHT}Z")


@dataclass(frozen=True, slots=True)
class Slot:
    """What one bar stands for: `label` says it in words; `href` filters by it, where it can."""

    label: str
    total: int
    failed: int = 0
    href: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: the failed part stands at the bottom; `left` and `breadth` are the whole slot's."""

    slot: Slot
    left: float
    breadth: float
    x: float
    width: float
    y: float
    height: float
    failed_y: float
    failed_height: float


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars oldest first; `peak` is the largest count, `total` and `failed` are over all of them."""

    bars: tuple[Bar, ...]
    peak: int
    total: int
    failed: int


def bar_chart(slots: Sequence[Slot]) -> BarChart:
    """Volume and failures over time, one bar a slot."""
    peak = max((slot.total for slot in slots), default=0)
    breadth = WIDTH / max(len(slots), 1)
    bars = tuple(_bar(slot, index * breadth, breadth, peak) for index, slot in enumerate(slots))
    return BarChart(bars, peak, sum(slot.total for slot in slots), sum(slot.failed for slot in slots))


def _bar(slot: Slot, left: float, breadth: float, peak: int) -> Bar:
    height = _tall(slot.total, peak)
    failed = min(_tall(slot.failed, peak), height)
    return Bar(
        slot=slot,
        left=round(left, 2),
        breadth=round(breadth, 2),
        x=round(left + breadth * _GAP / 2, 2),
        width=round(breadth * (1 - _GAP), 2),
        y=round(HEIGHT - height, 2),
        height=round(height, 2),
        failed_y=round(HEIGHT - failed, 2),
        failed_height=round(failed, 2),
    )


def _tall(number: int, peak: int) -> float:
    return max((HEIGHT - 4) * number / peak, _LEAST) if number else 0.0
