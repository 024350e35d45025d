"""Integration: what was seen of the OMS, registering, disabling, and settings saved by the group."""

import hashlib
import hmac
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.fixtures.entrances import SECRET, CallingOms, Reply, Store, call_of
from tests.fixtures.magento_documents import Document, an_item, an_order
from tests.fixtures.people import Person, Seen
from tests.fixtures.picky_oms import PickyOms
from tests.fixtures.time import MovingClock
from webapp.config import product_version
from webapp.extensions import read
from webapp.flows.registry import subscribed_topics
from webapp.models.accounts import AuditEntry
from webapp.models.settings import Setting
from webapp.queries.integration import consequence_of

REGISTER = "magento.service_bus.remote.register"
UPDATED = "magento.sales.order_management.updated"
PAGE = "/integration"
WorkOff = Callable[..., None]


def order_numbered(number: str, status: str = "pending", **more: object) -> Document:
    items = [an_item(1, "MT07", 2, 40)]
    return an_order(items, "40.00", subtotal=40, increment_id=number, status=status, **more)


def save(person: Person, group: str, *, by_htmx: bool = False, **changes: Any) -> Seen:
    """Send a group's form as it stands with these changes; `__` stands for a dot, None unticks."""
    action = f"/integration/settings/{group}"
    fields: dict[str, Any] = dict(person.look(PAGE).fields(action))
    for name, value in changes.items():
        key = name.replace("__", ".")
        fields.pop(key, None)
        if value is not None:
            fields[key] = value
    return person.send(action, fields, by_htmx=by_htmx)


def setting(store: Store, key: str) -> Any:
    return store.call("GET", "/api/v1/settings").said[key]


def signed_with(person: Person, secret: str) -> Reply:
    """What an OMS is answered that signs with this secret."""
    raw = call_of("some.topic", {})
    digest = hmac.new(secret.encode(), raw, hashlib.sha1).hexdigest()
    return CallingOms(person.client.application).post(raw, f"sha1={digest}")


def audited(app: Flask) -> list[tuple[str, str, str, str]]:
    with app.app_context(), read() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
        return [(one.action, one.subject, one.before, one.after) for one in entries]


def test_registering_shows_what_the_oms_took(app: Flask, admin: Person, far_oms: PickyOms) -> None:
    seen = admin.look(PAGE)
    assert "RegisteredNot yet" in seen.of("status")
    assert "Last call outNeverLast call inNever" in seen.of("status")

    assert admin.send("/integration/register", {}).status == 303
    seen = admin.look(PAGE)
    assert f"Registered version {product_version()} for" in seen.of("notices")
    card = seen.of("status")
    assert f"Version told {product_version()}" in card
    assert "It calls us athttp://127.0.0.1:8000/oms/callbacks" in card
    assert "Last call outNever" not in card
    for topic in subscribed_topics():
        assert topic in card
    (call,) = far_oms.calls
    assert (call["method"], call["params"]["secret"]) == (REGISTER, SECRET)
    assert seen.links()["its message"] == f"/journal/{call['id']}"


def test_a_refused_registration_says_why_and_links_its_message(admin: Person, far_oms: PickyOms) -> None:
    far_oms.refuses[REGISTER] = "application id is not known"
    said = admin.send("/integration/register", {}, by_htmx=True)
    assert said.status == 200
    assert "application id is not known" in said.headers["HX-Trigger"]
    assert "The last registration was not taken." in said.of("status")
    assert "application id is not known" in said.of("status")
    assert said.links()["Open its message"] == f"/journal/{far_oms.calls[0]['id']}"
    assert admin.look("/").status == 200

    far_oms.refuses.clear()
    admin.send("/integration/register", {})
    assert "not taken" not in admin.look(PAGE).of("status")


def test_an_unreachable_oms_is_said_and_tried_again(admin: Person, store: Store, far_oms: PickyOms) -> None:
    store.set(oms__url="http://127.0.0.1:9/nobody")
    admin.send("/integration/register", {})
    said = admin.look(PAGE).of("notices")
    assert "connection refused" in said
    assert "It is tried again by itself." in said


