"""Overview: whether it works, what needs a person, and the one button that mends it."""

from decimal import Decimal

import pytest
from flask import Flask

from tests.fixtures.entrances import CallingOms, Store
from tests.fixtures.people import Person
from tests.fixtures.picky_oms import CREATE, PickyOms
from tests.fixtures.time import MovingClock
from tests.integration.pages.kept import keep_messages, message_row
from tests.integration.pages.overviews import WorkOff, audited, order_numbered, press, registered, rows, swept
from webapp.domain.states import MessageStatus
from webapp.extensions import transaction
from webapp.messaging import holds
from webapp.messaging.journal import NewMessage, publish

PRODUCT = "magento.catalog.product_management.updated"
UPDATED = "magento.sales.order_management.updated"


def test_from_nothing_to_everything_delivered(
    app: Flask, admin: Person, store: Store, far_oms: PickyOms, work_off: WorkOff
) -> None:
    store.set(oms__url=None)
    assert "No OMS is connected yet." in admin.look("/").words
    assert "No OMS address" in admin.look("/").of("state")

    store.set(oms__url=far_oms.url)
    assert "The OMS does not know this connector yet." in admin.look("/").words
    assert admin.look("/").of("state") == "Not registered"

    registered(app, work_off)
    seen = admin.look("/")
    assert "Everything is delivered." in seen.words
    assert "Nothing needs you" in seen.words
    assert seen.of("state").startswith("Connected · last message")
    assert rows(seen) == []


def test_a_refused_order_stands_with_its_reason_and_the_button_that_mends_it(
    app: Flask, operator: Person, store: Store, far_oms: PickyOms, work_off: WorkOff
) -> None:
    registered(app, work_off)
    far_oms.refuses[CREATE] = "The customer is blocked"
    store.hand_in(order_numbered("000000042"))
    work_off()

    seen = operator.look("/")
    assert "1 thing needs you." in seen.words
    (row,) = rows(seen)
    assert row.startswith("Failed Order 000000042 was not exported")
    assert "The OMS refused order 000000042: The customer is blocked" in row
    assert "Orders 1 need you" in seen.words
    assert "API Journal 1 need you" in seen.words
    assert seen.links()["Failed 1"] == "/orders?export=failed"

    said = press(operator, "Send 1 again")
    assert "1 message sent again." in said.of("notices")
    assert rows(said) == []
    assert store.order("000000042")["oms"]["export"] == "queued"

    far_oms.refuses.clear()
    work_off()
    assert store.order("000000042")["oms"]["export"] == "sent"
    (message,) = store.messages(topic=CREATE)
    assert (message["status"], message["tries"]) == ("succeeded", 2)
    assert (operator.email, "messages replayed", "1 messages") in audited(app)


def test_failures_of_one_cause_are_one_thing_and_of_another_another(
    app: Flask, operator: Person, store: Store, far_oms: PickyOms, work_off: WorkOff
) -> None:
    registered(app, work_off)
    far_oms.refuses[CREATE] = "The customer is blocked"
    for number in ("000000001", "000000002", "000000003"):
        store.hand_in(order_numbered(number))
    work_off()
    far_oms.refuses[CREATE] = "This order number already exists"
    store.hand_in(order_numbered("000000004"))
    work_off()

    told = rows(operator.look("/"))
    assert len(told) == 2
    assert told[0].startswith("Failed 3 orders were not exported")
    assert told[1].startswith("Failed Order 000000004 was not exported")

    far_oms.refuses.clear()
    said = press(operator, "Send 3 again")
    assert "3 messages sent again." in said.of("notices")
    work_off()
    sent = [store.order(f"00000000{last}")["oms"]["export"] for last in (1, 2, 3, 4)]
    assert sent == ["sent", "sent", "sent", "failed"]


def test_of_very_many_causes_the_oldest_are_told_and_that_there_are_more(app: Flask, viewer: Person) -> None:
    failed = [
        message_row(
            number, status=MessageStatus.FAILED, cause=f"oms.cause_{number % 23:02}", reason="Refused"
        )
        for number in range(1, 70)
    ]
    keep_messages(app, *failed)
    told = rows(viewer.look("/"))
    assert len(told) == 21
    assert told[0].startswith("Failed 3 messages were not delivered")
    assert told[-1].startswith("Failed More messages failed, of other causes")
    assert "Failed 69" in viewer.look("/").words


