"""`/api/v1/settings`: flat, all or nothing, audited, and no secret ever shown."""

from typing import Any

from sqlalchemy import select, text

from tests.fixtures.entrances import CallingOms, Store, call_of
from tests.fixtures.magento_documents import an_item, an_order
from webapp.domain.settings import DEFINITIONS
from webapp.extensions import read
from webapp.models.accounts import AuditEntry
from webapp.models.stored_settings import read_settings

UPDATED = "magento.sales.order_management.updated"
# A value that cannot be, for each kind of setting.
WRONG: dict[str, object] = {
    "oms.url": "ftp://oms.example",
    "oms.timeout_seconds": "٣",
    "oms.concurrency": 10**30,
    "oms.require_signature": "perhaps",
    "oms.paths": "both",
    "oms.allow_addresses": "everywhere",
    "oms.application_id": "x\x00y",
    "orders.export_statuses": ["a", 1],
    "statuses.map": {"COMPLETE": {"state": "complete"}},
    "payments.map": "[1]",
    "stores.map": {"1": {"code": "x" * 300, "website": "base"}},
    "shipments.tracking_links": {"DHL": 7},
    "inbound.mode": "later",
    "inbound.mode.magento.nothing": "sync",
    "inbound.mode." + "x" * 200: "sync",
    "nothing.of.the.kind": 1,
    "": 1,
}


def shown(store: Store) -> dict[str, Any]:
    """All settings."""
    told: dict[str, Any] = store.call("GET", "/api/v1/settings").said
    return told


def audited(store: Store) -> list[tuple[str, str, str]]:
    """Which settings were changed, from what to what."""
    with store.app.app_context(), read() as session:
        changed = select(AuditEntry).where(AuditEntry.action == "setting changed")
        entries = session.scalars(changed.order_by(AuditEntry.id)).all()
        assert all(one.actor.startswith("token test ") for one in entries)
        return [(one.subject, one.before, one.after) for one in entries]


def test_several_are_changed_together(store: Store) -> None:
    changes = {
        "oms.url": "https://oms.example/rpc",
        "orders.export_statuses": ["pending", "processing"],
        "oms.timeout_seconds": "20",
        f"inbound.mode.{UPDATED}": "sync",
        "reconcile.orders_hours": "off",
    }

    reply = store.call("PATCH", "/api/v1/settings", changes)

    taken = changes | {"orders.export_statuses": "pending,processing", "oms.timeout_seconds": 20}
    assert reply.status == 200
    assert reply.said == shown(store)
    assert {key: reply.said[key] for key in changes} == taken
    assert set(DEFINITIONS) <= set(reply.said)
    assert ("oms.timeout_seconds", "15", "20") in audited(store)
    assert len(audited(store)) == len(changes)
    # The same again is no change.
    store.call("PATCH", "/api/v1/settings", shown(store))
    assert len(audited(store)) == len(changes)


def test_one_bad_value_changes_nothing(store: Store) -> None:
    before = shown(store)
    for key, value in WRONG.items():
        reply = store.call("PATCH", "/api/v1/settings", {"oms.endpoint": "elsewhere", key: value})
        assert reply.status == 422, key
        assert str(reply.error.get("field", "")).startswith(key[:80]), key
        assert shown(store) == before, key
    assert audited(store) == []
    assert store.call("PATCH", "/api/v1/settings", b"[]").status == 422
    assert store.call("PATCH", "/api/v1/settings", b"{").status == 400


def test_null_goes_back_to_the_default(store: Store) -> None:
    default = shown(store)
    store.call(
        "PATCH",
        "/api/v1/settings",
        {"oms.timeout_seconds": 3, "stores.map": {"9": {"code": "nine", "website": "w"}}},
    )

    store.call("PATCH", "/api/v1/settings", dict.fromkeys(default, None))

    assert shown(store) == default
    store.call("PATCH", "/api/v1/settings", {"stores.map": {}})
    assert shown(store) == default
    assert store.hand_in(an_order([an_item(1, "A", 1, 10)], 10)).status == 202


def test_a_secret_is_never_shown(store: Store) -> None:
    secret = "tell nobody of this"
    reply = store.call("PATCH", "/api/v1/settings", {"oms.secret": secret, "oms.client_secret": secret})
    assert (reply.said["oms.secret"], reply.said["oms.client_secret"]) == ("set", "set")
    # What was shown, sent back, is no new secret; nor is what is refused shown.
    store.call("PATCH", "/api/v1/settings", shown(store))
    too_long = store.call("PATCH", "/api/v1/settings", {"oms.secret": secret * 500})
    assert too_long.status == 422
    assert "tell nobody" not in str(too_long.said)

    assert audited(store) == [("oms.secret", "not set", "set"), ("oms.client_secret", "not set", "set")]
    with store.app.app_context(), read() as session:
        assert read_settings(session).text("oms.secret") == secret
        for table in ("settings", "audit_entries", "messages", "connections"):
            rows = session.execute(text(f"SELECT * FROM {table}")).all()  # noqa: S608 - names of our own
            assert secret not in str(rows), table
            assert secret.encode() not in b"".join(
                bytes(v) for row in rows for v in row if isinstance(v, bytes | memoryview)
            )


def test_a_change_is_in_force_for_whatever_comes_next(store: Store, oms: CallingOms) -> None:
    store.hand_in(an_order([an_item(1, "A", 1, 10)], 10))
    for mode, applied in (("sync", "RECEIVED"), ("async", "RECEIVED")):
        store.call("PATCH", "/api/v1/settings", {"inbound.mode": mode})
        said = "RECEIVED" if mode == "sync" else "LOGISTICS"
        oms.post(call_of(UPDATED, {"order": {"id": "000000042", "status": said}}))
        assert store.order("000000042")["oms"]["status"] == applied
