"""An OMS that is away, asks for patience, moves, or is held: what waits goes on, in order, once."""

from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime

import pytest
from sqlalchemy import select

from tests.fixtures.entrances import CallingOms, Store
from tests.fixtures.far_side import answer, drop, far_side
from tests.fixtures.magento_documents import an_item, an_order
from tests.fixtures.mail_server import MailServer
from tests.fixtures.picky_oms import CREATE, PickyOms, picky_oms
from tests.fixtures.time import BEGIN, MovingClock
from tests.integration.flows.alerted import PRODUCT, look, set_settings, subjects
from tests.integration.messaging.journaled import new, published, row, status, tries_of
from webapp.domain.states import MessageStatus
from webapp.extensions import read, transaction
from webapp.flows import hold_integration
from webapp.flows.mend_many import REPLAY, choose_by_filter
from webapp.flows.mend_now import mend_now
from webapp.flows.registry import handlers
from webapp.messaging.drain import drain
from webapp.models.messages import Attempt

S = MessageStatus
WINDOW = timedelta(hours=48)
UPDATED = "magento.sales.order_management.updated"


def _down_until(up: timedelta, clock: MovingClock, message_id: int) -> None:
    """Workers try when it is due, later in the middle of it, and no one answers until the OMS is up again."""
    while status(message_id) in (S.PENDING, S.RETRYING):
        due = row(message_id).next_try_at
        assert due is not None
        if due >= BEGIN + up:
            return
        late = clock.now + timedelta(hours=0 if row(message_id).tries < 5 else 4)
        clock.now = max(due, min(late, BEGIN + up - timedelta(hours=2)))
        drain("orders", handlers())


def test_an_oms_down_for_47_hours_59_minutes_gets_it(told: MailServer, moving_clock: MovingClock) -> None:
    (message_id,) = published(new("product:1", topic=PRODUCT))
    _down_until(timedelta(hours=47, minutes=59), moving_clock, message_id)
    assert status(message_id) is S.RETRYING
    with far_side() as side:
        set_settings(oms__url=side.url)
        moving_clock.now = max(row(message_id).next_try_at or BEGIN, BEGIN + WINDOW - timedelta(minutes=1))
        drain("orders", handlers())
    assert status(message_id) is S.SUCCEEDED
    assert [one.body for one in side.asked] == [row(message_id).payload]
    look(moving_clock)
    look(moving_clock, minutes=2)
    assert not [one for one in subjects(told) if "failed" in one]


def test_one_down_for_48_hours_1_minute_does_not_and_it_is_told_and_sent_again(
    told: MailServer, moving_clock: MovingClock
) -> None:
    (message_id,) = published(new("product:1", topic=PRODUCT))
    _down_until(WINDOW + timedelta(minutes=1), moving_clock, message_id)

    assert (status(message_id), row(message_id).cause) == (S.FAILED, "expired")
    tries = tries_of(message_id)
    assert [one.started_at for one in tries if one.started_at >= BEGIN + WINDOW] == [BEGIN + WINDOW]
    assert row(message_id).reason.startswith(f"Expired after 48 h, {len(tries)} tries.")
    look(moving_clock)
    assert "1 message failed: Product sent to the OMS" in subjects(told)[-1]
    assert "Expired after 48 h" in told.mails[-1].get_content()

    with far_side() as side:
        set_settings(oms__url=side.url)
        assert mend_now(REPLAY, choose_by_filter({"status": "failed"}), "an operator").done == 1
        drain("orders", handlers())
    assert status(message_id) is S.SUCCEEDED
    assert [one.body for one in side.asked] == [row(message_id).payload]
    look(moving_clock)
    look(moving_clock, minutes=2)
    assert "Over: no failed messages left" in "\n".join(one.get_content() for one in told.mails[-1:])


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("90.5", 90.5),
        (format_datetime(BEGIN + timedelta(minutes=3), usegmt=True), 180),
        ("0", None),
        ("in a while", None),
        ("-60", None),
        ("NaN", None),
    ],
)
def test_as_long_as_it_asks_for_it_is_left_alone(
    told: MailServer, moving_clock: MovingClock, header: str, seconds: float | None
) -> None:
    with far_side(answer(429, b"busy", {"Retry-After": header})) as side:
        set_settings(oms__url=side.url)
        (message_id,) = published(new("product:1", topic=PRODUCT))
        drain("orders", handlers())
        due = row(message_id).next_try_at
        assert due is not None
        wait = (due - BEGIN).total_seconds()
        assert wait == seconds if seconds else 8 <= wait <= 12
        moving_clock.now = due - timedelta(seconds=0.1)
        drain("orders", handlers())
        assert len(side.asked) == 1
        moving_clock.now = due
        drain("orders", handlers())
        assert (len(side.asked), status(message_id)) == (2, S.SUCCEEDED)


