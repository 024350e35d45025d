"""One message: what became of it, its tries, what may be seen of it, what may be done (F03 to F05)."""

import html
import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from tests.fixtures.entrances import CallingOms, Store, call_of
from tests.fixtures.magento_documents import an_item, an_order
from tests.fixtures.people import Person, Seen
from tests.fixtures.picky_oms import CREATE, picky_oms
from tests.fixtures.time import MovingClock
from tests.integration.pages.kept import keep_messages, message_row
from webapp.domain.outcome import Outcome, Verdict
from webapp.extensions import read, transaction
from webapp.flows.hold_integration import disable, enable
from webapp.messaging.claims import claim, lease_for
from webapp.messaging.journal import NewMessage, publish
from webapp.messaging.settlement import Change, change, settle
from webapp.models.accounts import AuditEntry
from webapp.models.messages import Message

SILENT = Outcome(
    Verdict.SILENT, "The OMS did not answer within 15 s.", cause="oms.timeout", duration_ms=15_000
)
TAKEN = Outcome(
    Verdict.SUCCEEDED,
    http_status=200,
    duration_ms=85,
    request_headers={"X-Signature": "sha1=ab"},
    answer_headers={"Server": "OMS"},
    answer=b'{"jsonrpc":"2.0","result":{"email":"ada@example.com"}}',
)


def write_down(app: Flask, *payloads: bytes, key: str = "product:MT07-M") -> list[str]:
    """Messages of one key, in order; gives their ids."""
    topic = "magento.catalog.product_management.updated"
    new = [NewMessage(topic, "catalog", key, payload) for payload in payloads]
    with app.app_context(), transaction() as session:
        publish(session, new, "Priya")
    return [one.uid for one in new]


def try_once(app: Flask, outcome: Outcome) -> None:
    """A worker takes what is due and settles it so."""
    with app.app_context():
        claimed = claim("catalog", 10, lease_for(15))
        assert claimed
        with transaction() as session:
            settle(session, [(one, outcome) for one in claimed])


def tries(seen: Seen) -> list[str]:
    """What happened to it, newest first."""
    (timeline,) = [one for one in seen.tree.iter("ol") if one.get("class") == "timeline"]
    return [" ".join("".join(one.itertext()).split()) for one in timeline.iter("li")]


def test_a_message_tells_its_tries_the_waits_between_and_the_next(
    app: Flask, viewer: Person, moving_clock: MovingClock
) -> None:
    (uid,) = write_down(app, b"{}")
    try_once(app, SILENT)
    moving_clock.advance(seconds=20)
    try_once(app, SILENT)
    seen = viewer.look(f"/journal/{uid}")
    assert "Not delivered yet; it is tried again." in seen.words
    assert "The OMS did not answer within 15 s." in seen.words
    told = tries(seen)
    assert told[0].startswith("Try 3 is due in ")
    assert "Tried until 4 Mar 2026, 09:00:00 UTC" in told[0]
    assert told[1].startswith("Try 2: no answer")
    assert told[2] == "waited 20 s"
    assert told[3].startswith("Try 1: no answer")
    assert "took 15 s" in told[3]
    assert told[4].startswith("Written down by Priya")

    moving_clock.advance(seconds=60)
    try_once(app, TAKEN)
    seen = viewer.look(f"/journal/{uid}")
    assert "Delivered to the OMS after 3 tries." in seen.words
    assert "HTTP 200, took 85 ms" in tries(seen)[0]


def test_a_try_under_way_and_one_given_back_are_told_as_such(app: Flask, viewer: Person) -> None:
    (uid,) = write_down(app, b"{}")
    try_once(app, Outcome(Verdict.UNSENT, "The breaker is open."))
    assert any(
        one.startswith("Given back unsent, so it was no try") for one in tries(viewer.look(f"/journal/{uid}"))
    )
    with app.app_context():
        assert claim("catalog", 10, lease_for(15))
    seen = viewer.look(f"/journal/{uid}")
    assert "Being sent now." in seen.words
    assert tries(seen)[0].startswith("Try 1: being sent")


def test_who_waits_behind_another_says_for_which(app: Flask, viewer: Person) -> None:
    first, second = write_down(app, b"{}", b"[]")
    seen = viewer.look(f"/journal/{second}")
    assert "It waits for the message ahead of it" in seen.words
    assert f"Waiting for Product sent to the OMS, waiting, message {first}" in seen.words
    assert f"/journal/{first}" in seen.links().values()
    assert "stands still, 2 days left" in seen.words
    assert f"/journal/{second}" in viewer.look(f"/journal/{first}").links().values()


def test_a_hold_and_its_end_stand_among_the_tries(app: Flask, viewer: Person) -> None:
    (uid,) = write_down(app, b"{}")
    with app.app_context(), transaction() as session:
        disable(session, "Priya")
    held = viewer.look(f"/journal/{uid}")
    assert "Held: it is not sent until that ends." in held.words
    assert "The integration is disabled (by Priya)." in held.words
    with app.app_context(), transaction() as session:
        enable(session, "Oskar")
    told = tries(viewer.look(f"/journal/{uid}"))
    assert told[1].startswith("Released by Oskar")
    assert told[2].startswith("Held by Priya")


