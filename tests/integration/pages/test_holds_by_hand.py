"""A lane or a topic held by hand: said on every page, ended by a button; by scripts too."""

from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from tests.fixtures.entrances import CallingOms, Store
from tests.fixtures.magento_documents import an_item, an_order
from tests.fixtures.people import Person
from tests.fixtures.picky_oms import CREATE, PickyOms
from webapp.extensions import read
from webapp.models.accounts import AuditEntry

UPDATED = "magento.sales.order_management.updated"
WHY = "The warehouse counts its stock until noon"
WorkOff = Callable[..., None]


def _hold(person: Person, what: str, reason: str = WHY) -> int:
    fields = person.look("/integration").fields("/holds")
    return person.send("/holds", fields | {"what": what, "reason": reason}).status


def _audited(app: Flask) -> list[tuple[str, str, str, str]]:
    with app.app_context(), read() as session:
        wanted = select(AuditEntry).where(AuditEntry.action.in_(("held", "let go"))).order_by(AuditEntry.id)
        return [(one.actor, one.action, one.subject, one.after) for one in session.scalars(wanted)]


def test_a_lane_is_held_said_on_every_page_and_let_go_in_order(
    app: Flask, operator: Person, viewer: Person, store: Store, far_oms: PickyOms, work_off: WorkOff
) -> None:
    assert _hold(operator, "lane orders") == 303
    store.hand_in(an_order([an_item(1, "A", 1, 10)], 10, increment_id="000000042"))
    work_off("orders")
    assert far_oms.calls == []
    assert {one["status"] for one in store.messages(direction="out")} == {"held"}
    for path in ("/", "/orders", "/orders/000000042", "/journal"):
        seen = viewer.look(path)
        assert f"Held by hand: all orders to the OMS. {WHY}" in seen.of("banners"), path
        assert seen.links()["Let it go"] == "/integration#holds"

    page = operator.look("/integration")
    (end,) = [one for one in page.actions() if one.startswith("/holds/")]
    assert end not in viewer.look("/integration").actions()
    operator.send(end, page.fields(end))
    after = operator.look("/integration")
    assert "Let go. 2 messages go now, in order." in after.of("notices")
    assert "Held by hand:" not in after.of("banners")
    work_off("orders")
    assert far_oms.topics()[-1] == CREATE
    assert _audited(app) == [
        (operator.email, "held", "lane orders", WHY),
        (operator.email, "let go", "lane orders", ""),
    ]
    operator.send(end, {})
    assert "That was let go already." in operator.look("/integration").of("notices")


def test_a_topic_from_the_oms_waits_to_be_applied(
    operator: Person, store: Store, oms: CallingOms, work_off: WorkOff
) -> None:
    store.hand_in(an_order([an_item(1, "A", 1, 10)], 10, increment_id="000000042"))
    _hold(operator, f"topic {UPDATED}")
    assert oms.tell(UPDATED, {"order": {"id": "000000042", "status": "APPROVED"}}).said["result"] is True
    work_off("retries", "status_updates")
    (waiting,) = store.messages(topic=UPDATED)
    assert (waiting["status"], waiting["reason"]) == ("held", WHY)
    assert "Held: it is not applied until that ends." in operator.look(f"/journal/{waiting['id']}").words


def test_what_cannot_be_held_says_so(operator: Person, viewer: Person) -> None:
    assert _hold(operator, "lane orders", "   ") == 303
    assert "say why" in operator.look("/integration").of("notices")
    for what in ("lane retries", "lane jobs", "lane nothing", "topic nothing", "endpoint oms", ""):
        assert _hold(operator, what) == 400, what
    assert _hold(operator, "lane orders", "x" * 501) == 400
    assert "Nothing is held by hand." in operator.look("/integration").words
    assert viewer.send("/holds", {"what": "lane orders", "reason": WHY}).status == 403
    assert viewer.send("/holds/1/end", {}).status == 403


def test_scripts_hold_and_let_go(store: Store) -> None:
    placed = store.call("POST", "/api/v1/holds", {"lane": "catalog", "reason": f" {WHY}\n"})
    assert placed.status == 201
    again = store.call("POST", "/api/v1/holds", {"lane": "catalog", "reason": "Still"})
    assert (again.said["id"], again.said["reason"], placed.said["reason"]) == (
        placed.said["id"],
        "Still",
        WHY,
    )
    topic = store.call("POST", "/api/v1/holds", {"topic": CREATE, "reason": WHY})
    listed = store.call("GET", "/api/v1/holds").said["items"]
    assert [(one.get("lane"), one.get("topic")) for one in listed] == [("catalog", None), (None, CREATE)]
    for body, field in (
        ({"reason": WHY}, None),
        ({"lane": "catalog", "topic": CREATE, "reason": WHY}, None),
        ({"lane": "retries", "reason": WHY}, "lane"),
        ({"topic": "nothing", "reason": WHY}, "topic"),
        ({"lane": "catalog"}, "reason"),
        ({"lane": ["catalog"], "reason": WHY}, "lane"),
    ):
        reply = store.call("POST", "/api/v1/holds", body)
        assert (reply.status, reply.error.get("field")) == (422, field), body
    ended = store.call("DELETE", f"/api/v1/holds/{topic.said['id']}")
    assert (ended.status, ended.said) == (200, {"released": 0})
    for number in (topic.said["id"], 99999999999999999999):
        assert store.call("DELETE", f"/api/v1/holds/{number}").status == 404


def test_a_disable_is_not_ended_as_a_hold_by_hand(admin: Person, store: Store) -> None:
    admin.send("/integration/disable", {})
    assert store.call("GET", "/api/v1/holds").said["items"] == []
    for number in range(1, 4):
        assert store.call("DELETE", f"/api/v1/holds/{number}").status == 404
    assert "The integration is disabled" in admin.look("/").of("banners")
