"""What an OMS really gets of an order that is handed in (protocol: Envelope, left-hand column)."""

import json
from collections.abc import Callable

from tests.fixtures.entrances import SECRET, CallingOms, Store
from tests.fixtures.far_side import Asked, answer, far_side
from tests.fixtures.time import MovingClock
from tests.integration.flows.exports import CREATE, pieces_of_a
from webapp.flows.registry import handlers
from webapp.messaging.sweep import sweep
from webapp.oms.signature import verify

WorkOff = Callable[..., None]


def calls(asked: list[Asked], method: str) -> list[Asked]:
    """The requests that carry this topic."""
    return [one for one in asked if json.loads(one.body)["method"] == method]


def test_a_call_is_one_signed_post_of_strict_json(store: Store, oms: CallingOms, work_off: WorkOff) -> None:
    with far_side() as side:
        store.set(oms__url=side.url)
        store.hand_in(pieces_of_a(3))
        work_off("orders")

    (message,) = store.messages(topic=CREATE)
    (create,) = calls(side.asked, CREATE)
    for asked in side.asked:
        told = json.loads(asked.body.decode("utf-8"), parse_float=str)
        assert (asked.method, asked.headers["content-type"]) == ("POST", "application/json")
        assert "content-encoding" not in asked.headers
        assert (told.keys(), told["jsonrpc"]) == ({"jsonrpc", "method", "params", "id"}, "2.0")
        assert isinstance(told["params"], dict)
        assert verify(asked.body, asked.headers["x-signature"], [SECRET]).valid
    order = json.loads(create.body, parse_float=str)
    assert order["id"] == message["id"]
    amounts = [line["amount"]["gross_amount"] for line in order["params"]["order"]["lines"]]
    assert amounts == ["10.00"] * 3


def test_sent_again_it_is_the_same_call_byte_for_byte(
    store: Store, oms: CallingOms, moving_clock: MovingClock, work_off: WorkOff
) -> None:
    not_now = [answer(500), answer(200, b""), answer(200, b'{"error":"Deadlock found"}'), answer(404)]
    with far_side(*not_now) as side:
        store.set(oms__url=side.url)
        store.hand_in(pieces_of_a(1))
        for _ in range(len(not_now) + 1):
            work_off("orders")
            moving_clock.advance(hours=1)
            with store.app.app_context():
                sweep(handlers())

    assert [one["status"] for one in store.messages(direction="out")] == ["succeeded", "succeeded"]
    first, *again = side.asked[:5]
    assert {one.body for one in again} == {first.body}
    assert {one.headers["x-signature"] for one in again} == {first.headers["x-signature"]}
    assert len({one.body for one in side.asked}) == 2
    assert {json.loads(one.body)["id"] for one in side.asked} == {
        one["id"] for one in store.messages(direction="out")
    }
