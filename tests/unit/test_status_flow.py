"""Where an order stands follows from all the OMS said of it, never from when it came (F18)."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.oms_codes import normalise
from webapp.domain.status_flow import (
    RANKS,
    STORE_STATUSES,
    StatusEvent,
    StoreStatus,
    cancellable,
    is_known,
    standing,
)

DAY = datetime(2024, 5, 1, tzinfo=UTC)
RECEIVED = datetime(2024, 6, 1, tzinfo=UTC)


def said(status: str, hour: int | None = None, reason: str = "", received: int = 0) -> StatusEvent:
    date = None if hour is None else DAY + timedelta(hours=hour)
    return StatusEvent(status, reason, date, RECEIVED + timedelta(hours=received))


def stands(*events: StatusEvent) -> str:
    now = standing(events)
    return now.status if now else "nowhere"


def in_store(*events: StatusEvent) -> tuple[str, str]:
    now = standing(events)
    assert now is not None
    return now.store.state, now.store.status


def test_nothing_is_known_before_the_first_word() -> None:
    assert standing([]) is None


@pytest.mark.parametrize(
    ("status", "reason", "state"),
    [
        ("NEW", "", "processing"),
        ("NEW_ORDER", "", "processing"),
        ("RECEIVED", "IMPORTED", "processing"),
        ("APPROVED", "", "processing"),
        ("AUTHORIZED", "", "processing"),
        ("ONHOLD", "PENDING_REMORSE_TIME", "holded"),
        ("LOGISTICS", "READYTOSHIP", "processing"),
        ("PICKREADY", "", "processing"),
        ("PICKCONFIRMED", "", "processing"),
        ("PARTIALLY_COMPLETE", "", "processing"),
        ("PRE_CANCELLATION", "", "processing"),
        ("LOGISTICSCOMPLETE", "", "processing"),
        ("COMPLETE", "FULLYSHIPPED", "complete"),
        ("COMPLETE", "PARTIALLYSHIPPED", "complete"),
        ("COMPLETE", "FULLYCANCELLED", "canceled"),
        ("CANCELLED", "", "canceled"),
        ("REJECTED", "ANALYSTDEFFRAUD", "canceled"),
        ("ABORTED", "", "canceled"),
    ],
)
def test_each_status_has_its_place_in_the_store(status: str, reason: str, state: str) -> None:
    assert in_store(said(status, 1, reason)) == (state, state)


def test_every_status_of_the_protocol_is_mapped_or_keeps_what_stood() -> None:
    assert {*RANKS, "PRE_CANCELLATION"} - set(STORE_STATUSES) == {"ERROR", "INCOMPLETE"}


def test_a_later_rank_moves_an_order_on() -> None:
    assert stands(said("RECEIVED", 1)) == "RECEIVED"
    assert stands(said("RECEIVED", 1), said("LOGISTICS", 2)) == "LOGISTICS"


def test_an_earlier_rank_never_moves_it_back_even_with_a_later_date() -> None:
    assert stands(said("LOGISTICS", 2), said("APPROVED", 5)) == "LOGISTICS"


def test_a_repeat_moves_nothing() -> None:
    once = standing([said("LOGISTICS", 2, "READYTOSHIP")])
    assert standing([said("LOGISTICS", 2, "READYTOSHIP")] * 2) == once


def test_another_reason_at_a_later_date_moves() -> None:
    now = standing([said("LOGISTICS", 2, "READYTOSHIP"), said("LOGISTICS", 3, "PENDING_FIRST_SHIPMENT")])
    assert now is not None
    assert now.reason == "PENDING_FIRST_SHIPMENT"


def test_an_unknown_status_is_a_comment_and_no_more() -> None:
    assert not is_known("GIFTWRAPPED")
    assert stands(said("LOGISTICS", 2), said("GIFTWRAPPED", 3)) == "LOGISTICS"
    assert stands(said("GIFTWRAPPED", 3)) == "nowhere"


def test_within_a_rank_the_date_decides() -> None:
    assert stands(said("ONHOLD", 3), said("APPROVED", 2)) == "ONHOLD"
    assert stands(said("ONHOLD", 2), said("APPROVED", 3)) == "APPROVED"


@pytest.mark.parametrize(
    ("one", "other"),
    [("APPROVED", "AUTHORIZED"), ("AUTHORIZED", "INCOMPLETE"), ("INCOMPLETE", "ERROR"), ("ERROR", "ONHOLD")],
)
def test_at_the_same_date_the_later_of_the_list_stands(one: str, other: str) -> None:
    assert stands(said(one, 1), said(other, 1)) == other
    assert stands(said(other, 1), said(one, 1)) == other


def test_without_a_date_the_time_received_stands_for_it() -> None:
    assert stands(said("ONHOLD", 3), said("APPROVED", received=1)) == "APPROVED"
    assert stands(said("ONHOLD", received=2), said("APPROVED", received=1)) == "ONHOLD"


@pytest.mark.parametrize("status", ["ERROR", "INCOMPLETE"])
def test_trouble_keeps_the_store_where_it_was_and_asks_for_attention(status: str) -> None:
    now = standing([said("ONHOLD", 1), said(status, 2, "PAYMENTFAIL")])
    assert now is not None
    assert (now.status, now.store) == (status, StoreStatus("holded", "holded"))
    assert now.attention == (f"The OMS says {status} (PAYMENTFAIL) of this order.",)


def test_trouble_alone_leaves_the_order_processing() -> None:
    assert in_store(said("ERROR", 1)) == ("processing", "processing")


def test_trouble_that_has_passed_asks_for_nothing() -> None:
    now = standing([said("ERROR", 1), said("APPROVED", 2)])
    assert now is not None
    assert now.attention == ()


def test_of_two_final_statuses_the_one_said_first_stands() -> None:
    events = [said("CANCELLED", 5), said("COMPLETE", 3), said("COMPLETE", 9, "FULLYSHIPPED")]
    now = standing(events)
    assert now is not None
    assert (now.status, now.reason, now.date) == ("COMPLETE", "FULLYSHIPPED", DAY + timedelta(hours=9))
    assert now.attention == ("The OMS also says CANCELLED of this order, which stands at COMPLETE.",)


def test_a_dated_final_status_stands_before_an_undated_one() -> None:
    assert stands(said("COMPLETE", received=-900), said("ABORTED", 900)) == "ABORTED"


def test_of_undated_final_statuses_the_first_of_the_list_stands() -> None:
    assert stands(said("ABORTED", received=0), said("REJECTED", received=1)) == "REJECTED"
    assert stands(said("REJECTED", received=0), said("CANCELLED", received=1)) == "CANCELLED"
    assert stands(said("CANCELLED", 1), said("COMPLETE", 1)) == "COMPLETE"


def test_nothing_follows_a_final_status() -> None:
    assert stands(said("COMPLETE", 1), said("LOGISTICS", 5), said("PRE_CANCELLATION", 6)) == "COMPLETE"


def test_pre_cancellation_shows_while_it_is_not_older_than_what_stands() -> None:
    assert stands(said("LOGISTICS", 2), said("PRE_CANCELLATION", 2)) == "PRE_CANCELLATION"
    assert stands(said("LOGISTICS", 2), said("PRE_CANCELLATION", 1)) == "LOGISTICS"
    assert stands(said("LOGISTICS", 2), said("PRE_CANCELLATION", 3), said("PICKREADY", 4)) == "PICKREADY"
    assert stands(said("PRE_CANCELLATION", 1)) == "PRE_CANCELLATION"


def test_the_newest_pre_cancellation_shows() -> None:
    now = standing([said("PRE_CANCELLATION", 3, "NEW"), said("PRE_CANCELLATION", 1, "OLD")])
    assert now is not None
    assert (now.reason, now.rank) == ("NEW", None)


def test_a_complete_order_refunded_in_full_is_closed() -> None:
    now = standing([said("COMPLETE", 1)], refunded_in_full=True)
    assert now is not None
    assert now.store == StoreStatus("closed", "closed")
    cancelled = standing([said("COMPLETE", 1, "FULLYCANCELLED")], refunded_in_full=True)
    assert cancelled is not None
    assert cancelled.store == StoreStatus("canceled", "canceled")


def test_the_merchant_maps_statuses_anew_in_any_spelling() -> None:
    overrides = {
        "Logistics": {"state": "processing", "status": "picking"},
        "ONHOLD/PENDINGREMORSETIME": {"state": "processing", "status": "remorse"},
        "ERROR": {"state": "holded", "status": "trouble"},
    }
    mapped = {
        event.status + event.reason: now.store.status
        for event in (
            said("LOGISTICS", 1),
            said("ONHOLD", 1, "PENDING_REMORSE_TIME"),
            said("ONHOLD", 1),
            said("ERROR", 1),
        )
        if (now := standing([event], overrides=overrides))
    }
    assert mapped == {
        "LOGISTICS": "picking",
        "ONHOLDPENDING_REMORSE_TIME": "remorse",
        "ONHOLD": "holded",
        "ERROR": "trouble",
    }


def test_a_status_mapped_anew_leaves_its_special_reasons_alone() -> None:
    overrides = {"COMPLETE": {"state": "complete", "status": "done"}}
    now = standing([said("COMPLETE", 1, "FULLYCANCELLED")], overrides=overrides)
    assert now is not None
    assert now.store.status == "canceled"


def test_orders_are_cancelled_only_before_logistics() -> None:
    assert [status for status in RANKS if cancellable(status)] == [
        "NEW",
        "NEW_ORDER",
        "RECEIVED",
        "APPROVED",
        "AUTHORIZED",
        "INCOMPLETE",
        "ERROR",
        "ONHOLD",
    ]
    assert cancellable(None)
    assert not cancellable("PRE_CANCELLATION")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("pendingremorsetime", "PENDING_REMORSE_TIME"),
        ("Pending-Remorse Time", "PENDING_REMORSE_TIME"),
        ("new_order", "NEW_ORDER"),
        ("neworder", "NEW_ORDER"),
        ("partially complete", "PARTIALLY_COMPLETE"),
        ("PreCancellation", "PRE_CANCELLATION"),
        (" complete ", "COMPLETE"),
        ("canceled", "CANCELLED"),
        ("cancelled", "CANCELLED"),
        ("my_own_status", "MY_OWN_STATUS"),
        ("READYTOSHIP", "READYTOSHIP"),
    ],
)
def test_codes_have_one_spelling(written: str, meant: str) -> None:
    assert normalise(written) == meant


EVENTS = st.lists(
    st.builds(
        StatusEvent,
        st.sampled_from([*RANKS, "PRE_CANCELLATION", "GIFTWRAPPED"]),
        st.sampled_from(["", "A", "B"]),
        st.integers(0, 5).map(lambda hour: DAY + timedelta(hours=hour)),
        st.integers(0, 5).map(lambda hour: RECEIVED + timedelta(hours=hour)),
    ),
    max_size=8,
)


@given(EVENTS, st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing(events: list[StatusEvent], random: Random) -> None:
    shuffled = list(events)
    random.shuffle(shuffled)
    assert standing(shuffled + shuffled[:2]) == standing(events)


@given(EVENTS)
def test_no_event_moves_an_order_backwards(events: list[StatusEvent]) -> None:
    ranks = [now.rank for end in range(len(events) + 1) if (now := standing(events[:end]))]
    known = [rank for rank in ranks if rank is not None]
    assert known == sorted(known)


@given(EVENTS)
def test_an_order_stands_wherever_anything_known_was_said(events: list[StatusEvent]) -> None:
    assert (standing(events) is not None) == any(is_known(event.status) for event in events)
