"""A secret that is replaced holds both ways for an hour: the OMS may have the new one, or not yet (F01)."""

import hashlib
import hmac
import socket

from tests.fixtures.entrances import CallingOms, Store
from tests.fixtures.far_side import Asked, FarSide, answer, far_side, taken
from tests.fixtures.time import MovingClock
from tests.integration.flows.exports import pieces_of_a, sent
from tests.sandbox_process import SandboxProcess
from webapp.flows.register_now import register_now
from webapp.oms.registration import REGISTER

OLD, NEW = "the old one", "the new one"


def signature(secret: str, body: bytes) -> str:
    return f"sha1={hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()}"


def only_the_old(connection: socket.socket, asked: Asked) -> bool:
    """An OMS whose people have not typed in the new secret yet."""
    by_it = asked.headers["x-signature"] == signature(OLD, asked.body)
    return (taken if by_it else answer(401))(connection, asked)


def signed_by(side: FarSide) -> list[str]:
    """By which secret each call came."""
    return [
        next(secret for secret in (OLD, NEW) if asked.headers["x-signature"] == signature(secret, asked.body))
        for asked in side.asked
    ]


def test_both_sides_change_over_within_the_hour(
    store: Store, oms: CallingOms, moving_clock: MovingClock, work_off: object
) -> None:
    with far_side(*[only_the_old] * 40) as side:
        store.set(oms__url=side.url, oms__secret=OLD)
        store.set(oms__secret=NEW)
        store.hand_in(pieces_of_a(1))
        work_off("orders")  # type: ignore[operator]  # of tests/fixtures/app.py

        assert sent(store) == ["succeeded"]
        assert signed_by(side)[:2] == [NEW, OLD]
        assert set(signed_by(side)[1:]) == {OLD}

        moving_clock.advance(minutes=61)
        asked_before = len(side.asked)
        store.hand_in(pieces_of_a(1) | {"increment_id": "000000043"})
        work_off("orders")  # type: ignore[operator]  # of tests/fixtures/app.py

    assert "retrying" in sent(store)
    assert set(signed_by(side)[asked_before:]) == {NEW}


def test_a_secret_taken_away_signs_nothing_more(store: Store, oms: CallingOms, work_off: object) -> None:
    with far_side() as side:
        store.set(oms__url=side.url, oms__secret=OLD)
        store.set(oms__secret=None)
        store.hand_in(pieces_of_a(1))
        work_off("orders")  # type: ignore[operator]  # of tests/fixtures/app.py

    assert side.asked
    assert all("x-signature" not in asked.headers for asked in side.asked)


def test_registering_tells_the_new_one_to_an_oms_that_has_the_old(
    store: Store, sandbox: SandboxProcess
) -> None:
    """A strict OMS, whose people typed in the old one."""
    sandbox.control("secret", {"secret": OLD})
    store.set(oms__secret=OLD)
    store.set(oms__secret=NEW)

    with store.app.app_context():
        assert register_now("a test").registered

    calls = [one for one in sandbox.get("/control/received")["items"] if one["method"] == REGISTER]
    assert [one["verdict"] for one in calls] == ["refused", "accepted"]
    assert NEW not in str(store.messages(topic=REGISTER))
