"""Registering: why it fails, again after an upgrade, and never with the secret in sight (F01, F02)."""

from typing import Any

import pytest
from sqlalchemy import text, update

from tests.fixtures.entrances import SECRET, CallingOms, Store
from tests.integration.flows.exports import pieces_of_a, sent
from tests.sandbox_process import SandboxProcess
from webapp.config import Config, product_version
from webapp.extensions import read, transaction
from webapp.flows import hold_integration
from webapp.flows.first_run import prepare_database
from webapp.flows.register_now import RegistrationResult, register_now
from webapp.flows.registry import subscribed_topics
from webapp.models.settings import Connection
from webapp.oms.registration import REGISTER

CALLBACKS = "http://127.0.0.1:8000/oms/callbacks"


def register(store: Store) -> RegistrationResult:
    """As the button on the page does."""
    with store.app.app_context():
        return register_now("a test")


def seen(store: Store) -> Connection:
    """What is known of the registration."""
    with store.app.app_context(), read() as session:
        return session.get_one(Connection, "oms")


def registrations(sandbox: SandboxProcess) -> list[Any]:
    """The calls that registered us."""
    return [one for one in sandbox.get("/control/received")["items"] if one["method"] == REGISTER]


def test_registered_with_version_topics_and_signature(store: Store, sandbox: SandboxProcess) -> None:
    store.set(oms__secret=SECRET)

    result = register(store)

    assert (result.registered, result.sentence) == (
        True,
        f"Registered version {product_version()} for {len(subscribed_topics())} topics.",
    )
    (call,) = registrations(sandbox)
    assert call["signature"] == "verified"
    assert product_version() in str(call)
    row = seen(store)
    assert (row.registered_version, row.registered_url, row.registration_error) == (
        product_version(),
        CALLBACKS,
        "",
    )
    assert row.registered_topics.split("\n") == subscribed_topics()
    assert row.registered_at is not None
    assert row.last_out_at is not None
    assert row.clock_skew is not None
    assert abs(row.clock_skew) < 60
    # Again is an update.
    assert register(store).registered
    assert [one["verdict"] for one in registrations(sandbox)] == ["accepted", "accepted"]


def test_why_it_failed_is_said(store: Store, sandbox: SandboxProcess) -> None:
    sandbox.control("secret", {"secret": "quite another"})
    store.set(oms__secret=SECRET)
    wrong_secret = register(store)
    store.set(oms__url="http://127.0.0.1:1/")
    no_oms = register(store)
    store.set(oms__url=sandbox.url + "/nothing/here")
    wrong_path = register(store)
    assert "was not found" in seen(store).registration_error
    store.set(oms__url=None)
    no_address = register(store)

    for result, words in (
        (wrong_secret, "X-Signature does not match"),
        (no_oms, "could not be reached: connection refused"),
        (wrong_path, "was not found on the server"),
        (no_address, "No OMS address is set"),
    ):
        assert not result.registered
        assert words in result.sentence
    assert seen(store).registered_at is None
    # Of the OMS at another address, or at none, nothing is known.
    assert seen(store).registration_error == ""
    # Of all these only the newest is still to be sent.
    assert sent(store, REGISTER) == ["superseded"] * 3 + ["held"]


def test_the_secret_is_nowhere_to_be_read(
    store: Store, sandbox: SandboxProcess, capfd: pytest.CaptureFixture[str]
) -> None:
    store.set(oms__secret=SECRET, oms__client_secret=SECRET)
    register(store)
    store.hand_in(pieces_of_a(1))
    CallingOms(store.app).post(b"{}", "sha1=00")

    with store.app.app_context(), read() as session:
        for table in ("messages", "attempts", "transitions", "audit_entries", "connections", "settings"):
            for row in session.execute(text(f"SELECT * FROM {table}")):  # noqa: S608 - names of our own
                kept = b" ".join(
                    bytes(one) if isinstance(one, bytes | memoryview) else str(one).encode() for one in row
                )
                assert SECRET.encode() not in kept, table
    assert SECRET not in str(store.messages())
    out, err = capfd.readouterr()
    assert SECRET not in out + err


def test_registering_ends_a_disable_whatever_the_answer(store: Store, sandbox: SandboxProcess) -> None:
    with store.app.app_context(), transaction() as session:
        hold_integration.disable(session, "a test")
    assert store.hand_in(pieces_of_a(1)).said["export"] == "held"
    sandbox.control("faults", {"kind": "reject", "method": REGISTER})

    assert not register(store).registered

    assert sent(store) == ["pending"]
    with store.app.app_context(), read() as session:
        assert not hold_integration.is_disabled(session)


def test_an_upgrade_registers_again_by_itself(store: Store, sandbox: SandboxProcess, config: Config) -> None:
    def start() -> None:
        with store.app.app_context():
            prepare_database(config)

    start()
    assert sent(store, REGISTER) == [], "never registered, so there is nothing to renew"
    register(store)
    start()
    assert sent(store, REGISTER) == ["succeeded"], "the same version"
    with store.app.app_context(), transaction() as session:
        session.execute(update(Connection).values(registered_version="0.0.1"))
        hold_integration.disable(session, "a test")

    start()
    start()

    # Once, and not through a disable.
    assert sent(store, REGISTER) == ["succeeded", "held"]
    with store.app.app_context(), transaction() as session:
        hold_integration.enable(session, "a test")
    assert sent(store, REGISTER) == ["succeeded", "pending"]