def test_a_superseded_message_and_its_successor_name_each_other(app: Flask, viewer: Person) -> None:
    old, new = write_down(app, b"{}", b"[]")
    with app.app_context(), transaction() as session:
        ids = {uid: session.scalars(select(Message.id).where(Message.uid == uid)).one() for uid in (old, new)}
        change(session, [ids[old]], Change("superseded", "Priya", "Newer content.", ids[new]))  # type: ignore[arg-type]
    assert "Its place was taken by" in viewer.look(f"/journal/{old}").words
    assert "It took the place of" in viewer.look(f"/journal/{new}").words


def test_payload_answer_and_headers_are_tabs_with_addresses(app: Flask, operator: Person) -> None:
    (uid,) = write_down(app, b'{"jsonrpc":"2.0","amount":1.10}')
    try_once(app, TAKEN)
    assert '"amount": 1.10' in operator.look(f"/journal/{uid}").words
    assert '"email": "ada@example.com"' in operator.look(f"/journal/{uid}?tab=answer").words
    headers = operator.look(f"/journal/{uid}?tab=headers").words
    assert re.search(r"Sent X-Signature ?sha1=ab Answered Server ?OMS", headers)
    assert "No answer is kept" not in operator.look(f"/journal/{uid}?tab=answer").words
    assert '"amount": 1.10' in operator.look(f"/journal/{uid}?tab=nonsense").words


ORDER = (
    b'{"jsonrpc":"2.0","params":{"secret":"s3cr3t","order":{"id":"000000042","ip":"203.0.113.9",'
    b'"addresses":[{"first_name":"Ada","zip":"LS1"}],'
    b'"custom_attributes":[{"name":"giftcard_1_code","value":"GC-77"}]}}}'
)


@pytest.mark.parametrize(
    ("role", "seen", "hidden"),
    [
        ("viewer", ["000000042"], ["s3cr3t", "Ada", "LS1", "203.0.113.9", "GC-77"]),
        ("operator", ["Ada", "LS1", "203.0.113.9"], ["s3cr3t", "GC-77"]),
        ("admin", ["Ada", "GC-77"], ["s3cr3t"]),
    ],
)
def test_what_is_personal_or_secret_is_hidden_by_role(
    app: Flask, role: str, seen: list[str], hidden: list[str]
) -> None:
    (uid,) = write_down(app, ORDER)
    person = Person(app, role)
    person.sign_in()
    for path in (f"/journal/{uid}", f"/journal/{uid}/payload"):
        text = html.unescape(person.client.get(path).text)
        assert [word for word in seen if word not in text] == []
        assert [word for word in hidden if word in text] == []


def test_a_payload_is_downloaded_as_it_was_sent(app: Flask, admin: Person) -> None:
    body = b'{"a": 1.10,\n "b":[]}'
    (uid,) = write_down(app, body)
    answer = admin.client.get(f"/journal/{uid}/payload")
    assert answer.data == body
    assert answer.headers["Content-Disposition"] == f'attachment; filename="message-{uid}.json"'


def test_a_failed_message_is_sent_again(
    store: Store, operator: Person, work_off: Callable[..., None]
) -> None:
    with picky_oms() as far:
        far.refuses[CREATE] = "lines[0].amount: net and tax do not add up"
        store.set(oms__url=far.url)
        assert store.hand_in(an_order([an_item(1, "A", 1, 20)], 20, subtotal=20)).status == 202
        work_off("orders")
        (uid,) = [one["id"] for one in store.messages(topic=CREATE)]
        seen = operator.look(f"/journal/{uid}")
        assert "Not delivered; it failed at the first try." in seen.words
        said = operator.send(f"/journal/{uid}/replay", seen.fields(f"/journal/{uid}/replay"))
        assert said.headers["Location"] == f"/journal/{uid}"
        seen = operator.look(f"/journal/{uid}")
        assert "It is sent again" in seen.words
        assert "Begun again, with a new series of tries by operator@example.com" in seen.words
        far.refuses.clear()
        work_off("orders")
    assert "Delivered to the OMS after 2 tries." in operator.look(f"/journal/{uid}").words


def test_a_message_is_set_aside_with_a_reason_that_is_kept(app: Flask, operator: Person) -> None:
    (uid,) = write_down(app, b"{}")
    path = f"/journal/{uid}/skip"
    asked = operator.look(path)
    assert "Skip this message?" in asked.words
    refused = operator.send(path, asked.fields(path) | {"reason": "  "})
    assert refused.status == 422
    assert "Say why, for whoever asks later." in refused.words
    said = operator.send(path, asked.fields(path) | {"reason": "The product is gone"})
    assert said.headers["Location"] == f"/journal/{uid}"
    seen = operator.look(f"/journal/{uid}")
    assert "Set aside by hand." in seen.words
    assert "The product is gone" in seen.words
    assert any(one.startswith("Set aside by operator@example.com") for one in tries(seen))
    with app.app_context(), read() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "message skipped")).one()
    assert (entry.actor, entry.after) == ("operator@example.com", "The product is gone")


