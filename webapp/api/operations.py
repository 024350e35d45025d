"""Operations, without a login: `/healthz`, `/readyz`, `/metrics` (contract: Operations)."""

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from webapp.flows.check_readiness import check_readiness
from webapp.queries.metrics import JournalCollector

bp = Blueprint("operations", __name__)


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process is up."""
    return jsonify(status="ok")


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Database, Redis and migrations, each `ok` or what is wrong with it; 503 with any that fails."""
    checks = check_readiness()
    ready = all(found == "ok" for found in checks.values())
    return jsonify(status="ok" if ready else "not ready", **checks), 200 if ready else 503


@bp.get("/metrics")
def metrics() -> ResponseReturnValue:
    """Prometheus metrics, read from the journal as it stands."""
    registry = CollectorRegistry()
    registry.register(JournalCollector())
    return Response(generate_latest(registry), mimetype=CONTENT_TYPE_LATEST)
