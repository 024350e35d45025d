"""A stop asked for in the middle of a drain reaches the drain, and whoever heeded it before."""

import os
import signal
from collections.abc import Iterator

import pytest
from redis.exceptions import ConnectionError as RedisAway

from workers.stopping import heeded


@pytest.fixture(autouse=True)
def _handlers_kept() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def test_the_drain_is_told_and_so_is_the_worker() -> None:
    told = []
    signal.signal(signal.SIGTERM, lambda number, _frame: told.append(number))

    with heeded() as is_stopping:
        assert not is_stopping()
        os.kill(os.getpid(), signal.SIGTERM)
        assert is_stopping()

    assert told == [signal.SIGTERM]


def test_a_worker_that_cannot_note_it_in_redis_does_not_break_the_drain() -> None:
    def fail(_number: int, _frame: object) -> None:
        raise RedisAway("gone")

    signal.signal(signal.SIGTERM, fail)

    with heeded() as is_stopping:
        os.kill(os.getpid(), signal.SIGTERM)
        assert is_stopping()


def test_afterwards_signals_are_heeded_as_before() -> None:
    def earlier(_number: int, _frame: object) -> None:
        raise AssertionError("not called here")

    signal.signal(signal.SIGTERM, earlier)
    with heeded():
        assert signal.getsignal(signal.SIGTERM) is not earlier

    assert signal.getsignal(signal.SIGTERM) is earlier
