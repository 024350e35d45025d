"""OMS → connector: `POST /oms/callbacks`, and the bus's probe (contract: HTTP; protocol: Probe)."""

import zlib

from flask import Blueprint, Response, request

from webapp.extensions import csrf
from webapp.flows.receive_callback import receive_callback
from webapp.oms.signature import HEADER as SIGNATURE
from webapp.oms.wire import RECEIVED_LIMIT

bp = Blueprint("callbacks", __name__)
csrf.exempt(bp)

GZIP_OR_ZLIB = 47


@bp.post("/oms/callbacks")
def receive() -> Response:
    """One JSON-RPC call or a batch of them; always answered as JSON-RPC."""
    raw = request.get_data(cache=False)
    answer = receive_callback(raw, _inflated(raw), request.headers.get(SIGNATURE))
    return Response(answer.body, answer.status, mimetype="application/json")


@bp.route("/oms/callbacks", methods=["OPTIONS"], provide_automatic_options=False)
def probe() -> Response:
    """The bus asks whether this is a callback address when it is registered."""
    return Response(b"", 200, {"X-Magento-Service-Bus": "*"})


def _inflated(raw: bytes) -> bytes | None:
    """What a compressed body says, as far as the limit; None where it can't be read."""
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in ("", "identity"):
        return raw
    if encoding not in ("gzip", "deflate"):
        return None
    inflater = zlib.decompressobj(GZIP_OR_ZLIB)
    try:
        # One byte over the limit is let through, so that the reader says that it is too large.
        inflated = inflater.decompress(raw, RECEIVED_LIMIT + 1)
    except zlib.error:
        return None
    return inflated if inflater.eof or len(inflated) > RECEIVED_LIMIT else None
