"""All tables; importing this makes the metadata complete (for migrations and tests)."""

from webapp.models import (
    accounts,
    alerts,
    breakers,
    catalog,
    chores,
    fulfilment,
    jobs,
    messages,
    orders,
    settings,
)

__all__ = [
    "accounts",
    "alerts",
    "breakers",
    "catalog",
    "chores",
    "fulfilment",
    "jobs",
    "messages",
    "orders",
    "settings",
]