@pytest.mark.usefixtures("far_oms")
def test_disabling_asks_first_then_holds_and_turns_away_until_enabled(
    app: Flask, admin: Person, store: Store, oms: CallingOms, work_off: WorkOff
) -> None:
    asked = admin.look("/integration/disable")
    assert "Disable the integration?" in asked.words
    assert "answered 503" in asked.words
    assert "Enable the integration" not in admin.look(PAGE).words, "only asked so far"
    dialog = admin.glance("/integration/disable")
    assert dialog.of("dialog-title") == "Disable the integration?"
    assert "<html" not in dialog.text

    admin.send("/integration/disable", asked.fields("/integration/disable"))
    store.hand_in(order_numbered("000000042", "processing"))
    seen = admin.look("/account")
    assert "The integration is disabled" in seen.of("banners")
    assert seen.of("state") == "Disabled · 2 held"
    assert oms.post(call_of(UPDATED, {"order": {"id": "1", "status": "NEW"}})).status == 503

    admin.send("/integration/enable", {})
    seen = admin.look(PAGE)
    assert "2 messages that were held go now." in seen.of("notices")
    assert seen.of("banners") == ""
    work_off()
    assert store.order("000000042")["oms"]["export"] == "sent"
    done = [action for action, *_ in audited(app)]
    assert done.count("integration disabled") == done.count("integration enabled") == 1


@pytest.mark.usefixtures("far_oms")
def test_registering_also_ends_a_disable(admin: Person) -> None:
    admin.send("/integration/disable", {})
    admin.send("/integration/register", {})
    assert admin.look(PAGE).of("banners") == ""


def test_each_setting_says_what_follows_from_it(admin: Person) -> None:
    words = admin.look(PAGE).words
    for key in ("oms.url", "oms.secret", "orders.export_statuses", "inbound.mode", "stores.map"):
        assert consequence_of(key) in words


def test_a_group_is_saved_without_scripts(app: Flask, admin: Person, store: Store) -> None:
    saved = save(admin, "address", oms__timeout_seconds="20", oms__url="https://oms.example.com/rpc")
    assert (saved.status, saved.headers["Location"]) == (303, "/integration#address")
    seen = admin.look(PAGE)
    assert "Saved: Where the OMS is." in seen.of("notices")
    fields = seen.fields("/integration/settings/address")
    assert (fields["oms.timeout_seconds"], fields["oms.url"]) == ("20", "https://oms.example.com/rpc")
    assert setting(store, "oms.timeout_seconds") == 20
    assert ("setting changed", "oms.timeout_seconds", "15", "20") in audited(app)


def test_a_group_is_saved_in_place_and_the_frame_follows(admin: Person, store: Store) -> None:
    saved = save(admin, "secrets", by_htmx=True, oms__require_signature=None)
    assert saved.status == 200
    assert "Saved" in saved.of("secrets")
    assert "taken without a signature" in saved.of("banners")
    assert saved.element("banners").get("hx-swap-oob") == "true"
    assert setting(store, "oms.require_signature") is False


@pytest.mark.parametrize(
    ("group", "changes", "says"),
    [
        (
            "address",
            {"oms__url": "ftp://x"},
            'Expected an address that begins with http:// or https://, got "ftp://x".',
        ),
        ("address", {"oms__timeout_seconds": "41"}, "Expected a whole number from 1 to 40, got 41."),
        ("address", {"oms__concurrency": "many"}, 'Expected a whole number from 1 to 256, got "many".'),
        ("address", {"oms__allow_addresses": "10.0.0.0/99"}, "separated by commas"),
        ("address", {"oms__paths": "teleport"}, 'Expected "single" or "bus", got "teleport".'),
        ("export", {"orders__export_statuses": None}, "Choose at least one status"),
        (
            "export",
            {"orders__export_statuses__other": "a;b"},
            'Expected codes separated by commas, got "a;b".',
        ),
        ("events", {f"inbound__mode__{UPDATED.replace('.', '__')}": "never"}, 'Expected "sync" or "async"'),
        ("stores", {"payments__map": "{"}, "Expected"),
        ("stores", {"payments__map": '{"x": {}}'}, "At x.payment_method: expected a text"),
        ("stores", {"stores__map": '["1"]'}, "Expected"),
    ],
)
@pytest.mark.parametrize("by_htmx", [False, True])
def test_one_bad_value_is_told_at_its_field_and_nothing_is_changed(
    app: Flask, admin: Person, store: Store, group: str, changes: dict[str, Any], says: str, by_htmx: bool
) -> None:
    before = store.call("GET", "/api/v1/settings").said
    good = {"address": {"oms__application_id": "another"}, "stores": {"orders__vat_country": "DE"}}
    refused = save(admin, group, by_htmx=by_htmx, **good.get(group, {}), **changes)
    assert refused.status == 422
    key = next(iter(changes)).replace("__", ".").removesuffix(".other")
    assert says in refused.of(f"{key}-wrong-1")
    assert "Nothing was saved." in refused.words
    assert store.call("GET", "/api/v1/settings").said == before
    # What was entered is still there to be put right.
    assert all(value is None or value in refused.text.replace("&#34;", '"') for value in changes.values())
    with app.app_context(), read() as session:
        assert session.scalars(select(Setting)).all() == []


