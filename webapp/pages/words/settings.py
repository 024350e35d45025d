"""The settings of the Integration page in words: groups, labels, hints, choices (contract: Settings).

What follows from a setting is said by its own definition; here is what it is called, and how it is entered.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a setting is entered."""

    TEXT = "text"
    ADDRESS = "url"
    NUMBER = "number"
    CHOICE = "choice"
    SWITCH = "switch"
    WRITE_ONLY = "write-only"
    TABLE = "table"
    STATUSES = "statuses"


@dataclass(frozen=True, slots=True)
class Group:
    """Settings that decide one thing together."""

    title: str
    lead: str
    keys: tuple[str, ...]


GROUPS = {
    "export": Group(
        "When an order is exported",
        "Orders in other statuses are kept here, and go out once they reach one of these.",
        ("orders.export_statuses", "orders.export_mode", "orders.sync_timeout_seconds"),
    ),
    "events": Group(
        "How events are applied",
        "Either way an event is applied exactly once, in the order the OMS sent them for each order.",
        ("inbound.mode",),
    ),
    "address": Group(
        "Where the OMS is",
        "A change is in force for the next message.",
        (
            "oms.url",
            "oms.application_id",
            "oms.callback_url",
            "oms.paths",
            "oms.endpoint",
            "oms.timeout_seconds",
            "oms.concurrency",
            "oms.ca_file",
            "oms.allow_addresses",
        ),
    ),
    "secrets": Group(
        "Secrets",
        "Kept encrypted and never shown again. A field left empty keeps the secret that is set.",
        (
            "oms.secret",
            "oms.signature",
            "oms.require_signature",
            "oms.token_url",
            "oms.client_id",
            "oms.client_secret",
        ),
    ),
    "alerts": Group(
        "Alerts",
        "Told together and seldom: when it begins, while it goes on and grows, and when it is over.",
        (
            "alerts.email",
            "alerts.from",
            "alerts.webhook_url",
            "alerts.webhook_secret",
            "alerts.backlog_minutes",
        ),
    ),
    "journal": Group(
        "What is kept",
        "Older messages are removed from the journal bit by bit; none that is still open, ever.",
        ("journal.retention_days", "journal.failed_retention_days"),
    ),
    "stores": Group(
        "Payments and stores",
        "How an order is told to the OMS; in force for orders exported from now on.",
        ("orders.residual", "orders.vat_country", "payments.map", "stores.map"),
    ),
}

LABELS = {
    "oms.url": "OMS address",
    "oms.application_id": "Our name there",
    "oms.callback_url": "Our address for its calls",
    "oms.paths": "Paths",
    "oms.endpoint": "Endpoint",
    "oms.secret": "Secret",
    "oms.signature": "Signature",
    "oms.require_signature": "Require a signature of every call from the OMS",
    "oms.token_url": "Token address",
    "oms.client_id": "Client id",
    "oms.client_secret": "Client secret",
    "oms.ca_file": "CA file",
    "oms.allow_addresses": "Allowed networks",
    "oms.timeout_seconds": "Time-out in seconds",
    "oms.concurrency": "Calls at once",
    "orders.export_statuses": "Statuses that export an order",
    "orders.export_mode": "Mode",
    "orders.sync_timeout_seconds": "Longest wait in seconds",
    "orders.residual": "An amount no field explains",
    "orders.vat_country": "VAT country",
    "inbound.mode": "All events",
    "payments.map": "Payment methods",
    "stores.map": "Store views",
    "alerts.email": "E-mail to",
    "alerts.from": "E-mail from",
    "alerts.webhook_url": "Webhook",
    "alerts.webhook_secret": "Webhook secret",
    "alerts.backlog_minutes": "Longest wait in minutes",
    "journal.retention_days": "Messages, in days",
    "journal.failed_retention_days": "Failed messages, in days",
}

HINTS = {
    "oms.token_url": "Only where the OMS wants OAuth2 client credentials.",
    "payments.map": (
        'JSON by Magento method: {"checkmo": {"payment_method": "…", "payment_submethod": "…"}}; "*" for all '
        "others."
    ),
    "stores.map": (
        'JSON by store_id: {"1": {"code": "…", "website": "…", "locale": "…", "currency": "…", '
        '"channel": "…"}}.'
    ),
}

# What a value looks like, where nothing is set.
EXAMPLES = {
    "oms.url": "https://oms.example.com/rpc",
    "oms.token_url": "https://oms.example.com/oauth/token",
    "oms.ca_file": "/etc/ssl/oms-ca.pem",
    "oms.allow_addresses": "169.254.10.0/24, fd00:ec2::/32",
    "orders.vat_country": "DE",
    "alerts.email": "ada@example.com, bob@example.com",
    "alerts.from": "oms-connector@example.com",
    "alerts.webhook_url": "https://chat.example.com/hooks/oms",
    "orders.export_statuses.other": "approved_by_sales, ready_to_ship",
}

MODES = (
    ("async", "Stored and answered, then applied (asynchronous)"),
    ("sync", "Applied, then answered (synchronous)"),
)

_CHOICES = {
    "oms.paths": (("single", "One address for everything"), ("bus", "The service bus's paths")),
    "oms.signature": (("sha1", "SHA-1, as the service bus signs"), ("sha256", "SHA-256")),
    "orders.export_mode": (
        ("async", "Queued: the store is answered at once (asynchronous)"),
        ("sync", "Sent while the store waits for the OMS's word (synchronous)"),
    ),
    "orders.residual": (
        ("service_line", "Sent as a line of its own, with a warning"),
        ("hold", "The order is held here until someone has looked at it"),
    ),
    "inbound.mode": MODES,
}

# Magento's own order statuses.
STATUSES = (
    "pending",
    "pending_payment",
    "payment_review",
    "processing",
    "holded",
    "fraud",
    "complete",
    "closed",
)

_KINDS = {
    "orders.export_statuses": Kind.STATUSES,
    "oms.url": Kind.ADDRESS,
    "oms.callback_url": Kind.ADDRESS,
    "oms.token_url": Kind.ADDRESS,
    "oms.timeout_seconds": Kind.NUMBER,
    "oms.concurrency": Kind.NUMBER,
    "orders.sync_timeout_seconds": Kind.NUMBER,
    "alerts.webhook_url": Kind.ADDRESS,
    "alerts.webhook_secret": Kind.WRITE_ONLY,
    "alerts.backlog_minutes": Kind.NUMBER,
    "journal.retention_days": Kind.NUMBER,
    "journal.failed_retention_days": Kind.NUMBER,
    "oms.secret": Kind.WRITE_ONLY,
    "oms.client_secret": Kind.WRITE_ONLY,
    "oms.require_signature": Kind.SWITCH,
    "payments.map": Kind.TABLE,
    "stores.map": Kind.TABLE,
}


def kind_of(key: str) -> Kind:
    """How a setting is entered."""
    if key in _CHOICES or key.startswith("inbound.mode."):
        return Kind.CHOICE
    return _KINDS.get(key, Kind.TEXT)


def words_for(key: str) -> tuple[tuple[str, str], ...]:
    """The choices of a setting, as (value, words)."""
    return _CHOICES[key]
