"""Everything dies while orders and callbacks flow: nothing is lost, and nothing is there twice (R1)."""

import random
from pathlib import Path

from tests.chaos.storm import run


def test_nothing_is_lost_and_nothing_is_there_twice_whatever_dies(tmp_path: Path) -> None:
    seed = random.randrange(10**6)  # noqa: S311 - dice

    report = run(tmp_path, orders=12, seed=seed, pause=0.6)

    assert not report.wrongs, report.in_words()
    assert report.killed, report.in_words()
