"""The circuit breaker: a far side that is down costs no message its tries; one at a time looks after it."""

import threading

import pytest
from flask import Flask
from sqlalchemy import select

from tests.fixtures.time import MovingClock
from tests.integration.messaging.journaled import (
    LANE,
    SILENT,
    TAKEN,
    claim,
    handlers,
    new,
    publish_one,
    published,
    received,
    row,
    status,
)
from tests.integration.messaging.silence import (
    ERROR,
    PROBE_SECONDS,
    Down,
    is_open,
    open_it,
    orders,
    real_tries,
    struck,
    work,
)
from webapp.domain.outcome import Outcome, Verdict
from webapp.domain.states import Endpoint, MessageStatus
from webapp.extensions import read
from webapp.messaging import breaker
from webapp.messaging.breaker import OPENS_AFTER
from webapp.messaging.claims import PROBE_EVERY, Claimed
from webapp.messaging.sweep import sweep
from webapp.models.breakers import Breaker, BreakerChange

S = MessageStatus


def test_five_silences_in_a_row_open_it_and_no_more_is_sent(app_context: Flask, down: Down) -> None:
    wanted = orders(20)
    work(down)
    assert is_open()
    assert [message for _, message in down.came] == wanted[:OPENS_AFTER]
    assert sorted(real_tries(wanted)) == [0] * 15 + [1] * 5
    untried = [one for one in wanted if not real_tries([one])[0]]
    assert [(status(one), row(one).tries, row(one).sent_at) for one in untried] == [(S.PENDING, 0, None)] * 15
    work(down)
    assert (len(down.came), claim()) == (OPENS_AFTER, [])


def test_calls_that_are_under_way_when_it_opens_are_all_that_is_sent_beyond(
    app_context: Flask, down: Down
) -> None:
    orders(60)
    together = threading.Barrier(8)

    def silent(claimed: Claimed) -> Outcome:
        if len(down.came) < 8:
            down(claimed)
            together.wait(60)
            return SILENT
        return down(claimed)

    work(silent, window=8)
    assert is_open()
    assert len(down.came) <= 8 + OPENS_AFTER


@pytest.mark.parametrize("between", [TAKEN, ERROR, Outcome(Verdict.REFUSED, "No.", cause="oms.refused")])
def test_any_answer_between_begins_the_count_anew(app_context: Flask, between: Outcome) -> None:
    orders(9)
    said = [*[SILENT] * 4, between, *[SILENT] * 4]
    work(lambda _: said.pop(0))
    assert (said, is_open()) == ([], False)


@pytest.mark.parametrize("verdict", [Verdict.UNSENT, Verdict.FAULT])
def test_what_says_nothing_of_the_far_side_neither_opens_nor_counts_as_an_answer(
    app_context: Flask, moving_clock: MovingClock, verdict: Verdict
) -> None:
    orders(9)
    other = Outcome(verdict, "Ours.", cause="fault.ours", retry_after=60)
    said = [SILENT, other, other, SILENT, other, SILENT, other, SILENT, other]
    work(lambda _: said.pop(0))
    assert (said, is_open()) == ([], False)
    publish_one("order:another")
    work(lambda _: SILENT)
    assert is_open()


