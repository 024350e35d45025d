"""Aggregate stock: snapshots told, and what a query finds of them (F31, F32)."""

from typing import Any

from webapp.sandbox import clock
from webapp.sandbox.callbacks import say
from webapp.sandbox.refusal import wrong
from webapp.sandbox.state import Database
from webapp.sandbox.wire import Json

A_MESSAGE = 10_000
_LARGEST_PAGE = 1_000
_UPDATED = "magento.inventory.aggregate_stock_management.updated"
_FIELDS = {"aggregate_id": "aggregate", "sku": "sku"}


def tell_stock(db: Database, aggregate: str, mode: str, stock: list[Json], created_on: str | None) -> int:
    """Keep the quantities and tell them, in as many messages of 10,000 SKUs as it takes; their number.

    `stock`: `[{sku, quantity, unlimited?}]`. `created_on` None: left out, as an undated peer does.
    """
    if mode == "NONZERO":
        db.execute("UPDATE stock SET quantity = 0 WHERE aggregate = ? AND unlimited = 0", (aggregate,))
    db.executemany(
        "INSERT OR REPLACE INTO stock VALUES (?, ?, ?, ?)",
        [(aggregate, row["sku"], row["quantity"], bool(row.get("unlimited"))) for row in stock],
    )
    parts = [stock[at : at + A_MESSAGE] for at in range(0, len(stock), A_MESSAGE)] or [[]]
    for part in parts:
        snapshot: Json = {"aggregate_id": aggregate, "mode": mode, "stock": part}
        if created_on is not None:
            snapshot["created_on"] = created_on
        say(db, f"aggregate:{aggregate}", _UPDATED, {"snapshot": snapshot})
    return len(parts)


def tell_aggregate(db: Database, event: str, aggregate: Json) -> None:
    """An aggregate was created, updated or deleted: `{id, name, sources?}`."""
    told: Json = {"aggregate_id": aggregate["id"]} if event == "deleted" else {"aggregate": aggregate}
    say(db, f"aggregate:{aggregate['id']}", f"magento.inventory.aggregate_management.{event}", told)


def search_stock(db: Database, params: Json) -> Json:
    """`aggregate_stock_repository.search`: a page of stock, by aggregate and SKU.

    Criteria: `{exp: eq|in, args: [{type: field, value: aggregate_id|sku}, {type: string, value}, …]}`, and
    `{exp: and|or, args: [criteria, …]}`; any other is refused.
    """
    query = params["query"]
    offset, size = query.get("offset") or 0, query.get("size")
    size = _LARGEST_PAGE if size is None else size
    if offset < 0:
        raise wrong("query.offset", "a number not below 0", offset)
    if not 0 < size <= _LARGEST_PAGE:
        raise wrong("query.size", f"a number from 1 to {_LARGEST_PAGE}", size)
    condition, values = (
        _condition("query.criteria", query["criteria"]) if query.get("criteria") else ("1", [])
    )
    total = db.execute(f"SELECT count(*) FROM stock WHERE {condition}", values).fetchone()[0]  # noqa: S608 - built from constants and marks only
    rows = db.execute(
        f"SELECT * FROM stock WHERE {condition} ORDER BY aggregate, sku LIMIT ? OFFSET ?",  # noqa: S608 - as above
        (*values, size, offset),
    )
    items = [
        {
            "aggregate_id": row["aggregate"],
            "sku": row["sku"],
            "quantity": row["quantity"],
            "in_stock": bool(row["quantity"] > 0 or row["unlimited"]),
            "unlimited": bool(row["unlimited"]),
        }
        for row in rows
    ]
    return {"offset": offset, "size": len(items), "total": total, "items": items}


def _condition(path: str, criteria: Json) -> tuple[str, list[Any]]:
    exp, args = criteria.get("exp"), criteria.get("args") or []
    if exp in ("and", "or") and args:
        parts = [_condition(f"{path}.args[{index}]", part) for index, part in enumerate(args)]
        joined = f" {exp.upper()} ".join(text for text, _ in parts)
        return f"({joined})", [value for _, values in parts for value in values]
    if exp not in ("eq", "in") or len(args) < 2:
        raise wrong(f"{path}.exp", "eq or in with a field and values, or and/or with criteria", exp)
    column = _FIELDS.get(args[0].get("value"))
    if args[0].get("type") != "field" or column is None:
        raise wrong(f"{path}.args[0].value", "a field: aggregate_id or sku", args[0].get("value"))
    values = [arg.get("value") for arg in args[1:]]
    return f"{column} IN ({', '.join('?' * len(values))})", values


def now_as_created_on() -> str:
    """The date of a snapshot nobody dated."""
    return clock.rfc3339(clock.now())
