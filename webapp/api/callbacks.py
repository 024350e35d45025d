"""OMS → connector: `POST /oms/callbacks`, and the bus's probe (contract: HTTP; protocol: Probe)."""

import structlog
from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from webapp.api.bodies import inflated, read_raw
from webapp.extensions import csrf
from webapp.flows.receive_callback import Answer, not_readable, not_written_down, receive_callback
from webapp.oms.signature import HEADER as SIGNATURE

bp = Blueprint("callbacks", __name__)
csrf.exempt(bp)

log = structlog.get_logger(__name__)


@bp.post("/oms/callbacks", provide_automatic_options=False)
def receive() -> Response:
    """One JSON-RPC call or a batch of them; always answered as JSON-RPC."""
    raw = read_raw()
    return _answer(receive_callback(raw, inflated(raw), request.headers.get(SIGNATURE)))


@bp.route("/oms/callbacks", methods=["OPTIONS"], provide_automatic_options=False)
def probe() -> Response:
    """The bus asks whether this is a callback address when it is registered."""
    return Response(b"", 200, {"X-Magento-Service-Bus": "*"})


@bp.errorhandler(HTTPException)
def refuse(error: HTTPException) -> Response:
    """A request that could not be read to its end: too large, or broken off."""
    return _answer(not_readable(error.code or 400, error.description or error.name))


@bp.errorhandler(Exception)
def fail(error: Exception) -> Response:
    """Failure policy: what could not be written down is not answered as taken, so the OMS sends it again."""
    log.error("callback_not_taken", exc_info=error)
    return _answer(not_written_down())


def _answer(answer: Answer) -> Response:
    return Response(answer.body, answer.status, mimetype="application/json")