def test_secrets_are_never_shown_and_stay_when_left_empty(
    admin: Person, store: Store, moving_clock: MovingClock
) -> None:
    save(admin, "secrets", oms__secret="the first secret", oms__client_secret="another one")
    seen = admin.look(PAGE)
    assert "the first secret" not in seen.text
    assert seen.element("oms.secret").get("placeholder") == "Set. Enter a new one to replace it."
    assert seen.element("oms.secret").get("value") == ""
    assert setting(store, "oms.secret") == "set"

    save(admin, "secrets", oms__signature="sha256")
    assert signed_with(admin, "the first secret").status != 401


def test_a_replaced_secret_is_good_for_another_hour(admin: Person, moving_clock: MovingClock) -> None:
    save(admin, "secrets", oms__secret="the first secret")
    saved = save(admin, "secrets", by_htmx=True, oms__secret="the second secret")
    assert "register again within the hour" in saved.words
    assert signed_with(admin, "the first secret").status != 401
    moving_clock.advance(minutes=61)
    assert signed_with(admin, "the first secret").status == 401
    assert signed_with(admin, "the second secret").status != 401


def test_a_secret_can_be_made_up_and_is_told_to_the_oms_at_the_next_registration(
    admin: Person, far_oms: PickyOms
) -> None:
    save(admin, "secrets", make_up="oms.secret")
    admin.send("/integration/register", {})
    told = far_oms.calls[-1]["params"]["secret"]
    assert told != SECRET
    assert len(told) == 64
    assert signed_with(admin, told).status != 401


def test_modes_are_set_for_all_events_and_for_one(admin: Person, store: Store, oms: CallingOms) -> None:
    mode = f"inbound.mode.{UPDATED}".replace(".", "__")
    sync: dict[str, Any] = {mode: "sync"}
    save(admin, "events", **sync)
    assert setting(store, f"inbound.mode.{UPDATED}") == "sync"
    assert setting(store, "inbound.mode") == "async"
    refused = oms.tell(UPDATED, {"order": {"id": "unknown", "status": "NEW"}})
    assert refused.error["code"] == -32602, "applied before it was answered"

    as_all: dict[str, Any] = {mode: ""}
    save(admin, "events", **as_all)
    assert oms.tell(UPDATED, {"order": {"id": "unknown2", "status": "NEW"}}).said["result"] is True


@pytest.mark.usefixtures("far_oms")
def test_changed_trigger_statuses_offer_to_export_the_orders_they_cover(
    app: Flask, admin: Person, store: Store, work_off: WorkOff
) -> None:
    for number in ("000000001", "000000002"):
        store.hand_in(order_numbered(number))
    store.hand_in(order_numbered("000000003", "fraud"))
    store.hand_in(order_numbered("000000004", "canceled", state="canceled"))
    seen = admin.look(PAGE)
    assert "Pending (2 waiting)" in seen.words
    assert "wait here in a status that exports" not in seen.words

    changed = save(admin, "export", by_htmx=True, orders__export_statuses=["processing", "pending"])
    assert "2 orders wait here in a status that exports." in changed.of("export")
    assert "Export 2 orders" in changed.of("export")
    assert "2 orders wait here" in admin.look(PAGE).words, "still offered after a reload"

    admin.send("/integration/export-covered", {})
    seen = admin.look(PAGE)
    assert "2 orders on the way to the OMS." in seen.of("notices")
    assert "wait here in a status that exports" not in seen.words
    work_off()
    exports = [store.order(f"00000000{last}")["oms"]["export"] for last in (1, 2, 3, 4)]
    assert exports == ["sent", "sent", "waiting", "not_exported"]
    assert ("covered orders exported", "2 orders in pending, processing") in [
        one[:2] for one in audited(app)
    ] or ("covered orders exported", "2 orders in processing, pending") in [one[:2] for one in audited(app)]

    admin.send("/integration/export-covered", {})
    work_off()
    assert len(store.messages(topic="magento.sales.order_management.create")) == 2, "never exported twice"


