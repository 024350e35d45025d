"""What dies is started again at once, then ever more slowly."""

from webapp.processes import LONGEST_WAIT_SECONDS, STEADY_SECONDS, Backoff


def test_waits_double_up_to_half_a_minute() -> None:
    backoff = Backoff()

    waits = [backoff.after(ran_seconds=0.5) for _ in range(9)]

    assert waits == [0, 1, 2, 4, 8, 16, 30, 30, 30]
    assert LONGEST_WAIT_SECONDS == 30


def test_a_steady_run_is_forgiven_what_went_before() -> None:
    backoff = Backoff()
    for _ in range(5):
        backoff.after(ran_seconds=0.5)

    assert backoff.after(ran_seconds=STEADY_SECONDS) == 0
    assert backoff.after(ran_seconds=0.5) == 1
