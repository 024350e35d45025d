"""`POST /oms/callbacks`: what is not taken is answered with its reason, journaled, and changes nothing."""

import gzip
import hashlib
import hmac
import uuid

import pytest
from flask import Flask

from tests.fixtures.databases import without
from tests.fixtures.entrances import SECRET, CallingOms, Store, call_of
from tests.fixtures.magento_documents import an_item, an_order
from webapp.extensions import transaction
from webapp.flows import hold_integration
from webapp.oms.wire import encode

UPDATED = "magento.sales.order_management.updated"
SHIPPED = "magento.logistics.fulfillment_management.customer_shipment_done"
RECEIVED = {"order": {"id": "000000042", "status": "RECEIVED"}}


@pytest.fixture
def order_here(store: Store) -> Store:
    """The order the calls below speak of is here; it has two pieces of A."""
    store.hand_in(an_order([an_item(1, "A", 2, 20)], 20))
    return store


def nothing_changed(store: Store) -> bool:
    """Whether the order stands as it came in."""
    order = store.order("000000042")
    return order["status_histories"] == [] and order["shipments"] == [] and order["oms"]["status"] is None


def signed_as(algorithm: str, secret: str, body: bytes) -> str:
    """A signature as a peer writes it."""
    return f"{algorithm}={hmac.new(secret.encode(), body, getattr(hashlib, algorithm)).hexdigest()}"


def test_only_the_secret_opens(order_here: Store, oms: CallingOms) -> None:
    body = call_of(UPDATED, RECEIVED)
    wrong = {
        "is missing": "",
        "does not match": signed_as("sha1", "another secret", body),
        "is not of the form": "sha1",
        "names the algorithm": signed_as("md5", SECRET, body),
    }
    for words, signature in wrong.items():
        reply = oms.post(body, signature)
        assert (reply.status, reply.error["code"], reply.said["id"]) == (401, -32002, None), words
        assert words in reply.error["message"]
        kept = order_here.messages(direction="in")[-1]
        assert (kept["status"], kept["reason"]) == ("failed", reply.error["message"])
    assert (
        oms.post(gzip.compress(body), signed_as("sha1", SECRET, body), **{"Content-Encoding": "gzip"}).status
        == 401
    )
    assert nothing_changed(order_here)
    # Over the bytes as they came, before inflating.
    assert oms.post(gzip.compress(body, mtime=0), **{"Content-Encoding": "gzip"}).status == 200
    assert oms.post(body, signed_as("sha256", SECRET, body)).status == 200


def test_a_replaced_secret_is_good_for_an_hour(store: Store, oms: CallingOms, moving_clock: object) -> None:
    body = call_of(UPDATED, RECEIVED)
    store.set(oms__secret="the new one")

    assert oms.post(body, signed_as("sha1", "the new one", body)).status == 200
    assert oms.post(body).status == 200
    moving_clock.advance(minutes=61)  # type: ignore[attr-defined]  # the clock of tests/fixtures/time.py
    assert oms.post(body).status == 401


def test_a_secret_taken_away_is_good_no_longer(store: Store, oms: CallingOms) -> None:
    body = call_of(UPDATED, RECEIVED)
    store.set(oms__secret=None)
    assert "No secret is set" in oms.post(body).error["message"]

    store.set(oms__secret="the new one")
    assert oms.post(body).status == 401
    assert oms.post(body, signed_as("sha1", "the new one", body)).status == 200


def test_of_several_signatures_one_is_enough(store: Store, oms: CallingOms) -> None:
    body = call_of(UPDATED, RECEIVED)
    both = (
        signed_as("sha1", "another", body),
        signed_as("sha1", SECRET, body).upper().replace("SHA1", "sha1"),
    )

    assert oms.post(body, ",".join(both)).status == 200
    assert oms.post(body, ",".join((both[0], both[0]))).status == 401


def test_without_a_secret_everything_is_refused_unless_signatures_are_not_required(store: Store) -> None:
    stranger, body = CallingOms(store.app), call_of(UPDATED, RECEIVED)

    refused = stranger.post(body)
    assert (refused.status, refused.error["code"]) == (401, -32002)
    assert "No secret is set" in refused.error["message"]

    store.set(oms__require_signature=False)
    assert stranger.post(body, "").status == 200
    # Whoever signs must sign right all the same.
    store.set(oms__secret=SECRET)
    assert stranger.post(body, "sha1=00").status == 401


def test_what_is_no_call_is_refused(order_here: Store, oms: CallingOms) -> None:
    no_json = {
        "HTML": b"<html>",
        "not UTF-8": b'{"method":"\xff"}',
        "NaN": b'{"method":"%s","params":{"order":{"id":NaN}}}' % UPDATED.encode(),
        "too deep": b"[" * 65 + b"]" * 65,
    }
    for what, body in no_json.items():
        reply = oms.post(body)
        assert (reply.status, reply.error["code"], reply.said["id"]) == (400, -32700, None), what
        assert order_here.messages(direction="in")[-1]["reason"] == reply.error["message"], what
    nan = oms.post(no_json["NaN"])
    assert nan.error["data"]["field"] == "params.order.id"
    no_request = {
        "a number": b"1",
        "an empty batch": b"[]",
        "no method": b'{"jsonrpc":"2.0","id":"7","params":{}}',
        "a method with a NUL": b'{"method":"a\\u0000b"}',
        "an id that is an object": b'{"method":"a","id":{}}',
        "another version": b'{"jsonrpc":"1.0","method":"a"}',
    }
    for what, body in no_request.items():
        reply = oms.post(body)
        assert (reply.status, reply.error["code"]) == (400, -32600), what
        assert "field" in reply.error["data"], what
    assert nothing_changed(order_here)


