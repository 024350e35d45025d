"""Leaving the OMS, and the callback we send to ourselves by the address it was given (F01)."""

from collections.abc import Iterator
from threading import Thread

import pytest
from flask import Flask
from werkzeug.serving import make_server

from tests.fixtures.entrances import SECRET, Store
from tests.fixtures.people import Person
from tests.fixtures.picky_oms import PickyOms
from webapp.extensions import transaction
from webapp.models.settings import Connection

REGISTER = "magento.service_bus.remote.register"
UNREGISTER = "magento.service_bus.remote.unregister"
PAGE = "/integration"


def test_disabling_may_unregister_too(admin: Person, store: Store, far_oms: PickyOms) -> None:
    admin.send("/integration/register", {})
    admin.send("/integration/disable", {"unregister": "y"})
    seen = admin.look(PAGE)
    assert "The OMS was told to call no longer." in seen.of("notices")
    assert far_oms.topics()[-1] == UNREGISTER
    assert far_oms.calls[-1]["params"] == {"id": "oms-connector"}
    assert "RegisteredNot yet" in seen.of("status")

    # Where it cannot be told now, it is not told later either: that would end what was begun meanwhile.
    admin.send("/integration/register", {})
    far_oms.broken = 502
    admin.send("/integration/disable", {"unregister": "y"})
    assert "The OMS was not unregistered: The gateway in front of the OMS got no answer" in admin.look(
        PAGE
    ).of("notices")
    assert store.messages(topic=UNREGISTER)[-1]["status"] == "skipped"
    admin.send("/integration/register", {})
    assert [one["status"] for one in store.messages(status="pending")] == []


@pytest.fixture
def served(app: Flask) -> Iterator[str]:
    """Where the app answers over HTTP."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/oms/callbacks"
    server.shutdown()
    thread.join()
    server.server_close()


def said_after_calling(admin: Person) -> str:
    """What the self-test says."""
    admin.send("/integration/self-test", {})
    return admin.look(PAGE).of("notices")


def test_a_callback_to_ourselves(admin: Person, store: Store, served: str, far_oms: PickyOms) -> None:
    store.set(oms__callback_url=served, oms__secret=None)
    assert "No secret is set" in said_after_calling(admin)
    store.set(oms__secret=SECRET)

    assert f"A signed callback to {served} arrived here" in said_after_calling(admin)
    (message,) = store.messages(topic="oms_connector.self_test")
    assert (message["direction"], message["status"]) == ("in", "succeeded")
    # It is not the OMS that called.
    assert "Last call inNever" in admin.look(PAGE).of("status")
    admin.send("/integration/disable", {})
    assert "was turned away: the integration is disabled" in said_after_calling(admin)


def test_why_no_callback_arrives(admin: Person, store: Store, served: str, far_oms: PickyOms) -> None:
    store.set(oms__secret=SECRET, oms__callback_url="http://127.0.0.1:1/oms/callbacks")
    assert "does not arrive. What should answer there" in said_after_calling(admin)
    store.set(oms__callback_url=far_oms.url)
    assert "it is not this connector: nothing arrived here" in said_after_calling(admin)
    far_oms.broken = 404
    assert "is no connector (HTTP 404)" in said_after_calling(admin)
    far_oms.broken = 401
    assert "does not know our secret. Is it this connector?" in said_after_calling(admin)
    assert store.messages(topic="oms_connector.self_test") == []


def test_a_refused_registration_is_no_connection(admin: Person, store: Store, far_oms: PickyOms) -> None:
    far_oms.refuses[REGISTER] = "bad signature"
    admin.send("/integration/register", {})
    seen = admin.look(PAGE)
    assert seen.of("state").startswith("Registration not taken")
    assert "was not taken. The OMS refused registration: bad signature. Open its message" in seen.of("status")

    del far_oms.refuses[REGISTER]
    admin.send("/integration/register", {})
    assert admin.look(PAGE).of("state").startswith("Connected")


def test_of_an_oms_at_another_address_nothing_is_known(
    admin: Person, store: Store, far_oms: PickyOms
) -> None:
    admin.send("/integration/register", {})
    store.set(oms__url=f"{far_oms.url}/elsewhere")
    seen = admin.look(PAGE)
    assert seen.of("state") == "Not registered"
    assert "Last call outNever" in seen.of("status")


@pytest.mark.parametrize(
    ("seconds", "words", "is_warned"),
    [(1, "The same as ours", False), (90, "90 s ahead of ours", False), (-600, "10 min behind ours", True)],
)
def test_a_clock_that_is_off_is_said(
    admin: Person, far_oms: PickyOms, app: Flask, seconds: int, words: str, is_warned: bool
) -> None:
    admin.send("/integration/register", {})
    with app.app_context(), transaction() as session:
        session.get_one(Connection, "oms").clock_skew = seconds
    status = admin.look(PAGE).of("status")
    assert f"Its clock{words}" in status
    assert (f"The OMS's clock is {words}." in status) is is_warned
