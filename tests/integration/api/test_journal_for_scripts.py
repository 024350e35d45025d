"""`/api/v1/messages`: found by any mark, page by page; sent again and set aside, with their reasons."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from tests.fixtures.entrances import CallingOms, Store
from tests.fixtures.magento_documents import an_item, an_order
from webapp.extensions import read
from webapp.models.accounts import AuditEntry

CREATE = "magento.sales.order_management.create"
UPDATED = "magento.sales.order_management.updated"


def hand_in(store: Store, *numbers: str) -> None:
    """An order of one piece under each number."""
    for number in numbers:
        store.hand_in(an_order([an_item(1, "A", 1, 10)], 10) | {"increment_id": number})


def status_of(store: Store, uid: str) -> str:
    """Where a message stands."""
    return str(store.call("GET", f"/api/v1/messages/{uid}").said["status"])


def audited(store: Store) -> list[tuple[str, str, str]]:
    """Who did what to which message."""
    with store.app.app_context(), read() as session:
        return [
            (one.action, one.subject, one.after)
            for one in session.scalars(select(AuditEntry).order_by(AuditEntry.id))
            if one.action.startswith("message ")
        ]


def test_pages_hold_each_message_once_newest_first(store: Store) -> None:
    hand_in(store, "1", "2", "3")
    whole = store.call("GET", "/api/v1/messages").said
    assert whole["next"] is None

    items: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        page = store.call("GET", f"/api/v1/messages?limit=2{cursor}").said
        assert len(page["items"]) <= 2
        items += page["items"]
        cursor = page["next"] and f"&cursor={page['next']}"

    assert items == whole["items"]
    assert len({one["id"] for one in items}) == len(items) == 9


def test_messages_are_found_by_their_marks(store: Store, oms: CallingOms) -> None:
    hand_in(store, "000000001", "000000002")
    oms.tell(UPDATED, {"order": {"id": "000000002", "status": "NEW"}}, "wire-7")

    def found(query: str) -> set[str]:
        reply = store.call("GET", f"/api/v1/messages?{query}")
        assert reply.status == 200, query
        return {
            f"{one['direction']} {one['topic'].rpartition('.')[2]} {one['order']}"
            for one in reply.said["items"]
        }

    create, product, order = "out create 00000000", "out updated 00000000", "in order 00000000"
    assert found("order=000000001") == {f"{create}1", f"{product}1", f"{order}1"}
    assert found(f"topic={CREATE}") == {f"{create}1", f"{create}2"}
    assert found("status=held&order=000000002") == {f"{create}2", f"{product}2"}
    assert found("q=00000000&direction=in") == {f"{order}1", f"{order}2", "in updated 000000002"}
    assert found("q=wire-7") == {"in updated 000000002"}
    assert found("since=2001-01-01&until=2002-01-01") == found("order=0") == set()
    one = store.call("GET", f"/api/v1/messages?topic={CREATE}").said["items"][0]
    assert {"id", "direction", "topic", "key", "status", "tries", "reason", "created_at", "next_try_at",
            "expires_at", "attempts"} <= one.keys()  # fmt: skip
    assert one["key"] == "order:000000002"


def test_one_that_waits_says_for_which(store: Store) -> None:
    store.set(oms__url="http://127.0.0.1:1/")
    hand_in(store, "1")
    _, product, create = (one["id"] for one in store.messages())
    assert store.call("GET", f"/api/v1/messages/{create}").said["waits_for"] == product
    assert "waits_for" not in store.call("GET", f"/api/v1/messages/{product}").said


def test_a_filter_that_cannot_be_is_refused_by_its_name(store: Store) -> None:
    for path in ("/api/v1/messages", "/api/v1/orders"):
        for query in ("limit=0", "limit=501", "limit=x", "limit=%D9%A1", "limit=", "cursor=x", "cursor=-1",
                      "cursor=99999999999999999999", "q=" + "%25" * 60_000):  # fmt: skip
            reply = store.call("GET", f"{path}?{query}")
            assert (reply.status, reply.error["field"]) == (422, query.partition("=")[0]), query
        assert store.call("GET", f"{path}?q=%00").status in (400, 422)
        assert store.call("GET", f"{path}/%00").status == 400
    for query in ("status=lost", "direction=up", "since=yesterday", "until=0001-01-01T00:00:00%2B23:59"):
        reply = store.call("GET", f"/api/v1/messages?{query}")
        assert (reply.status, reply.error["field"]) == (422, query.partition("=")[0])
    assert store.call("GET", "/api/v1/orders?export=lost").error["field"] == "export"
    for path in ("/api/v1/messages/nobody", "/api/v1/orders/nobody"):
        assert store.call("GET", path).error["code"] == "not_found"


def test_a_failed_message_is_sent_again(store: Store, oms: CallingOms, work_off: Callable[..., None]) -> None:
    store.set(inbound__mode="sync")
    oms.tell(UPDATED, {"order": {"id": "000000001", "lines": [{"line_number": 2, "status": "NEW"}]}})
    hand_in(store, "000000001")
    work_off("status_updates")
    failed = store.messages(topic=UPDATED, status="failed", direction="in")[0]

    reply = store.call("POST", f"/api/v1/messages/{failed['id']}/replay")
    assert (reply.status, reply.said["status"], reply.said["tries"]) == (202, "pending", 2)
    work_off("status_updates")

    told = store.call("GET", f"/api/v1/messages/{failed['id']}").said
    assert (told["status"], told["tries"], len(told["attempts"])) == ("failed", 3, 3)
    assert audited(store) == [("message replayed", f"message {failed['id']}", "")]


def test_what_cannot_be_sent_again_says_why(store: Store, oms: CallingOms) -> None:
    hand_in(store, "000000001")
    oms.post(b"{}", "sha1=00")
    taken_in = store.messages(topic="store.order")[0]["id"]
    forged = store.messages(status="failed")[0]["id"]
    held = store.messages(topic=CREATE)[0]["id"]

    for uid in (taken_in, forged, held):
        before = status_of(store, uid)
        reply = store.call("POST", f"/api/v1/messages/{uid}/replay")
        assert (reply.status, reply.error["code"]) == (409, "conflict")
        assert status_of(store, uid) == before
    assert store.call("POST", "/api/v1/messages/nobody/replay").status == 404
    assert audited(store) == []


def test_a_message_is_set_aside_with_a_reason(store: Store) -> None:
    hand_in(store, "000000001")
    held = store.messages(topic=CREATE)[0]["id"]
    no_reasons: tuple[object, ...] = ({}, {"reason": " "}, {"reason": ["x"]}, {"reason": "x" * 1_001})
    for body in no_reasons:
        reply = store.call("POST", f"/api/v1/messages/{held}/skip", body)
        assert (reply.status, reply.error["field"]) == (422, "reason")
    assert store.call("POST", f"/api/v1/messages/{held}/skip", b"{").status == 400
    assert status_of(store, held) == "held"

    reply = store.call("POST", f"/api/v1/messages/{held}/skip", {"reason": "A\x00test order"})

    assert (reply.status, reply.said["status"], reply.said["reason"]) == (202, "skipped", "A test order")
    assert store.order("000000001")["oms"]["export"] == "not_exported"
    assert store.call("POST", f"/api/v1/messages/{held}/skip", {"reason": "Again"}).status == 409
    assert audited(store) == [("message skipped", f"message {held}", "A test order")]
    # Sent again after all, its order is on its way again.
    assert store.call("POST", f"/api/v1/messages/{held}/replay").status == 202
    assert store.order("000000001")["oms"]["export"] == "queued"