@pytest.mark.parametrize("body", [b"", b" \r\n", b"\xef\xbb\xbf"])
def test_an_empty_body_is_answered_and_nothing_else(order_here: Store, oms: CallingOms, body: bytes) -> None:
    reply = oms.post(body)

    assert (reply.status, reply.error["code"], reply.said["id"]) == (400, -32700, None)
    assert reply.error["message"] == "not JSON: the body is empty"
    assert order_here.messages(direction="in", endpoint="oms") == []
    # Nobody is believed to be the OMS for having said nothing.
    assert oms.post(body, "sha1=" + "0" * 40).error["code"] == -32002


def test_an_unknown_topic_and_a_wrong_schema_are_refused(order_here: Store, oms: CallingOms) -> None:
    unknown = oms.tell("magento.sales.nothing", {}, "m-1")
    assert (unknown.status, unknown.error["code"], unknown.said["id"]) == (200, -32601, "m-1")
    assert "magento.sales.nothing" in unknown.error["message"]
    wrong: dict[str, tuple[str, object]] = {
        "order": (UPDATED, {}),
        "order.id": (UPDATED, {"order": {"status": "RECEIVED"}}),
        "order.status": (UPDATED, {"order": {"id": "000000042"}}),
        "order.status_date": (UPDATED, {"order": {"id": "000000042", "status": "X", "status_date": "5,0"}}),
        "order.lines[0].line_number": (
            UPDATED,
            {"order": {"id": "000000042", "lines": [{"line_number": "1.5", "status": "NEW"}]}},
        ),
        "params": (UPDATED, [1]),
        "shipment.items[0].order_line_number": (
            SHIPPED,
            {"shipment": {"order_id": "000000042", "items": [{"order_line_number": 0}]}},
        ),
        "shipment.items": (SHIPPED, {"shipment": {"order_id": "000000042"}}),
        "shipment.packages": (SHIPPED, {"shipment": {"order_id": "000000042", "packages": "two"}}),
    }
    for mode in ("async", "sync"):
        order_here.set(inbound__mode=mode)
        for field, (topic, params) in wrong.items():
            reply = oms.tell(topic, params)
            assert (reply.status, reply.error["code"]) == (200, -32602), (mode, field)
            assert reply.error["data"]["field"] == field, mode
            assert reply.error["data"]["expected"], (mode, field)
    kept = order_here.messages(direction="in", status="failed")
    assert len(kept) == 1 + 2 * len(wrong)
    assert nothing_changed(order_here)


def test_a_disabled_integration_asks_to_come_again(order_here: Store, oms: CallingOms) -> None:
    with order_here.app.app_context(), transaction() as session:
        hold_integration.disable(session, "a test")
    body = call_of(UPDATED, RECEIVED)

    reply = oms.post(body)
    assert (reply.status, reply.error["code"]) == (503, -32001)
    assert order_here.messages(direction="in", topic=UPDATED) == []

    with order_here.app.app_context(), transaction() as session:
        hold_integration.enable(session, "a test")
    assert oms.post(body).status == 200


def test_each_call_of_a_batch_is_answered_for_itself(order_here: Store, oms: CallingOms) -> None:
    order_here.set(inbound__mode="sync")
    calls = (
        call_of(UPDATED, RECEIVED, "a"),
        call_of("magento.nothing", {}, "b"),
        b"7",
        encode({"method": UPDATED, "params": {"order": {"id": "000000099", "status": "NEW"}}}),
    )

    reply = oms.post(b"[" + b",".join(calls) + b"]")

    assert reply.status == 200
    assert [one["id"] for one in reply.said] == ["a", "b", None, None]
    assert reply.said[0]["result"] is True
    assert [one["error"]["code"] for one in reply.said[1:]] == [-32601, -32600, -32602]
    assert order_here.order("000000042")["oms"]["status"] == "RECEIVED"


def test_the_bus_may_probe_the_address_before_it_knows_a_secret(app: Flask) -> None:
    reply = app.test_client().options("/oms/callbacks")

    assert (reply.status_code, reply.get_data(), reply.headers["X-Magento-Service-Bus"]) == (200, b"", "*")


def test_what_cannot_be_written_down_is_not_answered_as_taken(app: Flask, config: object) -> None:
    """The database is gone while the server runs: the OMS is told to send it again."""
    oms = CallingOms(app)
    with app.app_context(), without("settings"):
        reply = oms.tell(UPDATED, RECEIVED, str(uuid.uuid4()))

    assert (reply.status, reply.error["code"]) == (503, -32000)
    assert "send it again" in reply.error["message"]
