"""Orders and messages written straight into the database, where a page needs many of them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from flask import Flask
from sqlalchemy import insert, update

from webapp.domain.states import Direction, Endpoint, ExportState, MessageStatus
from webapp.extensions import transaction
from webapp.models.messages import Message
from webapp.models.orders import Order

BEGIN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def order_row(number: int, **more: Any) -> dict[str, Any]:
    """An order of its own; several share a total, a time of placing and a state."""
    states = list(ExportState)
    row: dict[str, Any] = {
        "increment_id": f"{number:09}",
        "state": "processing",
        "status": "processing" if number % 3 else "pending",
        "customer_name": f"Person {number}",
        "customer_email": f"person{number}@example.com",
        "currency": "EUR",
        "grand_total": Decimal(number % 7),
        "placed_at": BEGIN + timedelta(minutes=number % 11),
        "received_at": BEGIN,
        "updated_at": BEGIN,
        "content": b"{}",
        "content_hash": "0" * 64,
        "export_state": states[number % len(states)],
        "pieces": 3,
        "pieces_shipped": number % 4,
    }
    return row | more


def keep_orders(app: Flask, *rows: dict[str, Any]) -> None:
    """Write them down."""
    with app.app_context(), transaction() as session:
        session.execute(insert(Order), list(rows))


def change_order(app: Flask, number: str, **values: Any) -> None:
    """Change what an order's record says."""
    with app.app_context(), transaction() as session:
        session.execute(update(Order).where(Order.increment_id == number).values(**values))


def message_row(number: int, **more: Any) -> dict[str, Any]:
    """A delivered product message of its own, unless told otherwise."""
    at = BEGIN + timedelta(seconds=number)
    row: dict[str, Any] = {
        "uid": f"00000000-0000-4000-8000-{number:012}",
        "direction": Direction.OUT,
        "endpoint": Endpoint.OMS,
        "lane": "catalog",
        "topic": "magento.catalog.product_management.updated",
        "key": f"out:oms:product:SKU-{number}",
        "status": MessageStatus.SUCCEEDED,
        "is_open": False,
        "payload": b"{}",
        "tries": 1,
        "created_at": at,
        "settled_at": at,
    }
    return row | more


def keep_messages(app: Flask, *rows: dict[str, Any]) -> None:
    """Write them down."""
    with app.app_context(), transaction() as session:
        session.execute(insert(Message), list(rows))
