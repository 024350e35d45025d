"""Many rows in one statement (house rule 7): each with values of its own, on both databases.

A list of values goes over in one piece and is worked off inside the database; row by row, the library and
the way there would cost several times the work itself.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any

from sqlalchemy import Column, Dialect, LargeBinary, Table
from sqlalchemy.orm import Session

# Bound values a statement may have: SQLite takes 32,766, PostgreSQL 65,535.
MOST_VALUES = 30_000


def update_rows(
    session: Session, table: Table, keys: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Set, in the rows that `keys` name, the columns that these rows have; all have the same ones."""
    if not rows:
        return
    names = list(rows[0])
    given = {name: f"v.column{place}" for place, name in enumerate(names, start=1)}
    sets = ", ".join(f"{name} = {value}" for name, value in given.items() if name not in keys)
    found = " AND ".join(f"{table.name}.{name} = {given[name]}" for name in keys)
    _in_parts(
        session,
        table,
        rows,
        lambda values: f"UPDATE {table.name} SET {sets} FROM (VALUES {values}) AS v WHERE {found}",  # noqa: S608 - names of ours and places for values
    )


def insert_new_rows(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert these rows, all with the same columns, as far as no unique constraint has them already."""
    if not rows:
        return
    columns = ", ".join(rows[0])
    _in_parts(
        session,
        table,
        rows,
        lambda values: f"INSERT INTO {table.name} ({columns}) VALUES {values} ON CONFLICT DO NOTHING",  # noqa: S608 - likewise
    )


def _in_parts(
    session: Session, table: Table, rows: Sequence[Mapping[str, Any]], statement: Callable[[str], str]
) -> None:
    columns = [table.columns[name] for name in rows[0]]
    connection = session.connection()
    dialect = connection.dialect
    size = MOST_VALUES // len(columns)
    for start in range(0, len(rows), size):
        part = rows[start : start + size]
        ready = [_ready(column, dialect, [row[column.name] for row in part]) for column in columns]
        values = tuple(chain.from_iterable(zip(*ready, strict=True)))
        connection.exec_driver_sql(statement(_places(columns, dialect, len(part))), values)


def _ready(column: Column[Any], dialect: Dialect, values: list[Any]) -> list[Any]:
    """A column's values as the driver takes them; most of many are the same, and made ready once."""
    kind = column.type.dialect_impl(dialect)
    make = None if isinstance(kind, LargeBinary) else kind.bind_processor(dialect)
    if make is None:
        return values
    made = {value: make(value) for value in set(values)}
    return [made[value] for value in values]


def _places(columns: Sequence[Column[Any]], dialect: Dialect, count: int) -> str:
    """`(?, ?), (?, ?)`; PostgreSQL is told the types once, as it does not guess them from the columns."""
    mark = "%s" if dialect.paramstyle in ("format", "pyformat") else "?"
    row = f"({', '.join([mark] * len(columns))})"
    first = row
    if dialect.name == "postgresql":
        kinds = [column.type.dialect_impl(dialect).compile(dialect) for column in columns]
        first = f"({', '.join(f'CAST({mark} AS {kind})' for kind in kinds)})"
    return ", ".join([first, *[row] * (count - 1)])
