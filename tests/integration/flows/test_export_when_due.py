"""When an order goes to the OMS, which of its contents, and once (F15, F11, F20)."""

from collections.abc import Callable

from tests.fixtures.entrances import CallingOms, Store
from tests.fixtures.magento_documents import an_item, an_order
from tests.integration.flows.exports import (
    CANCEL,
    CREATE,
    NUMBER,
    PRODUCT,
    comments,
    export_of,
    lines_at,
    pieces_of_a,
    sent,
    taken,
    try_again,
)
from tests.sandbox_process import SandboxProcess
from webapp.flows.export_by_hand import export_by_hand

UPDATED = "magento.sales.order_management.updated"
WorkOff = Callable[..., None]


def test_it_waits_for_its_status_and_goes_once(
    store: Store, sandbox: SandboxProcess, work_off: WorkOff
) -> None:
    early = store.hand_in(pieces_of_a(2, "pending"))
    assert (early.said["export"], early.said["reason"]) == (
        "waiting",
        "Waiting for status: it is pending now.",
    )
    work_off("orders")
    assert sandbox.get("/control/received")["items"] == []

    assert store.hand_in(pieces_of_a(2)).said["export"] == "queued"
    work_off("orders")
    assert export_of(store) == ("sent", None)

    # Left and reached again, it does not go again.
    for status in ("pending", "processing", "complete", "processing"):
        assert store.hand_in(pieces_of_a(2, status)).said["export"] == "exported"
    work_off("orders")
    assert sent(store) == ["succeeded"]
    assert taken(sandbox) == 1
    assert lines_at(sandbox) == 2


def test_a_trigger_status_may_be_any(store: Store, sandbox: SandboxProcess, work_off: WorkOff) -> None:
    store.set(orders__export_statuses="pending, invoiced")
    store.hand_in(pieces_of_a(1, "pending"))
    store.hand_in(pieces_of_a(1) | {"increment_id": "7"})

    work_off("orders")

    assert export_of(store)[0] == "sent"
    assert export_of(store, "7")[0] == "waiting"


def test_the_newest_content_goes_in_place_of_what_was_not_sent_yet(
    store: Store, sandbox: SandboxProcess, work_off: WorkOff
) -> None:
    store.set(oms__url=None)
    assert store.hand_in(pieces_of_a(2)).said["export"] == "held"
    store.hand_in(pieces_of_a(3))
    store.set(oms__url=f"{sandbox.url}/")
    store.hand_in(pieces_of_a(4))

    work_off("orders")

    assert sent(store) == ["superseded", "superseded", "succeeded"]
    assert sent(store, PRODUCT) == ["superseded", "superseded", "succeeded"]
    assert lines_at(sandbox) == 4
    assert len(store.order(NUMBER)["oms"]["lines"]) == 4
    assert taken(sandbox) == taken(sandbox, PRODUCT) == 1


def test_new_content_takes_the_place_of_what_was_refused(
    store: Store, sandbox: SandboxProcess, work_off: WorkOff
) -> None:
    sandbox.control("faults", {"kind": "reject", "calls": 1, "method": CREATE})
    store.hand_in(pieces_of_a(2))
    work_off("orders")
    assert export_of(store) == (
        "failed",
        f"The OMS refused order {NUMBER}: Refused, as the fault 'reject' asks",
    )
    # The same again is not sent again by itself.
    assert store.hand_in(pieces_of_a(2)).said["export"] == "failed"
    work_off("orders")
    assert taken(sandbox) == 0

    assert store.hand_in(pieces_of_a(3)).said["export"] == "queued"
    work_off("orders")

    assert export_of(store) == ("sent", None)
    assert sent(store) == ["superseded", "succeeded"]
    assert lines_at(sandbox) == 3


def test_a_refused_order_is_sent_again_by_hand(
    store: Store, sandbox: SandboxProcess, work_off: WorkOff
) -> None:
    sandbox.control("faults", {"kind": "reject", "calls": 1, "method": CREATE})
    store.hand_in(pieces_of_a(2))
    work_off("orders")

    uid = store.order(NUMBER)["oms"]["message_id"]
    assert store.call("POST", f"/api/v1/messages/{uid}/replay").status == 202
    assert export_of(store) == ("queued", None)
    work_off("orders")

    assert export_of(store) == ("sent", None)
    calls = [one for one in sandbox.get("/control/received")["items"] if one["method"] == CREATE]
    assert [one["id"] for one in calls] == [uid, uid]