def test_what_waits_behind_a_failed_order_is_said_and_stands_first(
    app: Flask, operator: Person, store: Store, oms: CallingOms, far_oms: PickyOms, work_off: WorkOff
) -> None:
    oms.tell(UPDATED, {"order": {"id": "unknown", "status": "RECEIVED"}})
    work_off()
    far_oms.refuses[CREATE] = "The customer is blocked"
    store.hand_in(order_numbered("000000042"))
    work_off()
    with app.app_context(), transaction() as session:
        publish(session, [NewMessage("test.topic", "orders", "order:000000042", b"{}")], "a test")

    told = rows(operator.look("/"))
    assert told[0].startswith("Failed Order 000000042 was not exported")
    assert "1 message waits behind." in told[0]
    assert told[1].startswith("Failed 1 call from the OMS was not applied: Order status from the OMS")


def test_a_call_that_could_not_be_applied_is_applied_again(
    operator: Person, store: Store, oms: CallingOms, far_oms: PickyOms, work_off: WorkOff
) -> None:
    told = {"order": {"id": "000000042", "status": "RECEIVED", "status_date": "2026-03-02T08:00:00Z"}}
    oms.tell(UPDATED, told)
    work_off()
    (row,) = rows(operator.look("/"))
    assert "Order 000000042 is not here." in row
    assert "Apply 1 again" in row

    assert "1 message sent again." in press(operator, "Apply 1 again").of("notices")
    assert store.messages(topic=UPDATED)[0]["status"] == "pending"


@pytest.mark.usefixtures("far_oms")
def test_a_call_with_a_bad_signature_is_set_aside_not_applied(
    app: Flask, operator: Person, store: Store, oms: CallingOms
) -> None:
    oms.post(b'{"jsonrpc":"2.0","method":"x","params":{},"id":"1"}', "sha1=" + "0" * 40)
    (row,) = rows(operator.look("/"))
    assert "1 call from the OMS was refused for its signature" in row

    said = press(operator, "Set 1 aside")
    assert "1 message set aside." in said.of("notices")
    assert rows(said) == []
    (message,) = store.messages(status="skipped")
    assert message["reason"].startswith("Set aside on the Overview")
    assert (operator.email, "messages skipped", f"1 messages: {message['reason']}") in audited(app)


@pytest.mark.usefixtures("far_oms")
def test_what_was_turned_away_cannot_be_applied_by_a_forged_form(
    operator: Person, store: Store, oms: CallingOms
) -> None:
    oms.post(b'{"jsonrpc":"2.0","method":"x","params":{},"id":"1"}', "sha1=" + "0" * 40)
    group = {"topic": "unreadable", "direction": "in", "endpoint": "oms", "cause": "oms.signature"}
    operator.send("/overview/send-again", group)
    assert "Nothing was left to send again." in operator.look("/").words
    assert store.messages()[0]["status"] == "failed"


def test_an_order_held_for_review_goes_out_when_someone_says_so(
    app: Flask, operator: Person, store: Store, far_oms: PickyOms, work_off: WorkOff
) -> None:
    registered(app, work_off)
    store.set(orders__residual="hold")
    order = order_numbered("000000042") | {"grand_total": Decimal("44.90")}
    assert store.hand_in(order).said["export"] == "held"

    (row,) = rows(operator.look("/"))
    assert row.startswith("Held Order 000000042 is held for review")
    assert "4.90" in row
    said = press(operator, "Export it now")
    assert "Order 000000042 is on its way to the OMS." in said.of("notices")
    assert rows(said) == []
    work_off()
    lines = far_oms.calls[-1]["params"]["order"]["lines"]
    assert [line["id"] for line in lines if line["product_type"] == "SERVICE"] == ["SURCHARGE"]
    assert (operator.email, "order exported by hand", "order 000000042") in audited(app)

    operator.send("/overview/export-held", {"number": "000000042"})
    assert "was not exported. It was sent to the OMS already." in operator.look("/").words
    operator.send("/overview/export-held", {"number": "<b>nothing</b>"})
    assert "There is no order <b>nothing</b> here." in operator.look("/").words


