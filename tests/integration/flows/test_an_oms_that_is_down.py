"""An OMS that does not answer: nobody waits for it, and once it can be reached again all goes (F05, F16)."""

from collections.abc import Callable, Iterator

import pytest

from tests.fixtures.entrances import Store
from tests.fixtures.far_side import FarSide, drop, far_side
from tests.fixtures.picky_oms import picky_oms
from tests.integration.flows.exports import pieces_of_a, sent
from webapp.domain.states import Endpoint
from webapp.extensions import read
from webapp.flows.register_now import register_now
from webapp.messaging.breaker import OPENS_AFTER, is_open

WorkOff = Callable[..., None]


def paused(store: Store) -> bool:
    """Whether sending orders is paused."""
    with store.app.app_context(), read() as session:
        return is_open(session, Endpoint.OMS, "orders")


@pytest.fixture
def down(store: Store, work_off: WorkOff) -> Iterator[FarSide]:
    """An OMS that drops every call, of which enough orders have told."""
    with far_side(*[drop] * 500) as side:
        store.set(oms__url=side.url)
        for number in range(OPENS_AFTER):
            assert store.hand_in(pieces_of_a(1, increment_id=f"1{number}")).said["export"] == "queued"
        assert not paused(store)
        work_off()
        assert paused(store)
        yield side


def test_a_store_does_not_wait_on_it_and_the_order_is_queued(store: Store, down: FarSide) -> None:
    store.set(orders__export_mode="sync")
    asked = len(down.asked)
    reply = store.hand_in(pieces_of_a(2, increment_id="2"))
    assert (reply.status, reply.said["export"]) == (202, "queued")
    assert len(down.asked) == asked
    assert {one["tries"] for one in store.messages(order="2", direction="out")} == {0}


def test_a_worker_that_is_rung_for_more_orders_sends_none(
    store: Store, down: FarSide, work_off: WorkOff
) -> None:
    asked = len(down.asked)
    for number in range(10):
        store.hand_in(pieces_of_a(1, increment_id=f"2{number}"))
        work_off()
    assert len(down.asked) == asked


def test_another_address_is_tried_at_once(store: Store, down: FarSide, work_off: WorkOff) -> None:
    with picky_oms() as oms:
        store.set(oms__url=oms.url)
        store.hand_in(pieces_of_a(1, increment_id="2"))
        work_off()
        assert not paused(store)
        assert sent(store).count("succeeded") == 1


def test_registering_by_hand_is_tried_though_it_is_paused(
    store: Store, down: FarSide, work_off: WorkOff
) -> None:
    down.replies.clear()
    with store.app.app_context():
        result = register_now("a test")
    assert result.registered
    assert not paused(store)
