"""Finding identifiers by their beginnings, by index where the database allows it."""

from typing import Any

from sqlalchemy import ColumnElement, and_
from sqlalchemy.orm import Session

# Sorts behind whatever an identifier may go on with.
_LAST = "\U0010ffff"


def begins_with(session: Session, column: Any, text: str) -> ColumnElement[bool]:
    """Rows whose identifier begins so, capital letters told apart.

    SQLite compares bytes, so a range is the same, and finds its index, which LIKE does not. PostgreSQL sorts
    by its locale, so there it is LIKE; in a database of locale C that finds the index too.
    """
    if session.get_bind().dialect.name == "sqlite":
        return and_(column >= text, column <= text + _LAST)
    found: ColumnElement[bool] = column.startswith(text, autoescape=True)
    return found
