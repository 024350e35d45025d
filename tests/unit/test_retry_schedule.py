"""48 hours of tries, doubling from 10 s to 30 min, and one last attempt at their end (F05)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.retry_schedule import backoff, next_try

NOW = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)
JITTER = st.floats(min_value=0, max_value=1, exclude_max=True)
TRIES = st.integers(min_value=1, max_value=100_000)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_the_wait_doubles_from_ten_seconds_to_half_an_hour() -> None:
    waits = [backoff(tries, jitter=0.5) for tries in range(1, 12)]
    assert waits == [10, 20, 40, 80, 160, 320, 640, 1280, 1800, 1800, 1800]


def test_base_and_cap_can_be_set() -> None:
    assert [backoff(tries, jitter=0.5, base=1, cap=3) for tries in (1, 2, 3)] == [1, 2, 3]


def test_jitter_spreads_by_a_fifth_either_way() -> None:
    assert backoff(1, jitter=0) == pytest.approx(8)
    assert backoff(1, jitter=0.75) == pytest.approx(11)
    assert backoff(20, jitter=0) == pytest.approx(1440)


@given(TRIES, JITTER)
def test_the_wait_stays_within_a_fifth_of_its_step(tries: int, jitter: float) -> None:
    step = min(10 * 2 ** (tries - 1), 1800)
    assert step * 0.8 - 1e-9 <= backoff(tries, jitter=jitter) < step * 1.2 + 1e-9


@pytest.mark.parametrize(("tries", "jitter"), [(0, 0.5), (-1, 0.5), (1, 1.0), (1, -0.1), (1, float("nan"))])
def test_impossible_counts_are_refused(tries: int, jitter: float) -> None:
    with pytest.raises(ValueError, match="expected a number"):
        backoff(tries, jitter=jitter)


def test_a_failed_try_waits_from_its_end() -> None:
    again = next_try(started_at=NOW, ended_at=after(15), tries=3, expires_at=after(172_800), jitter=0.5)
    assert again == after(55)


def test_backoff_ends_with_the_window_so_that_the_last_attempt_is_made_right_then() -> None:
    window = after(60)
    assert next_try(started_at=NOW, ended_at=NOW, tries=9, expires_at=window, jitter=0.5) == window


def test_a_try_that_ran_over_the_end_of_the_window_is_owed_one_more_at_once() -> None:
    again = next_try(started_at=after(59), ended_at=after(74), tries=9, expires_at=after(60), jitter=0.5)
    assert again == after(74)


@pytest.mark.parametrize("late", [0, 1, 86_400])
def test_a_failed_attempt_at_the_end_of_the_window_or_later_was_the_last(late: float) -> None:
    started = after(60 + late)
    ended = started + timedelta(seconds=15)
    assert next_try(started_at=started, ended_at=ended, tries=9, expires_at=after(60), jitter=0.5) is None


def test_retry_after_is_honoured_where_it_asks_for_more() -> None:
    for asked, waited in ((5, 10), (300, 300), (0, 10), (-5, 10), (1e12, 86_400)):
        again = next_try(
            started_at=NOW, ended_at=NOW, tries=1, expires_at=after(172_800), jitter=0.5, retry_after=asked
        )
        assert again == after(waited)


def test_retry_after_past_the_window_puts_off_the_last_attempt() -> None:
    again = next_try(started_at=NOW, ended_at=NOW, tries=1, expires_at=after(60), jitter=0.5, retry_after=300)
    assert again == after(300)


@given(JITTER, st.integers(min_value=0, max_value=20), st.integers(min_value=1, max_value=172_800))
def test_every_series_of_tries_ends_with_one_attempt_after_the_window(
    jitter: float, lasts: int, window: int
) -> None:
    expires_at = after(window)
    starts = [NOW]
    again: datetime | None = NOW
    while again is not None:
        starts.append(again)
        again = next_try(
            started_at=again,
            ended_at=again + timedelta(seconds=lasts),
            tries=len(starts),
            expires_at=expires_at,
            jitter=jitter,
        )
    assert starts == sorted(starts)
    assert [start >= expires_at for start in starts].count(True) == 1
    assert starts[-1] <= expires_at + timedelta(seconds=lasts)
