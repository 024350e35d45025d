"""Whether what the connector stands on is there: database, Redis, migrations."""

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from webapp.extensions import db, read
from webapp.messaging import bell


def check_readiness() -> dict[str, str]:
    """Each part with `ok` or what is wrong with it."""
    return {"database": _database(), "redis": _redis(), "migrations": _migrations()}


def _database() -> str:
    try:
        with read() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        return f"does not answer ({type(error).__name__})"
    return "ok"


def _redis() -> str:
    try:
        bell.connect().ping()
    except (RedisError, OSError) as error:
        return f"does not answer ({type(error).__name__})"
    return "ok"


def _migrations() -> str:
    try:
        with db.engine.connect() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError as error:
        return f"cannot be read ({type(error).__name__})"
    config = current_app.extensions["migrate"].migrate.get_config()
    wanted = ScriptDirectory.from_config(config).get_current_head()
    return "ok" if found == wanted else f"at {found or 'none'}, not at {wanted}: oms-connector db upgrade"