def test_while_the_outcome_is_unknown_the_body_stays_and_the_change_is_noted(
    store: Store, sandbox: SandboxProcess, work_off: WorkOff
) -> None:
    store.hand_in(pieces_of_a(1) | {"increment_id": "1"})
    work_off("orders")
    sandbox.control("faults", {"kind": "drop_answer", "calls": 1})
    store.hand_in(pieces_of_a(2))
    work_off("orders")
    assert export_of(store)[0] == "queued"

    for _ in range(2):
        store.hand_in(pieces_of_a(3))
    assert [one for one in comments(store) if "it is unknown" in one] == comments(store)
    assert len(comments(store)) == 1
    assert len(store.order(NUMBER)["oms"]["lines"]) == 2

    # The OMS had it: the same message again is found to be the same order.
    try_again(store)
    assert export_of(store) == ("sent", None)
    assert lines_at(sandbox) == 2
    assert taken(sandbox) == 2


def test_a_refusal_puts_the_noted_content_in_its_place(
    store: Store, sandbox: SandboxProcess, work_off: WorkOff
) -> None:
    store.hand_in(pieces_of_a(1) | {"increment_id": "1"})
    work_off("orders")
    sandbox.control("faults", {"kind": "http_500", "calls": 1})
    store.hand_in(pieces_of_a(2))
    work_off("orders")
    store.hand_in(pieces_of_a(3))
    sandbox.control("faults", {"kind": "reject", "calls": 1, "method": CREATE})

    try_again(store)
    work_off("orders")

    assert export_of(store) == ("sent", None)
    assert lines_at(sandbox) == 3
    assert len(store.order(NUMBER)["oms"]["lines"]) == 3
    assert sent(store)[1:] == ["superseded", "succeeded"]


def test_what_the_store_takes_back_is_not_sent_instead(
    store: Store, sandbox: SandboxProcess, work_off: WorkOff
) -> None:
    store.hand_in(pieces_of_a(1) | {"increment_id": "1"})
    work_off("orders")
    sandbox.control("faults", {"kind": "http_500", "calls": 1})
    store.hand_in(pieces_of_a(2))
    work_off("orders")
    store.hand_in(pieces_of_a(3))
    store.hand_in(pieces_of_a(2))
    sandbox.control("faults", {"kind": "reject", "calls": 1, "method": CREATE})

    try_again(store)
    work_off("orders")

    assert export_of(store)[0] == "failed"
    assert lines_at(sandbox) == 0


def test_what_is_cancelled_before_its_export_is_never_exported(
    store: Store, sandbox: SandboxProcess, work_off: WorkOff
) -> None:
    store.hand_in(pieces_of_a(1, "pending", increment_id="1"))
    store.set(oms__url=None)
    store.hand_in(pieces_of_a(1, increment_id="2"))
    store.set(oms__url=f"{sandbox.url}/")
    sandbox.control("faults", {"kind": "reject", "calls": 1, "method": CREATE})
    store.hand_in(pieces_of_a(1, increment_id="3"))
    store.set(oms__url=None)
    store.hand_in(pieces_of_a(1, "canceled", increment_id="2"))
    store.set(oms__url=f"{sandbox.url}/")
    work_off("orders")
    for number in ("1", "3"):
        store.hand_in(pieces_of_a(1, "canceled", increment_id=number))
    store.hand_in(pieces_of_a(1, "canceled", increment_id="4"))
    # Nor does it come to life again.
    store.hand_in(pieces_of_a(1, increment_id="2"))
    work_off("orders")

    for number in ("1", "2", "3", "4"):
        state = store.order(number)
        assert (state["state"], state["oms"]["export"]) == ("canceled", "not_exported"), number
        open_ones = [
            one for one in store.messages(order=number) if one["status"] in ("pending", "held", "failed")
        ]
        assert open_ones == [], number
    assert taken(sandbox) == 0
    uid = store.order("2")["oms"]["message_id"]
    refused = store.call("POST", f"/api/v1/messages/{uid}/replay")
    assert (refused.status, "cancelled" in refused.error["message"]) == (409, True)


