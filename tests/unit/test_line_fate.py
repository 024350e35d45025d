"""What the OMS said of a line: the latest date decides, and what is final stays (protocol: From the OMS)."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from webapp.domain.line_fate import Fate, stands_above

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def fate(status: str, minutes: int = 0, reason: str = "") -> Fate:
    """A word of the OMS, so many minutes after noon."""
    return Fate(status, reason, NOON + timedelta(minutes=minutes))


def standing(words: list[Fate]) -> Fate | None:
    """What stands after these words, in this order of arrival."""
    now: Fate | None = None
    for told in words:
        now = told if stands_above(told, now) else now
    return now


def test_anything_stands_above_nothing() -> None:
    assert stands_above(fate("NEW"), None)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([fate("NEW"), fate("PICKREADY", 1)], "PICKREADY"),
        ([fate("PICKREADY"), fate("NEW", 1)], "NEW"),
        # At the same date the order of the work decides, and what it does not know comes first.
        ([fate("ALLOCATEDSHIP"), fate("NEW")], "ALLOCATEDSHIP"),
        ([fate("PICKCONFIRMED"), fate("PICKREADY"), fate("PICKDECLINED")], "PICKDECLINED"),
        ([fate("WEIGHED"), fate("NEW")], "NEW"),
        ([fate("AAA"), fate("BBB")], "BBB"),
        ([fate("SHIPPED"), fate("PICKREADY", 9)], "SHIPPED"),
        ([fate("CANCELLED"), fate("RESOURCED", 9)], "CANCELLED"),
    ],
)
def test_the_same_stands_whatever_came_first(words: list[Fate], expected: str) -> None:
    for arrival in permutations(words):
        ends = standing(list(arrival))
        assert ends is not None
        assert ends.status == expected, arrival


def test_of_the_same_status_the_later_word_gives_reason_and_date() -> None:
    for status in ("PICKDECLINED", "SHIPPED"):
        later = fate(status, 1, "OUTOFSTOCK")
        for arrival in permutations([fate(status, 0, "CUSTOMERREQ"), later]):
            assert standing(list(arrival)) == later
        assert not stands_above(later, later)
    by_reason = [fate("CANCELLED", 0, "A"), fate("CANCELLED", 0, "B")]
    assert {standing(list(one)) for one in permutations(by_reason)} == {by_reason[1]}


def test_of_two_final_ones_that_contradict_each_other_the_first_stays() -> None:
    shipped, cancelled = fate("SHIPPED"), fate("CANCELLED", 5)
    assert standing([shipped, cancelled]) == shipped
    assert standing([cancelled, shipped]) == cancelled
