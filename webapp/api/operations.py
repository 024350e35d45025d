"""Operations, without a login: `/healthz`, `/readyz`, `/metrics` (contract: Operations)."""

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, Response, current_app, jsonify
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from webapp.extensions import db, read
from webapp.messaging import bell
from webapp.queries.metrics import JournalCollector

bp = Blueprint("operations", __name__)


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process is up."""
    return jsonify(status="ok")


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Database, Redis and migrations, each `ok` or what is wrong with it; 503 with any that fails."""
    checks = {"database": check_database(), "redis": check_redis(), "migrations": check_migrations()}
    ready = all(found == "ok" for found in checks.values())
    return jsonify(status="ok" if ready else "not ready", **checks), 200 if ready else 503


@bp.get("/metrics")
def metrics() -> ResponseReturnValue:
    """Prometheus metrics, read from the journal as it stands."""
    registry = CollectorRegistry()
    registry.register(JournalCollector())
    return Response(generate_latest(registry), mimetype=CONTENT_TYPE_LATEST)


def check_database() -> str:
    """Whether the database answers: `ok`, or what is wrong."""
    try:
        with read() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        return f"does not answer ({type(error).__name__})"
    return "ok"


def check_redis() -> str:
    """Whether Redis answers: `ok`, or what is wrong."""
    try:
        bell.connect().ping()
    except (RedisError, OSError) as error:
        return f"does not answer ({type(error).__name__})"
    return "ok"


def check_migrations() -> str:
    """Whether the tables are this version's: `ok`, or what to do."""
    try:
        with db.engine.connect() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError as error:
        return f"cannot be read ({type(error).__name__})"
    config = current_app.extensions["migrate"].migrate.get_config()
    wanted = ScriptDirectory.from_config(config).get_current_head()
    return "ok" if found == wanted else f"at {found or 'none'}, not at {wanted}: oms-connector db upgrade"
