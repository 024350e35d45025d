"""Alembic's environment: migrations run on the app's own engine, in one transaction each."""

from alembic import context
from flask import current_app
from sqlalchemy import Engine

from webapp import models  # noqa: F401 - makes the metadata complete
from webapp.extensions import WRITING, db


def run() -> None:
    """Upgrade or downgrade over a connection that is the only writer meanwhile."""
    engine: Engine = current_app.extensions["migrate"].db.engine
    writer = engine.execution_options(**{WRITING: True})
    with writer.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=True,
            compare_type=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("Migrations run against a database: oms-connector db upgrade")
run()