def test_after_export_the_store_no_longer_decides(
    store: Store, oms: CallingOms, sandbox: SandboxProcess, work_off: WorkOff
) -> None:
    store.set(inbound__mode="sync")
    store.hand_in(pieces_of_a(2))
    work_off("orders")
    oms.tell(UPDATED, {"order": {"id": NUMBER, "status": "ONHOLD", "status_date": "2030-01-01"}})
    before = comments(store)

    # The echo of our own status, and what the store had said before, are nothing new.
    store.hand_in(pieces_of_a(2, "holded", state="holded"))
    store.hand_in(pieces_of_a(2))
    store.set(payments__map={"*": {"payment_method": "CARD"}})
    store.hand_in(pieces_of_a(2))
    assert comments(store) == before

    for _ in range(2):
        store.hand_in(pieces_of_a(3, "complete"))
    assert len(comments(store)) == len(before) + 1
    assert comments(store)[-1].startswith(
        "The store changed its content and its status to complete. It has no"
    )
    order = store.order(NUMBER)
    assert (order["state"], len(order["oms"]["lines"])) == ("holded", 2)
    assert sent(store) == ["succeeded"]


def test_a_cancel_in_the_store_is_asked_of_the_oms_once(
    store: Store, sandbox: SandboxProcess, work_off: WorkOff
) -> None:
    store.hand_in(pieces_of_a(2))
    work_off("orders")

    for _ in range(3):
        store.hand_in(pieces_of_a(2, "canceled"))
        work_off("orders")

    assert sent(store, CANCEL) == ["succeeded"]
    assert store.order(NUMBER)["state"] == "processing"
    assert "the OMS was asked to cancel it too" in " ".join(comments(store))


def test_a_cancel_that_waits_for_a_refused_create_ends_here(
    store: Store, sandbox: SandboxProcess, work_off: WorkOff
) -> None:
    store.hand_in(pieces_of_a(1) | {"increment_id": "1"})
    work_off("orders")
    sandbox.control("faults", {"kind": "http_500", "calls": 1})
    store.hand_in(pieces_of_a(2))
    work_off("orders")
    store.hand_in(pieces_of_a(2, "canceled"))
    sandbox.control("faults", {"kind": "reject", "calls": 1, "method": CREATE})

    try_again(store)
    work_off("orders")

    assert (store.order(NUMBER)["state"], export_of(store)[0]) == ("canceled", "not_exported")
    assert sent(store)[1:] == sent(store, CANCEL) == ["skipped"]


def test_an_order_whose_total_is_not_explained_waits_for_someone_to_look(
    store: Store, sandbox: SandboxProcess, work_off: WorkOff
) -> None:
    store.set(orders__residual="hold")

    held = store.hand_in(pieces_of_a(2, grand_total="24.90"))
    assert (held.status, held.said["export"]) == (202, "held")
    assert "4.90 USD above" in held.said["reason"]
    # Having left its status it is still to be looked at.
    assert store.hand_in(pieces_of_a(2, "pending", grand_total="24.90")).said["export"] == "held"
    work_off("orders")
    assert taken(sandbox) == 0

    with store.app.app_context():
        assert export_by_hand(None, NUMBER, "somebody") is None
    work_off("orders")
    assert export_of(store) == ("sent", None)
    assert lines_at(sandbox) == 3


def test_what_the_oms_may_not_know_goes_ahead_of_the_order(
    store: Store, sandbox: SandboxProcess, work_off: WorkOff
) -> None:
    """The sandbox refuses orders with SKUs it was not told."""
    rows = [an_item(1, "A", 2, 20), an_item(2, "GONE-FOR-LONG", 1, 5, name="No longer in the catalog")]
    store.hand_in(an_order(rows, 30, shipping=5))
    work_off("orders")

    calls = [(one["method"], one["verdict"]) for one in sandbox.get("/control/received")["items"]]
    assert calls == [(PRODUCT, "accepted")] * 3 + [(CREATE, "accepted")]
    assert {one["key"] for one in store.messages(direction="out")} == {f"order:{NUMBER}"}
    assert "GONE-FOR-LONG" in str(sandbox.get("/control/received")["items"][1])

    # Known from now on.
    store.hand_in(an_order(rows, 30, shipping=5, increment_id="000000043"))
    work_off("orders")
    assert taken(sandbox, PRODUCT) == 3
    assert taken(sandbox) == 2


def test_a_product_that_fails_does_not_keep_the_order_back(
    store: Store, sandbox: SandboxProcess, work_off: WorkOff
) -> None:
    sandbox.control("unknown_skus", {"refuse": False})
    sandbox.control("faults", {"kind": "reject", "method": PRODUCT})
    store.hand_in(pieces_of_a(2))

    work_off("orders")

    assert sent(store, PRODUCT) == ["failed"]
    assert export_of(store) == ("sent", None)