def test_covered_orders_with_a_residual_are_held_where_the_setting_says_so(
    admin: Person, store: Store
) -> None:
    order = order_numbered("000000001") | {"grand_total": Decimal("44.90")}
    store.hand_in(order)
    store.set(orders__residual="hold", orders__export_statuses="pending")
    admin.send("/integration/export-covered", {})
    assert "1 order held for review." in admin.look(PAGE).of("notices")
    assert store.order("000000001")["oms"]["export"] == "queued"
    assert store.messages(topic="magento.sales.order_management.create") == []


def test_covered_orders_are_told_by_the_settings_in_force_now(
    admin: Person, store: Store, far_oms: PickyOms, work_off: WorkOff
) -> None:
    store.hand_in(order_numbered("000000001"))
    mapped = {"checkmo": {"payment_method": "CHECK", "payment_submethod": "MONEYORDER"}}
    save(admin, "stores", payments__map=json.dumps(mapped))
    store.set(orders__export_statuses="pending")
    admin.send("/integration/export-covered", {})
    work_off()
    payment = far_oms.calls[-1]["params"]["order"]["payments"][0]["transactions"][0]
    assert payment["payment_method"] == "CHECK"


def test_a_moved_address_asks_for_a_new_registration(admin: Person, far_oms: PickyOms) -> None:
    admin.send("/integration/register", {})
    assert "Register again, so that its calls arrive." not in admin.look(PAGE).of("status")
    save(admin, "address", oms__callback_url="https://shop.example.com/oms/callbacks")
    assert "Register again, so that its calls arrive." in admin.look(PAGE).of("status")
    admin.send("/integration/register", {})
    assert far_oms.calls[-1]["params"]["url"] == "https://shop.example.com/oms/callbacks"
    assert "Register again, so that its calls arrive." not in admin.look(PAGE).of("status")


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_who_is_no_admin_reads_and_changes_nothing(
    role: str, store: Store, request: pytest.FixtureRequest
) -> None:
    person: Person = request.getfixturevalue(role)
    seen = person.look(PAGE)
    assert seen.status == 200
    assert "Only an admin can change what stands below." in seen.words
    assert not [one for one in seen.element("status").iter("button") if one.get("class") != "copy"]
    assert "Save" not in seen.words
    assert all(
        one.get("disabled") is not None
        for one in seen.tree.iter("fieldset")
        if one.get("class") == "settings"
    )
    before = store.call("GET", "/api/v1/settings").said
    for action in ("settings/address", "register", "disable", "enable", "self-test"):
        assert person.send(f"/integration/{action}", {"oms.url": "https://evil.example"}).status == 403
    assert person.look("/integration/disable").status == 403
    assert store.call("GET", "/api/v1/settings").said == before
    assert person.send("/integration/export-covered", {}).status == (303 if role == "operator" else 403)


def test_an_unknown_group_is_not_found(admin: Person) -> None:
    assert admin.send("/integration/settings/nothing", {}).status == 404


def test_forms_without_their_token_change_nothing(admin: Person, store: Store) -> None:
    for action in ("settings/address", "register", "disable", "enable", "export-covered", "self-test"):
        answer = admin.client.post(f"/integration/{action}", data={"oms.url": "https://evil.example"})
        assert answer.status_code == 400
    assert setting(store, "oms.url") is None


def test_no_secret_and_no_signature_stand_on_every_page(admin: Person, store: Store) -> None:
    assert "No secret is set, so every call from the OMS is refused." in admin.look("/").of("banners")
    store.set(oms__require_signature=False)
    assert "taken without a signature" in admin.look("/search").of("banners")
    store.set(oms__require_signature=True, oms__secret=SECRET)
    assert "secret" not in admin.look("/").of("banners")
