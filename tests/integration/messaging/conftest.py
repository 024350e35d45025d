"""Many small tests of one subject: on PostgreSQL they share a database, emptied before each."""

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from webapp.extensions import db


@pytest.fixture
def postgresql(lasting_postgresql: str) -> str:
    """URL of a migrated PostgreSQL database with nothing in it."""
    tables = [
        SQL("DELETE FROM {}").format(Identifier(one.name)) for one in reversed(db.metadata.sorted_tables)
    ]
    with psycopg.connect(lasting_postgresql.replace("+psycopg", "")) as connection:
        connection.execute(SQL("; ").join(tables))
    return lasting_postgresql
