"""Calls that prove nothing are refused and counted, and a flood of them does not fill the database."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from tests.fixtures.entrances import CallingOms, Reply, Store, call_of
from tests.fixtures.time import MovingClock
from webapp.extensions import read
from webapp.flows.turn_away import KEPT, ONE_BY_ONE
from webapp.models.messages import Message

UPDATED = "magento.sales.order_management.updated"


@pytest.fixture
def bodies() -> Iterator[bytes]:
    """Calls, each with another body, and none of them small."""
    return (call_of(UPDATED, {"order": {"id": "1", "x": "x" * 40_000}}, f"m-{n}") for n in range(10_000))


def forge(oms: CallingOms, body: bytes) -> Reply:
    return oms.post(body, "sha1=0000000000000000000000000000000000000000")


def test_a_flood_is_a_few_rows_an_hour_and_every_call_of_it_is_counted(
    store: Store, oms: CallingOms, moving_clock: MovingClock, bodies: Iterator[bytes]
) -> None:
    for _ in range(ONE_BY_ONE + 30):
        assert (reply := forge(oms, next(bodies))).status == 401
        assert reply.error["code"] == -32002

    first, *others = store.messages(direction="in")
    assert [one["tries"] for one in others] == [1] * (ONE_BY_ONE - 1) + [30]
    assert {one["status"] for one in (first, *others)} == {"failed"}
    assert others[-1]["reason"] == (
        f"{first['reason']} Beyond the first {ONE_BY_ONE} of this hour such calls are only counted, as tries."
    )
    with store.app.app_context(), read() as session:
        assert set(session.scalars(select(func.length(Message.payload)))) == {KEPT}

    moving_clock.advance(hours=1)
    forge(oms, next(bodies))
    assert len(store.messages(direction="in")) == ONE_BY_ONE + 2


def test_at_once_none_is_lost_and_the_oms_is_heard_meanwhile(
    store: Store, oms: CallingOms, bodies: Iterator[bytes]
) -> None:
    forged = [next(bodies) for _ in range(80)]
    with ThreadPoolExecutor(8) as threads:
        refused = threads.map(lambda body: forge(oms, body), forged)
        heard = threads.submit(oms.tell, UPDATED, {"order": {"id": "1", "status": "RECEIVED"}}, "real")
        assert {one.status for one in refused} == {401}
        assert heard.result().said["result"] is True

    turned_away = store.messages(direction="in", status="failed")
    assert sum(one["tries"] for one in turned_away) == len(forged)
    # Those who look at the same time may each find room.
    assert ONE_BY_ONE < len(turned_away) <= ONE_BY_ONE + 1 + 8
