"""The Overview's verdict and figures: what waits, what is held, what failed in the last hour."""

from flask import Flask

from tests.fixtures.entrances import Store
from tests.fixtures.people import Person
from tests.fixtures.picky_oms import CREATE, PickyOms
from tests.fixtures.time import MovingClock
from tests.integration.pages.overviews import WorkOff, order_numbered, press, registered, verdict
from webapp.extensions import transaction
from webapp.messaging import holds
from webapp.messaging.journal import NewMessage, publish

PRODUCT = "magento.catalog.product_management.updated"
UPDATED = "magento.sales.order_management.updated"


def test_what_fails_in_an_hour_may_be_more_than_what_is_failed_now(
    app: Flask,
    operator: Person,
    store: Store,
    far_oms: PickyOms,
    work_off: WorkOff,
    moving_clock: MovingClock,
) -> None:
    registered(app, work_off)
    far_oms.refuses[CREATE] = "The customer is blocked"
    for number in ("000000042", "000000043"):
        store.hand_in(order_numbered(number))
        work_off()
    assert "Failed 2 2 failed in the last hour" in operator.look("/").words
    # So long after that these five minutes are over, and remembered as they were.
    moving_clock.advance(minutes=10)
    operator.look("/")
    far_oms.refuses.clear()
    press(operator, "Send 2 again")
    work_off()
    assert "Failed 0 2 failed in the last hour" in operator.look("/").words
    # A clock that is put back makes a slot that was over the one under way again.
    moving_clock.advance(minutes=-10)
    assert operator.look("/").status == 200
    moving_clock.advance(hours=2)
    assert "Failed 0 none at all" in operator.look("/").words


def test_the_verdict_says_what_is_under_way_beside_what_needs_somebody(
    app: Flask, viewer: Person, store: Store, far_oms: PickyOms, work_off: WorkOff
) -> None:
    registered(app, work_off)
    store.hand_in(order_numbered("000000042"))
    assert verdict(viewer.look("/")) == ("It works.", "2 messages on the way.")
    work_off()
    far_oms.refuses[CREATE] = "The customer is blocked"
    store.hand_in(order_numbered("000000043"))
    work_off()
    assert verdict(viewer.look("/")) == ("1 thing needs you.", "Everything else is delivered.")
    store.hand_in(order_numbered("000000044"))
    assert verdict(viewer.look("/")) == ("1 thing needs you.", "1 message on the way.")


def test_what_is_held_by_hand_is_not_delivered(
    app: Flask, viewer: Person, store: Store, far_oms: PickyOms, work_off: WorkOff
) -> None:
    registered(app, work_off)
    with app.app_context(), transaction() as session:
        holds.place(session, "lane", "orders", "by_hand", "Stocktaking until noon.", "ops@example.com")
    store.hand_in(order_numbered("000000042"))
    seen = viewer.look("/")
    assert verdict(seen) == ("It works.", "2 messages held.")
    assert "Oldest waiting None" in seen.words


def test_what_stands_behind_a_failure_is_not_the_oldest_waiting(
    app: Flask, viewer: Person, store: Store, far_oms: PickyOms, work_off: WorkOff, moving_clock: MovingClock
) -> None:
    registered(app, work_off)
    far_oms.refuses[CREATE] = "The customer is blocked"
    store.hand_in(order_numbered("000000042"))
    work_off()
    with app.app_context(), transaction() as session:
        publish(session, [NewMessage(PRODUCT, "orders", "order:000000042", b"{}")], "a test")
    moving_clock.advance(hours=2)
    seen = viewer.look("/")
    assert "Oldest waiting None 1 waiting behind others" in seen.words
    assert verdict(seen) == ("1 thing needs you.", "1 message waiting behind others.")

    store.hand_in(order_numbered("000000043"))
    moving_clock.advance(minutes=3)
    assert "Oldest waiting 3 min 2 waiting" in viewer.look("/").words


def test_what_is_let_go_waits_from_then_on(
    app: Flask, viewer: Person, store: Store, far_oms: PickyOms, work_off: WorkOff, moving_clock: MovingClock
) -> None:
    registered(app, work_off)
    with app.app_context(), transaction() as session:
        holds.place(session, "lane", "orders", "by_hand", "Stocktaking until noon.", "ops@example.com")
    store.hand_in(order_numbered("000000042"))
    moving_clock.advance(hours=5)
    with app.app_context(), transaction() as session:
        holds.lift(session, "lane", "orders", "by_hand", "ops@example.com")
    moving_clock.advance(minutes=2)
    assert "Oldest waiting 2 min" in viewer.look("/").words