def test_the_oms_moves_while_messages_wait(told: MailServer, moving_clock: MovingClock) -> None:
    wanted = published(*(new(f"product:{number}", topic=PRODUCT) for number in range(3)))
    with far_side(drop, drop, drop) as before, far_side() as after:
        set_settings(oms__url=before.url)
        drain("orders", handlers())
        assert {status(one) for one in wanted} == {S.RETRYING}
        asked = len(before.asked)
        moving_clock.advance(seconds=13)
        set_settings(oms__url=after.url)
        drain("orders", handlers())
        assert {status(one) for one in wanted} == {S.SUCCEEDED}
        assert len(before.asked) == asked
        assert sorted(one.body for one in after.asked) == sorted(row(one).payload for one in wanted)
    # Without an address all of it is held, and goes where it is to go once there is one again.
    with far_side() as last:
        set_settings(oms__url=None)
        late = published(new("product:9", topic=PRODUCT))[0]
        assert status(late) is S.HELD
        set_settings(oms__url=last.url)
        drain("orders", handlers())
        assert (status(late), len(last.asked)) == (S.SUCCEEDED, 1)


def test_disabled_it_holds_what_goes_out_and_later_sends_it_in_order(
    store: Store, oms: CallingOms, work_off: Callable[..., None], moving_clock: MovingClock
) -> None:
    with picky_oms() as far:
        store.set(oms__url=far.url)
        with store.app.app_context(), transaction() as session:
            hold_integration.disable(session, "an admin")
        documents = [
            an_order([an_item(1, f"SKU-{last}", 1, 10)], 10, increment_id=f"00000000{last}")
            for last in (1, 2, 3)
        ]
        for document in documents:
            assert store.hand_in(document).said["export"] == "held"
        assert store.hand_in(documents[2] | {"state": "canceled", "status": "canceled"}).status == 202
        assert oms.tell(UPDATED, {"order": {"id": "000000001", "status": "NEW"}}).status == 503
        moving_clock.advance(hours=100)
        work_off()
        assert far.calls == []
        with store.app.app_context(), read() as session:
            assert session.scalars(select(Attempt)).all() == []

        with store.app.app_context(), transaction() as session:
            assert hold_integration.enable(session, "an admin") == 4
        work_off()

        told_of = _orders_told(far)
        assert sorted(told_of) == ["000000001", "000000002"]
        assert all(topics == [PRODUCT, CREATE] for topics in told_of.values())
        assert [store.order(f"00000000{last}")["oms"]["export"] for last in (1, 2, 3)] == [
            "sent", "sent", "not_exported",
        ]  # fmt: skip


def _orders_told(far: PickyOms) -> dict[str, list[str]]:
    """Each order's messages, in the order they came: its product first."""
    order_of = {"SKU-1": "000000001", "SKU-2": "000000002", "SKU-3": "000000003"}
    told: dict[str, list[str]] = {}
    for call in far.calls:
        params = call["params"]
        number = params["order"]["id"] if "order" in params else order_of[params["product"]["sku"]]
        told.setdefault(number, []).append(call["method"])
    return told