def test_the_question_is_a_fragment_for_the_dialog(app: Flask, operator: Person) -> None:
    (uid,) = write_down(app, b"{}")
    part = operator.glance(f"/journal/{uid}/skip")
    assert "<html" not in part.text
    assert part.of("dialog-title") == "Skip this message?"


def test_what_cannot_be_done_says_why(app: Flask, operator: Person) -> None:
    (uid,) = write_down(app, b"{}")
    operator.send(f"/journal/{uid}/replay", {})
    assert "It is pending now, so there is nothing to send again." in operator.look(f"/journal/{uid}").words
    try_once(app, TAKEN)
    operator.send(f"/journal/{uid}/skip", {"reason": "late"})
    assert "so it cannot be skipped." in operator.look(f"/journal/{uid}").words


def test_viewers_are_offered_nothing_and_refused(app: Flask, viewer: Person) -> None:
    (uid,) = write_down(app, b"{}")
    assert "/skip" not in viewer.look(f"/journal/{uid}").text
    for path in (f"/journal/{uid}/replay", f"/journal/{uid}/skip"):
        assert viewer.send(path, {"reason": "x"}).status == 403
    assert viewer.look(f"/journal/{uid}/skip").status == 403


def test_the_poll_ends_with_the_message(app: Flask, viewer: Person) -> None:
    (uid,) = write_down(app, b"{}")
    poll = re.search(
        r'hx-get="(/journal/[^"]+)" hx-trigger="every', viewer.look(f"/journal/{uid}?tab=headers").text
    )
    assert poll
    path = html.unescape(poll[1])
    assert viewer.glance(path).status == 204
    try_once(app, TAKEN)
    part = viewer.glance(path)
    assert "Delivered to the OMS at the first try." in part.words
    assert "X-Signature" in part.text
    assert "hx-trigger" not in part.text


def test_a_call_that_was_turned_away_is_not_offered_again(
    store: Store, oms: CallingOms, operator: Person
) -> None:
    assert oms.tell("magento.sales.order_management.nonsense", {}).said["error"]["code"] == -32601
    (uid,) = [one["id"] for one in store.messages(status="failed")]
    seen = operator.look(f"/journal/{uid}")
    assert "Message of an unknown topic" in seen.words
    assert f"/journal/{uid}/replay" not in seen.actions()


def test_bodies_that_are_no_json_are_shown_and_hidden(app: Flask, operator: Person, viewer: Person) -> None:
    keep_messages(app, message_row(1, payload=b"\xff<b>ada@example.com\x00"), message_row(2, payload=b""))
    path = "/journal/00000000-0000-4000-8000-000000000001"
    assert "<b>ada@example.com" in operator.look(path).words
    assert "ada@example.com" not in viewer.look(path).text
    assert "Hidden from your role" in viewer.look(path).words
    assert viewer.look("/journal/00000000-0000-4000-8000-000000000002").status == 200


def test_an_unknown_message_is_not_here(operator: Person) -> None:
    for uid in ("00000000-0000-4000-8000-0000000000ff", "nonsense", "1"):
        for path in (f"/journal/{uid}", f"/journal/{uid}/payload", f"/journal/{uid}/skip"):
            assert operator.look(path).status == 404
        assert operator.send(f"/journal/{uid}/replay", {}).status == 404


def test_an_id_that_came_with_other_bodies_is_noted(store: Store, oms: CallingOms, viewer: Person) -> None:
    """Some peers always send `1`; a repeat of the same is none."""
    updated = "magento.sales.order_management.updated"
    bodies = [{"order": {"id": "000000042", "status": status}} for status in ("NEW", "RECEIVED", "NEW")]
    for body in bodies:
        oms.tell(updated, body, 1)
    oms.tell(updated, bodies[0], "another")
    first, second, alone = store.messages(direction="in", topic=updated)

    note = "Its id, 1, came with 1 other body too: each is a message of its own."
    for one in (first, second):
        seen = viewer.look(f"/journal/{one['id']}")
        assert note in seen.words
        assert "/journal?q=1" in seen.text
        assert store.call("GET", f"/api/v1/messages/{one['id']}").said["note"] == note
    assert "other body" not in viewer.look(f"/journal/{alone['id']}").words
    assert "note" not in store.call("GET", f"/api/v1/messages/{alone['id']}").said

    calls = [
        call_of(updated, {"order": {"id": "000000042", "status": f"S{place}"}}, 1) for place in range(101)
    ]
    oms.post(b"[" + b",".join(calls) + b"]")
    assert (
        "Its id, 1, came with more than 100 other bodies too" in viewer.look(f"/journal/{first['id']}").words
    )