def test_one_message_every_few_seconds_probes(
    app_context: Flask, moving_clock: MovingClock, down: Down
) -> None:
    wanted = open_it(down)
    began = moving_clock.now
    for _ in range(120):
        moving_clock.advance(seconds=1)
        sweep(handlers())
        work(down)
    probes = [at - began for at, _ in down.came[OPENS_AFTER:]]
    assert probes == [PROBE_EVERY * number for number in range(1, 120 // int(PROBE_SECONDS) + 1)]
    # Each of them one that has the fewest tries: nobody's are used up.
    assert sum(real_tries(wanted)) == OPENS_AFTER + len(probes)
    assert max(real_tries(wanted)) - min(real_tries(wanted)) <= 1


def test_a_probe_is_only_what_is_due_and_at_the_head_of_its_key(
    app_context: Flask, moving_clock: MovingClock, down: Down
) -> None:
    published(*(new("order:1", b"%d" % number) for number in range(3)))
    for _ in range(OPENS_AFTER):
        moving_clock.advance(hours=1)
        work(down)
    assert is_open()
    moving_clock.advance(seconds=PROBE_SECONDS)
    work(down)
    # The only message at the head of a key waits for its own time.
    assert len(down.came) == OPENS_AFTER
    assert len({message for _, message in down.came}) == 1


def test_the_first_answer_closes_it_and_the_rest_goes_at_once(
    app_context: Flask, moving_clock: MovingClock, down: Down
) -> None:
    wanted = open_it(down)
    down.up = True
    moving_clock.advance(seconds=PROBE_SECONDS - 1)
    work(down)
    assert len(down.came) == OPENS_AFTER
    moving_clock.advance(seconds=1)
    work(down)
    assert not is_open()
    assert sorted(real_tries(wanted)) == [1] * 20
    moving_clock.advance(seconds=15)
    work(down)
    assert {status(one) for one in wanted} == {S.SUCCEEDED}


def test_it_is_recorded_when_it_opens_and_closes(
    app_context: Flask, moving_clock: MovingClock, down: Down
) -> None:
    opened = moving_clock.now
    open_it(down)
    moving_clock.advance(seconds=PROBE_SECONDS)
    work(down)
    moving_clock.advance(seconds=PROBE_SECONDS)
    down.up = True
    work(down)
    with read() as session:
        changes = session.scalars(select(BreakerChange).order_by(BreakerChange.id)).all()
        (now,) = session.scalars(select(Breaker)).all()
    assert [(one.endpoint, one.lane, one.at, one.opened, one.reason) for one in changes] == [
        (Endpoint.OMS, LANE, opened, True, SILENT.reason),
        (Endpoint.OMS, LANE, opened + 2 * PROBE_EVERY, False, breaker.ANSWERED),
    ]
    assert (now.failures, now.opened_at, now.probe_at) == (0, None, None)


def test_lanes_and_far_sides_each_have_their_own(
    app_context: Flask, moving_clock: MovingClock, down: Down
) -> None:
    open_it(down)
    products = published(*(new(f"product:{number}", lane="catalog") for number in range(3)))
    store = published(*(new(f"order:{number}", endpoint=Endpoint.STORE) for number in range(3)))
    incoming = received(new("order:1", wire_id="w", lane=LANE))
    work(lambda _: TAKEN, lane="catalog")
    work(lambda _: TAKEN)
    assert {status(one) for one in [*products, *store, incoming]} == {S.SUCCEEDED}
    assert (is_open(), is_open("catalog"), is_open(LANE, Endpoint.STORE)) == (True, False, False)
    assert len(down.came) == OPENS_AFTER


def test_the_48_hours_run_on_and_what_is_owed_its_last_try_has_it(
    app_context: Flask, moving_clock: MovingClock, down: Down
) -> None:
    wanted = open_it(down)
    moving_clock.advance(hours=47, minutes=59)
    # A probe, of one never tried.
    work(down)
    assert len(down.came) == OPENS_AFTER + 1
    assert {status(one) for one in wanted} <= {S.PENDING, S.RETRYING}
    untried = [one for one in wanted if not row(one).tries]
    assert len(untried) == 14
    given_back = struck(untried)
    moving_clock.advance(minutes=1)
    work(down)
    # All of them, at once.
    assert {(status(one), row(one).tries) for one in untried} == {(S.FAILED, 1)}
    assert struck(untried) == given_back
    moving_clock.advance(minutes=31)
    work(down)
    assert {row(one).cause for one in wanted} == {"expired"}
    assert row(untried[0]).reason.startswith("Expired after 48 h, 1 try.")
    assert is_open()


def test_up_again_a_minute_before_the_48_hours_end_all_is_delivered(
    app_context: Flask, moving_clock: MovingClock, down: Down
) -> None:
    wanted = open_it(down)
    moving_clock.advance(hours=47, minutes=59)
    down.up = True
    work(down)
    moving_clock.advance(minutes=31)
    work(down)
    assert {status(one) for one in wanted} == {S.SUCCEEDED}
