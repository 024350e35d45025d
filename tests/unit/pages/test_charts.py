"""Charts are numbers: to scale, inside their box, and what is small is still seen."""

from webapp.pages.words.charts import HEIGHT, WIDTH, Slot, bar_chart, sparkline


def test_bars_are_to_scale_and_failures_stand_inside_them() -> None:
    chart = bar_chart([Slot("a", 100, 50), Slot("b", 50), Slot("c", 0)])
    whole, half, none = chart.bars
    assert whole.height == 2 * half.height == 2 * whole.failed_height
    assert none.height == none.failed_height == half.failed_height == 0
    assert (chart.peak, chart.total, chart.failed) == (100, 150, 50)
    assert all(bar.y + bar.height == HEIGHT for bar in chart.bars)
    assert whole.left == 0
    assert round(none.left + none.breadth) == WIDTH


def test_one_among_thousands_is_still_seen() -> None:
    chart = bar_chart([Slot("a", 10_000, 1), Slot("b", 1)])
    assert chart.bars[0].failed_height >= 2
    assert chart.bars[1].height >= 2


def test_nothing_draws_nothing() -> None:
    assert bar_chart([]).bars == ()
    assert bar_chart([Slot("a", 0)]).bars[0].height == 0
    assert sparkline([]) is sparkline([5]) is None


def test_a_line_runs_from_its_first_value_to_its_last() -> None:
    line = sparkline([0, 10, 5])
    assert line is not None
    assert line.line == "M0.0 26.0L60.0 2.0L120.0 14.0"
    assert line.area.endswith("L120 28L0 28Z")
