"""What Flask is extended by, and the two ways to open a database session.

`read()` for looking, `transaction()` for writing. On SQLite a writer takes its slot at once (BEGIN
IMMEDIATE): a read that turns into a write fails with "database is locked", whatever the time-out.
`db.session` is not used: every use case opens its own session, so that one transaction holds an effect
and the message that announces it (house rule 2).
"""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING, Any

import psycopg
from flask import current_app
from flask_compress import Compress
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect
from htmx_flask import Htmx
from sqlalchemy import Connection, Engine, MetaData, event
from sqlalchemy.orm import DeclarativeBase, Session

from webapp import clock
from webapp.config import Config

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The declarative base all tables share; constraint names are fixed for the migrations."""

    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=Base)
if TYPE_CHECKING:

    class Model(Base):
        """What every table inherits."""

        __abstract__ = True
else:
    Model = db.Model

migrate = Migrate()
login = LoginManager()
csrf = CSRFProtect()
htmx = Htmx()
compress = Compress()

WRITING = "writing"
BUSY_MILLISECONDS = 15_000
LONGEST_LOOK_SECONDS = 0.008


@event.listens_for(Engine, "connect")
def _prepare(connection: Any, _record: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        _prepare_sqlite(connection)
    elif isinstance(connection, psycopg.Connection):
        # A server elsewhere in the world would give times beyond the first or the last year there is.
        connection.autocommit = True
        connection.execute("SET TIME ZONE 'UTC'")
        connection.autocommit = False


def _prepare_sqlite(connection: sqlite3.Connection) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_MILLISECONDS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "cache_size=-65536",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    if connection.get_execution_options().get(WRITING):
        _take_writers_slot(connection)
    else:
        connection.exec_driver_sql("BEGIN")


def _take_writers_slot(connection: Connection) -> None:
    """Wait for the one slot there is, as long as `BUSY_MILLISECONDS`, with short looks.

    SQLite itself looks ever more seldom, up to 0.1 s apart: whoever has waited longest is served last, and
    under a busy worker hardly ever.
    """
    raw: Any = connection.connection.driver_connection
    ends = clock.monotonic() + BUSY_MILLISECONDS / 1000
    raw.execute("PRAGMA busy_timeout=0")
    try:
        while clock.monotonic() < ends:
            try:
                raw.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                    break
            else:
                return
            Event().wait(random.uniform(0.001, LONGEST_LOOK_SECONDS))  # noqa: S311 - keeps waiters apart
        # Once more, so that what is wrong is raised as SQLAlchemy's own.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        raw.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")


@contextmanager
def read() -> Iterator[Session]:
    """A session to look with; whatever it changes is thrown away."""
    with Session(db.engine, autoflush=False, expire_on_commit=False) as session:
        yield session


@contextmanager
def transaction() -> Iterator[Session]:
    """A fresh session whose changes are committed together at the end, or not at all."""
    engine = db.engine.execution_options(**{WRITING: True})
    with Session(engine, expire_on_commit=False) as session, session.begin():
        session.connection()
        yield session


def current_config() -> Config:
    """The running app's `Config`."""
    config: Config = current_app.config["CONNECTOR"]
    return config
