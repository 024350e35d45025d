"""All tables; importing this makes the metadata complete (for migrations and tests)."""

from webapp.models import accounts, catalog, fulfilment, jobs, messages, orders, settings

__all__ = ["accounts", "catalog", "fulfilment", "jobs", "messages", "orders", "settings"]
