"""Whatever happens to one key, in whatever order: never two in flight, never out of order, nothing lost."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from tests.fixtures.time import BEGIN, MovingClock
from tests.integration.messaging.journaled import (
    LEASE_SECONDS,
    REFUSED,
    SILENT,
    TAKEN,
    claim,
    handlers,
    new,
    published,
    settled,
)
from webapp.domain.outcome import Outcome, Verdict
from webapp.domain.states import MessageStatus
from webapp.extensions import read, transaction
from webapp.messaging import claims, holds
from webapp.messaging.claims import Claimed
from webapp.messaging.replay import replay, skip
from webapp.messaging.settlement import Change, change
from webapp.messaging.sweep import sweep
from webapp.models.messages import Attempt, Hold, Message, Transition

S = MessageStatus
OUTCOMES = (TAKEN, SILENT, REFUSED, Outcome(Verdict.UNSENT, "Given back."))
FINAL = (S.SUCCEEDED, S.FAILED, S.SKIPPED, S.SUPERSEDED)
WINDOW = timedelta(hours=48)
KEY = "order:1"


@dataclass
class World:
    """One key, who holds what of it, and every claim there ever was."""

    clock: MovingClock
    written: list[int] = field(default_factory=list)
    claimed: list[Claimed] = field(default_factory=list)
    held: set[int] = field(default_factory=set)
    given: list[int] = field(default_factory=list)

    def publish(self, choice: int) -> None:
        """One more of the key, every third of a kind that blocks it."""
        self.written += published(new(KEY, b"%d" % len(self.written), blocks_key=choice % 3 == 0))

    def claim(self, _choice: int) -> None:
        """A worker takes what it is given: the oldest, and nothing while another is in flight."""
        before = _rows()
        for one in claim():
            assert not [other for other in before if other.status is S.IN_FLIGHT]
            ahead = [other for other in before if other.is_open and _place(other) < _place_of(before, one.id)]
            assert ahead == []
            assert not self.held
            self.claimed.append(one)

    def settle(self, choice: int) -> None:
        """Some worker settles, the right one or one that is late."""
        if self.claimed:
            claimed = self.claimed[choice % len(self.claimed)]
            holder = {one.id: one.claim_token for one in _rows() if one.status is S.IN_FLIGHT}
            assert settled(claimed, OUTCOMES[choice % len(OUTCOMES)]) is (
                holder.get(claimed.id) == claimed.token
            )

    def settle_last(self, choice: int) -> None:
        """Whoever took something last settles it."""
        if self.claimed:
            settled(self.claimed[-1], OUTCOMES[choice % len(OUTCOMES)])

    def replay(self, choice: int) -> None:
        """Somebody sends one again."""
        if self.written:
            with transaction() as session:
                replay(session, [self.written[choice % len(self.written)]], "a test")

    def skip(self, choice: int) -> None:
        """Somebody sets one aside."""
        if self.written:
            with transaction() as session:
                skip(session, [self.written[choice % len(self.written)]], "a test", "Done by hand")

    def supersede(self, choice: int) -> None:
        """Newer content takes one's place, if it still can."""
        if self.written:
            old = next(one for one in _rows() if one.id == self.written[choice % len(self.written)])
            if old.status in FINAL and old.status is not S.FAILED:
                return
            self.written += published(new(KEY, b"newer", position=_place(old)[0], blocks_key=old.blocks_key))
            with transaction() as session:
                change(session, [old.id], Change(S.SUPERSEDED, "a test", "Newer content.", self.written[-1]))

    def hold(self, _choice: int) -> None:
        """The integration is disabled, or enabled again."""
        with transaction() as session:
            if self.held:
                holds.lift(session, "endpoint", "oms", "disabled", "a test")
                self.held.clear()
            else:
                holds.place(session, "endpoint", "oms", "disabled", "Disabled.", "a test")
                self.held.add(1)

    def wait(self, choice: int) -> None:
        """Time passes: seconds, minutes, hours, or a lease."""
        self.clock.advance(seconds=(1, 12, 600, 20_000, LEASE_SECONDS + 1)[choice % 5])

    def sweep(self, _choice: int) -> None:
        """The sweep comes by."""
        sweep(handlers())

    def look(self) -> None:
        """What is true of the key at any time."""
        rows = _rows()
        waiting = [one for one in rows if one.is_open]
        assert [one.id for one in rows] == sorted(self.written)
        assert len([one for one in rows if one.status is S.IN_FLIGHT]) <= 1
        oldest = min(waiting, key=_place, default=None)
        for one in rows:
            assert one.is_open is (one.status not in FINAL or (one.status is S.FAILED and one.blocks_key))
            if one.status in claims.WAITING:
                due, runs = one.next_try_at is not None, one.expires_at is not None
                assert (due, runs) == (one is oldest, one is oldest)
            if one.status is S.HELD:
                assert (one.next_try_at, one.expires_at) == (None, None)
            if one.expires_at is not None:
                assert one.expires_at <= self.clock.now + WINDOW
            assert one.window_left <= WINDOW.total_seconds()

    def work_off(self) -> None:
        """Everybody does what there is to do, until nothing is left that can be sent."""
        if self.held:
            self.hold(0)
        self.clock.advance(seconds=LEASE_SECONDS + 1)
        for _ in range(2 * len(self.written) + 2):
            self.sweep(0)
            self.clock.advance(hours=1)
            self.claim(0)
            self.settle_last(0)
        self.look()
        rows = _rows()
        _tries_add_up(rows)
        if left := [one for one in rows if one.is_open]:
            head = min(left, key=_place)
            assert (head.status, head.blocks_key) == (S.FAILED, True)


def _rows() -> list[Message]:
    with read() as session:
        return list(session.scalars(select(Message).order_by(Message.id)))


def _place(message: Message) -> tuple[int, int]:
    return (message.position or message.id, message.id)


def _place_of(rows: list[Message], message_id: int) -> tuple[int, int]:
    return _place(next(one for one in rows if one.id == message_id))


def _tries_add_up(rows: list[Message]) -> None:
    made = func.count().label("made")
    with read() as session:
        counted = session.execute(
            select(Attempt.message_id, made).where(~Attempt.struck).group_by(Attempt.message_id)
        )
        tries = {one.message_id: one.made for one in counted}
    assert {one.id: one.tries for one in rows if one.tries} == tries


STEPS: list[Callable[[World, int], None]] = [
    World.publish,
    World.publish,
    World.claim,
    World.claim,
    World.settle,
    World.settle_last,
    World.settle_last,
    World.replay,
    World.skip,
    World.supersede,
    World.hold,
    World.wait,
    World.wait,
    World.sweep,
]


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 59)), min_size=5, max_size=16))
def test_one_key(
    app_context: Flask, moving_clock: MovingClock, steps: list[tuple[Callable[[World, int], None], int]]
) -> None:
    moving_clock.now = BEGIN
    with transaction() as session:
        for table in (Hold, Attempt, Transition, Message):
            session.execute(delete(table))
    world = World(moving_clock)
    for step, choice in steps:
        step(world, choice)
        world.look()
    world.work_off()
