"""Times as people say them, exact where it counts; always in UTC."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from webapp.pages.words.times import duration, exact, iso, relative

NOW = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(0), "now"),
        (timedelta(seconds=4), "4 s ago"),
        (timedelta(seconds=59), "59 s ago"),
        (timedelta(seconds=60), "1 min ago"),
        (timedelta(minutes=59, seconds=59), "59 min ago"),
        (timedelta(hours=47, minutes=59), "47 h ago"),
        (timedelta(hours=48), "2 days ago"),
        (timedelta(days=13, hours=23), "13 days ago"),
        (timedelta(days=14), "1 Jul 2026"),
        (timedelta(seconds=-20), "in 20 s"),
        (timedelta(minutes=-5), "in 5 min"),
        (timedelta(days=-20), "4 Aug 2026"),
    ],
)
def test_relative(before: timedelta, words: str) -> None:
    assert relative(NOW - before, NOW) == words


def test_another_zone_is_shown_in_utc() -> None:
    berlin = datetime(2026, 7, 2, 1, 3, 22, 500_000, tzinfo=timezone(timedelta(hours=2)))
    assert exact(berlin) == "1 Jul 2026, 23:03:22 UTC"
    assert iso(berlin) == "2026-07-01T23:03:22.500Z"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0854, "85 ms"),
        (1.24, "1.2 s"),
        (15, "15 s"),
        (59.6, "1 min"),
        (125, "2 min 5 s"),
        (7500, "2 h 5 min"),
        (86_400, "24 h"),
        (200_000, "2 days 7 h"),
        (-3, "0 ms"),
    ],
)
def test_duration(seconds: float, words: str) -> None:
    assert duration(timedelta(seconds=seconds)) == words
