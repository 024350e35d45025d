"""Migrations up and down, with data in the tables, on both databases; their end is what the models say."""

from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import func, inspect, select, text

from tests.fixtures.settings import config_for
from webapp import clock, create_app
from webapp.extensions import db, read, transaction
from webapp.flows.accept_order import accept_order
from webapp.flows.change_settings import change_settings
from webapp.models.messages import Message
from webapp.models.orders import Order, OrderLine
from webapp.oms.wire import decode, encode
from webapp.store.demo_orders import DemoOrder, demo_order

INDEX_NAMES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'index'",
    "postgresql": "SELECT indexname FROM pg_indexes",
}


@pytest.fixture
def fresh_app(tmp_path: Path, empty_database: str) -> Iterator[Flask]:
    """The app on a database that no migration has touched, in context."""
    app = create_app(config_for(tmp_path, empty_database))
    with app.app_context():
        yield app
        db.engine.dispose()


def revisions() -> list[str]:
    """Every revision, oldest first."""
    script = ScriptDirectory("migrations")
    return [one.revision for one in reversed(list(script.walk_revisions()))]


def put_in_an_order() -> None:
    """An order with its lines, messages and journal, by the product's own flow."""
    with transaction() as session:
        change_settings(session, {"oms.url": "http://127.0.0.1:9/"}, "test")
    demo = DemoOrder("100000042", "processing", "processing", [("KIT-CAMP", 1), ("SOC-4410", 2)], 1.0)
    body = encode(demo_order(demo, clock.now()))
    accept_order(decode(body), body, "test")


def tables() -> set[str]:
    return set(inspect(db.engine).get_table_names()) - {"alembic_version"}


def _schema() -> tuple[dict[str, list[str]], set[str]]:
    found = inspect(db.engine)
    columns = {table: sorted(one["name"] for one in found.get_columns(table)) for table in tables()}
    with db.engine.connect() as connection:
        return columns, set(connection.scalars(text(INDEX_NAMES[db.engine.dialect.name])))


@pytest.mark.filterwarnings("ignore:.*expression-based index")
@pytest.mark.usefixtures("fresh_app")
def test_up_gives_what_the_models_say() -> None:
    flask_migrate.upgrade()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, db.metadata)
        known = connection.scalars(text(INDEX_NAMES[db.engine.dialect.name])).all()
    # The one index over an expression is not compared: SQLite does not tell alembic of it.
    assert [one for one in differences if "ix_messages_open_key" not in repr(one)] == []
    assert "ix_messages_open_key" in known


@pytest.mark.usefixtures("fresh_app")
def test_down_and_up_again_with_data_in_the_tables() -> None:
    flask_migrate.upgrade()
    put_in_an_order()
    with read() as session:
        assert session.scalar(select(func.count()).select_from(OrderLine)) == 8
        assert session.scalar(select(func.count()).select_from(Message)) == 9
    for revision in reversed(["base", *revisions()[:-1]]):
        flask_migrate.downgrade(revision=revision)
    assert tables() == set()
    flask_migrate.upgrade()
    put_in_an_order()
    with read() as session:
        assert session.scalars(select(Order.increment_id)).all() == ["100000042"]


@pytest.mark.usefixtures("fresh_app")
def test_one_step_down_keeps_what_the_step_did_not_bring() -> None:
    flask_migrate.upgrade()
    put_in_an_order()
    with read() as session:
        before = session.scalar(select(func.count()).select_from(Message))
    here = _schema()
    flask_migrate.downgrade()
    assert _schema() != here
    with read() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == before
