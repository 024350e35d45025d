"""`/api/v1/messages/replay` and `/api/v1/jobs`: begun by a filter or by ids, followed, ended (F04)."""

from collections.abc import Callable
from typing import Any

from tests.fixtures.entrances import Store
from tests.integration.pages.kept import keep_messages, message_row
from webapp.domain.states import MessageStatus

FAILED = {"status": MessageStatus.FAILED, "cause": "oms.refused.-32602"}
TOPIC = "magento.catalog.product_management.updated"
WorkOff = Callable[..., None]


def _replay(store: Store, body: object) -> Any:
    reply = store.call("POST", "/api/v1/messages/replay", body)
    assert reply.status == 202, reply
    return reply.said


def _job(store: Store, uid: str) -> Any:
    return store.call("GET", f"/api/v1/jobs/{uid}").said


def test_by_filter_it_is_a_job_that_a_worker_does(store: Store, work_off: WorkOff) -> None:
    keep_messages(store.app, *(message_row(number, **FAILED) for number in range(3)), message_row(3))
    begun = _replay(store, {"filter": {"status": "failed", "topic": TOPIC}})
    expected = {"kind": "messages.replay", "state": "queued", "total": 3, "done": 0, "failed": 0,
                "batches": 0, "started_at": None, "finished_at": None, "errors_url": None}  # fmt: skip
    assert begun | expected == begun
    assert _job(store, begun["id"]) == begun

    work_off("jobs")

    done = _job(store, begun["id"])
    assert (done["state"], done["done"], done["batches"]) == ("done", 3, 1)
    assert done["messages"] == {"total": 3, "settled": 0, "failed": 0}
    assert done["started_at"] <= done["finished_at"]
    assert len(store.messages(status="pending")) == len(store.messages(job=begun["id"])) == 3


def test_by_ids_what_cannot_be_is_told_one_by_one(store: Store, work_off: WorkOff) -> None:
    kept = [message_row(1, **FAILED), *(message_row(n, status=MessageStatus.SUPERSEDED) for n in (2, 3, 4))]
    keep_messages(store.app, *kept)
    begun = _replay(store, {"ids": [one["uid"] for one in kept]})
    work_off("jobs")

    done = _job(store, begun["id"])
    assert (done["state"], done["total"], done["done"], done["failed"]) == ("done", 4, 1, 3)
    first = store.call("GET", f"{done['errors_url']}?limit=2").said
    rest = store.call("GET", f"{done['errors_url']}?cursor={first['next']}").said
    assert [one["subject"][-1] for one in (*first["items"], *rest["items"])] == ["2", "3", "4"]
    assert rest["next"] is None
    assert first["items"][0]["reason"].startswith("A newer message took its place")


def test_what_cannot_be_asked_for_is_refused_by_its_name(store: Store) -> None:
    uid = message_row(1)["uid"]
    keep_messages(store.app, message_row(1, **FAILED))
    for body, field in (
        ({}, None),
        ({"ids": [uid], "filter": {"status": "failed"}}, None),
        ({"ids": []}, "ids"),
        ({"ids": "all"}, "ids"),
        ({"ids": [uid] * 5_001}, "ids"),
        ({"ids": [uid, "nobody"]}, "ids[1]"),
        ({"ids": [uid, 7]}, "ids[1]"),
        ({"ids": ["\x00"]}, "ids[0]"),
        ({"filter": []}, "filter"),
        ({"filter": "failed"}, "filter"),
        ({"filter": {}}, "filter"),
        ({"filter": {"status": ""}}, "filter"),
        ({"filter": {"status": "lost"}}, "filter.status"),
        ({"filter": {"status": ["failed"]}}, "filter.status"),
        ({"filter": {"since": "yesterday"}}, "filter.since"),
        ({"filter": {"state": "failed"}}, "filter.state"),
        ({"filter": {"q": "x" * 256}}, "filter.q"),
    ):
        reply = store.call("POST", "/api/v1/messages/replay", body)
        assert (reply.status, reply.error.get("field")) == (422, field), body
    assert store.call("GET", "/api/v1/jobs").said["items"] == []


def test_cancelled_it_is_told_so_and_only_once(store: Store, work_off: WorkOff) -> None:
    keep_messages(store.app, message_row(1, **FAILED))
    begun = _replay(store, {"filter": {"status": "failed"}})
    reply = store.call("POST", f"/api/v1/jobs/{begun['id']}/cancel")
    assert (reply.status, reply.said["state"], reply.said["done"]) == (202, "cancelled", 0)
    assert reply.said["reason"].startswith("Cancelled by token ")
    work_off("jobs")

    again = store.call("POST", f"/api/v1/jobs/{begun['id']}/cancel")
    assert (again.status, again.error["code"]) == (409, "conflict")
    assert len(store.messages(status="failed")) == 1
    for path in ("/api/v1/jobs/nobody", "/api/v1/jobs/nobody/errors"):
        assert store.call("GET", path).error["code"] == "not_found"
    assert store.call("POST", "/api/v1/jobs/nobody/cancel").status == 404


def test_jobs_are_listed_page_by_page_to_whom_they_concern(store: Store) -> None:
    keep_messages(store.app, message_row(1, **FAILED))
    ids = [_replay(store, {"filter": {"status": "failed"}})["id"] for _ in range(3)]
    first = store.call("GET", "/api/v1/jobs?limit=2").said
    rest = store.call("GET", f"/api/v1/jobs?limit=2&cursor={first['next']}").said
    assert [one["id"] for one in (*first["items"], *rest["items"])] == ids[::-1]
    assert rest["next"] is None

    orders, reader, products = (
        Store(store.app, scopes) for scopes in (("orders:read",), ("messages:read",), ("catalog:read",))
    )
    assert orders.call("GET", "/api/v1/jobs").status == 403
    assert products.call("GET", "/api/v1/jobs").said["items"] == []
    for one, method, path, status in (
        (orders, "GET", ids[0], 403),
        (products, "GET", f"{ids[0]}/errors", 403),
        (reader, "GET", ids[0], 200),
        (reader, "POST", f"{ids[0]}/cancel", 403),
    ):
        assert one.call(method, f"/api/v1/jobs/{path}").status == status, path
    assert "messages:write" in reader.call("POST", f"/api/v1/jobs/{ids[0]}/cancel").error["message"]