def test_an_order_in_trouble_at_the_oms_wants_a_look(
    operator: Person, store: Store, oms: CallingOms, far_oms: PickyOms, work_off: WorkOff
) -> None:
    store.hand_in(order_numbered("000000042"))
    work_off()
    trouble = {"id": "000000042", "status": "ERROR", "status_reason": "PAYMENTFAIL"}
    oms.tell(UPDATED, {"order": trouble})
    work_off()

    seen = operator.look("/")
    (row,) = rows(seen)
    assert row.startswith("Look Order 000000042 needs a look")
    assert seen.links()["Open the order"] == "/orders/000000042"


def test_error_answers_need_a_person_from_the_third_try_on_silence_does_not(
    app: Flask, viewer: Person, store: Store, far_oms: PickyOms, work_off: WorkOff, moving_clock: MovingClock
) -> None:
    registered(app, work_off)
    far_oms.broken = 500
    store.hand_in(order_numbered("000000042"))
    shown = []
    for tries in (1, 2, 3):
        swept(app, work_off)
        assert store.messages(topic=PRODUCT)[0]["tries"] == tries
        shown.append(len(rows(viewer.look("/"))))
        moving_clock.advance(hours=1)
    assert shown == [0, 0, 1]
    assert rows(viewer.look("/"))[0].startswith("Retrying 1 message was not delivered so far")

    far_oms.broken = 503
    for _ in range(4):
        swept(app, work_off)
        moving_clock.advance(hours=1)
    seen = viewer.look("/")
    assert rows(seen) == []
    assert "The OMS has not answered since" in seen.words
    assert seen.of("state").startswith("Not reachable since")


def test_a_viewer_sees_what_needs_someone_and_may_do_nothing_about_it(
    app: Flask, viewer: Person, store: Store, far_oms: PickyOms, work_off: WorkOff
) -> None:
    far_oms.refuses[CREATE] = "The customer is blocked"
    store.hand_in(order_numbered("000000042"))
    work_off()

    seen = viewer.look("/")
    assert len(rows(seen)) == 1
    assert "Send 1 again" not in seen.words
    group = {"topic": CREATE, "direction": "out", "endpoint": "oms", "cause": "oms.refused.-32602"}
    assert viewer.send("/overview/send-again", group).status == 403
    assert viewer.send("/overview/set-aside", group).status == 403
    assert viewer.send("/overview/export-held", {"number": "000000042"}).status == 403
    assert store.order("000000042")["oms"]["export"] == "failed"


def test_the_figures_are_of_the_last_hour(
    app: Flask, viewer: Person, store: Store, far_oms: PickyOms, work_off: WorkOff, moving_clock: MovingClock
) -> None:
    registered(app, work_off)
    store.hand_in(order_numbered("000000042"))
    work_off()
    # The registration, the product and the order went out; the order came in.
    assert "Sent 3 in the last hour Received 1 in the last hour" in viewer.look("/").words
    moving_clock.advance(minutes=61)
    assert "Sent 0 in the last hour Received 0 in the last hour" in viewer.look("/").words
    assert "Failed 0 none at all" in viewer.look("/").words


def test_the_oldest_waiting_message_is_counted_from_when_it_was_written(
    viewer: Person, store: Store, far_oms: PickyOms, moving_clock: MovingClock
) -> None:
    store.hand_in(order_numbered("000000042"))
    moving_clock.advance(minutes=20)
    assert "Oldest waiting 20 min 2 waiting" in viewer.look("/").words


@pytest.mark.usefixtures("far_oms")
def test_what_is_held_by_hand_stands_on_every_page(app: Flask, viewer: Person, store: Store) -> None:
    with app.app_context(), transaction() as session:
        holds.place(session, "lane", "orders", "by_hand", "Stocktaking until noon.", "ops@example.com")
    store.hand_in(order_numbered("000000042"))
    seen = viewer.look("/account")
    assert "Held by hand: all orders to the OMS. Stocktaking until noon." in seen.of("banners")
    assert "2 held" in seen.of("state")


def test_the_poll_gets_only_what_changes_and_when_to_ask_again(viewer: Person) -> None:
    fragment = viewer.glance("/")
    assert fragment.status == 200
    assert "<h1>" not in fragment.text
    assert (
        5 <= int(fragment.element("now").get("hx-trigger", "").removeprefix("every ").removesuffix("s")) <= 60
    )
    assert viewer.glance("/state").words == "No OMS address"
