"""Many small tests of one subject: they share a database of each kind and its app, emptied before each."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from flask import Flask

from webapp import create_app
from webapp.config import Config
from webapp.extensions import db


def _emptying() -> str:
    return ";".join(str(one.delete()) for one in reversed(db.metadata.sorted_tables))


@pytest.fixture
def postgresql(lasting_postgresql: str) -> str:
    """URL of a migrated PostgreSQL database with nothing in it."""
    with psycopg.connect(lasting_postgresql.replace("+psycopg", "")) as connection:
        connection.execute(_emptying().encode())
    return lasting_postgresql


@pytest.fixture(scope="session")
def lasting_sqlite(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that lasts as long as this process of the run."""
    return Path(shutil.copy(migrated_sqlite, tmp_path_factory.mktemp("lasting-sqlite") / "connector.db"))


@pytest.fixture
def sqlite(lasting_sqlite: Path) -> str:
    """URL of a migrated SQLite database with nothing in it."""
    with closing(sqlite3.connect(lasting_sqlite)) as connection:
        connection.executescript(_emptying())
    return f"sqlite:///{lasting_sqlite}"


@pytest.fixture(scope="session")
def apps() -> Iterator[dict[tuple[str, str], Flask]]:
    """The apps made so far, by database and Redis."""
    made: dict[tuple[str, str], Flask] = {}
    yield made
    for app in made.values():
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def app(config: Config, apps: dict[tuple[str, str], Flask]) -> Flask:
    """The app on the test's database and Redis."""
    where = (config.database_url, config.redis_url)
    if where not in apps:
        apps[where] = create_app(config)
    return apps[where]
