"""`POST /oms/callbacks`: how large, how deep and how packed a body may be (protocol: Size)."""

import gzip
import json
import tracemalloc
import zlib
from typing import Any

import pytest

from tests.fixtures.entrances import CallingOms, Store, call_of
from tests.fixtures.magento_documents import an_item, an_order
from webapp.oms.wire import encode

UPDATED = "magento.sales.order_management.updated"
NUMBER = "000000042"
MB = 1024 * 1024
LIMIT = 32 * MB


@pytest.fixture
def order_here(store: Store) -> Store:
    """The order the calls below speak of is here, and what is said of it is applied at once."""
    store.hand_in(an_order([an_item(1, "A", 2, 20)], 20))
    store.set(inbound__mode="sync")
    return store


def status(code: str, **more: Any) -> bytes:
    """A call that says an order's status."""
    return call_of(UPDATED, {"order": {"id": NUMBER, "status": code}, **more})


def bare(body: bytes) -> bytes:
    """Deflated without zlib's head, as some call deflate."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("GZIP", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", bare),
        ("identity", bytes),
    ],
)
def test_a_packed_body_says_the_same(order_here: Store, oms: CallingOms, encoding: str, pack: Any) -> None:
    body = status("RECEIVED")

    assert oms.post(pack(body), **{"Content-Encoding": encoding}).said["result"] is True

    assert order_here.order(NUMBER)["oms"]["status"] == "RECEIVED"


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(status("RECEIVED"))[:-4]),
        ("gzip", gzip.compress(status("RECEIVED")) + b"more"),
        ("gzip", status("RECEIVED")),
        ("deflate", bare(status("RECEIVED"))[:-4]),
        ("br", b"\x0b\x02\x80{}\x03"),
        ("gzip, gzip", gzip.compress(gzip.compress(status("RECEIVED")))),
    ],
)
def test_what_cannot_be_unpacked_is_refused(
    order_here: Store, oms: CallingOms, encoding: str, body: bytes
) -> None:
    reply = oms.post(body, **{"Content-Encoding": encoding})

    assert (reply.status, reply.error["code"]) == (400, -32700)
    assert "Content-Encoding" in reply.error["message"]
    (kept,) = order_here.messages(direction="in", status="failed")
    assert kept["reason"] == reply.error["message"]
    assert order_here.order(NUMBER)["oms"]["status"] is None


def test_thirty_two_megabytes_are_taken_and_not_a_byte_more(order_here: Store, oms: CallingOms) -> None:
    short = status("RECEIVED", more="")
    full = short.replace(b'"more":""', b'"more":"' + b"x" * (LIMIT - len(short)) + b'"')
    assert len(full) == LIMIT
    packed = {"Content-Encoding": "gzip"}

    for too_large in (full + b" ", full.replace(b'"more"', b'"m":1,"more"')):
        for reply in (oms.post(too_large), oms.post(gzip.compress(too_large, 1), **packed)):
            assert (reply.status, reply.error["code"]) == (400, -32700)
            assert "at most 33554432 are taken" in reply.error["message"]
    refused = oms.post(b" " * 34 * MB)
    assert (refused.status, refused.error["code"]) == (413, -32700)
    assert order_here.order(NUMBER)["oms"]["status"] is None

    assert oms.post(gzip.compress(full, 1), **packed).said["result"] is True
    assert order_here.order(NUMBER)["oms"]["status"] == "RECEIVED"


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_bomb_is_not_inflated_to_its_end(order_here: Store, oms: CallingOms, encoding: str) -> None:
    packer = zlib.compressobj(level=1, wbits=31 if encoding == "gzip" else 15)
    bomb = b"".join([*(packer.compress(b" " * MB) for _ in range(500)), packer.flush()])
    tracemalloc.start()
    try:
        reply = oms.post(bomb, **{"Content-Encoding": encoding})
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert (reply.status, reply.error["code"]) == (400, -32700)
    # Of 500 MB no more is ever held than the 32 that might have been a message, grown by doubling.
    assert peak < 4 * LIMIT


def test_sixty_four_levels_are_taken(order_here: Store, oms: CallingOms) -> None:
    def nested(levels: int) -> bytes:
        # The call, its params and this.
        return status("RECEIVED").replace(
            b'"params":{', b'"params":{"more":' + b"[" * (levels - 2) + b"]" * (levels - 2) + b","
        )

    assert oms.post(nested(65)).error["message"].startswith("too deep: at most 64 levels")
    assert order_here.order(NUMBER)["oms"]["status"] is None
    assert oms.post(nested(64)).said["result"] is True


def test_an_answer_is_packed_when_asked_for(order_here: Store, oms: CallingOms) -> None:
    calls = encode([json.loads(status("RECEIVED")) for _ in range(20)])
    plain = oms.post(calls)
    packed = oms.app.test_client().post(
        "/oms/callbacks",
        data=calls,
        headers={"X-Signature": oms.signature(calls), "Accept-Encoding": "gzip"},
    )

    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(packed.get_data())) == plain.said
