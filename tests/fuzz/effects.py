"""Which tables a call changed, seen by the database itself: triggers that write down each change."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, inspect, text

# The journal itself, and that someone was seen; everything else is an effect.
JOURNAL = {
    *("messages", "attempts", "transitions", "audit_entries"),
    *("api_tokens", "connections", "alembic_version"),
}
NOTES = "noted_changes"
OPERATIONS = ("INSERT", "UPDATE", "DELETE")


# What may not be when all is over, as counts.
LEFTOVERS = {
    "messages that are not settled": "SELECT count(*) FROM messages WHERE direction = 'in' "
    "AND status NOT IN ('succeeded', 'failed')",
    "failures without a reason": "SELECT count(*) FROM messages WHERE status = 'failed' AND reason = ''",
    "comments of failed messages": "SELECT count(*) FROM order_comments JOIN messages "
    "ON messages.id = message_id WHERE messages.status = 'failed'",
    "events of failed messages": "SELECT count(*) FROM order_events JOIN messages "
    "ON messages.id = message_id WHERE messages.status = 'failed'",
    "shipments of failed messages": "SELECT count(*) FROM shipments JOIN messages "
    "ON messages.id = message_id WHERE messages.status = 'failed'",
    "shipments with nothing in them": "SELECT count(*) FROM shipments WHERE NOT EXISTS "
    "(SELECT 1 FROM shipment_lines WHERE shipment_id = shipments.id)",
    "orders that do not add up": "SELECT count(*) FROM (SELECT orders.id FROM orders JOIN order_lines "
    "ON order_id = orders.id GROUP BY orders.id, grand_total HAVING sum(gross_amount) <> grand_total) AS odd",
}


def leftovers(engine: Engine) -> dict[str, int]:
    """What may not be when all is over, with how many of it; nothing where all is well."""
    with engine.connect() as connection:
        counts = {name: connection.execute(text(query)).scalar_one() for name, query in LEFTOVERS.items()}
    return {name: count for name, count in counts.items() if count}


class Watch:
    """What all tables but the journal's went through since it was last asked."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def take(self) -> Counter[str]:
        """Changes by table since it was last asked."""
        with self._engine.connect() as connection:
            found = connection.execute(text(f"SELECT name FROM {NOTES}")).scalars().all()  # noqa: S608
        if found:
            _run(self._engine, f"DELETE FROM {NOTES}")  # noqa: S608
        return Counter(found)


@contextmanager
def watching(engine: Engine) -> Iterator[Watch]:
    """Watch a database's tables within the block."""
    tables = sorted(set(inspect(engine).get_table_names()) - JOURNAL)
    postgresql = engine.dialect.name == "postgresql"
    _run(engine, *(_for_postgresql(tables) if postgresql else _for_sqlite(tables)))
    try:
        yield Watch(engine)
    finally:
        drop = [f"DROP TRIGGER note_{table}_{one}" for table in tables for one in OPERATIONS]
        _run(engine, *(["DROP FUNCTION note_change CASCADE"] if postgresql else drop), f"DROP TABLE {NOTES}")


def _for_postgresql(tables: list[str]) -> Iterator[str]:
    yield f"CREATE TABLE {NOTES} (name TEXT)"
    yield (
        "CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS "  # noqa: S608
        f"$$ BEGIN INSERT INTO {NOTES} VALUES (TG_TABLE_NAME); RETURN NULL; END $$"
    )
    for table in tables:
        yield (
            f"CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION note_change()"
        )


def _for_sqlite(tables: list[str]) -> Iterator[str]:
    yield f"CREATE TABLE {NOTES} (name TEXT)"
    for table in tables:
        for one in OPERATIONS:
            yield (
                f"CREATE TRIGGER note_{table}_{one} AFTER {one} ON {table} "  # noqa: S608
                f"BEGIN INSERT INTO {NOTES} VALUES ('{table}'); END"
            )


def _run(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
