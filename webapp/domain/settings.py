"""The merchant's settings: every key, its default, and what a value must be (contract: Settings).

Pure. What a value may be is in `setting_kinds`; the pages, the API and the command line all go through here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webapp.domain import setting_kinds as kinds
from webapp.domain.refusals import Refused
from webapp.domain.setting_kinds import Kind, Value

_MODE_OF_TOPIC = re.compile(r"inbound\.mode\.[a-z0-9_.]{1,67}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Definition:
    """One setting: `secret` ones are write-only; `consequence` is the sentence the page shows under it."""

    key: str
    default: Value
    kind: Kind
    consequence: str
    secret: bool = False


class Settings:
    """The settings in force, read once for one piece of work; what is set to nothing is at its default."""

    def __init__(
        self, values: Mapping[str, Value], previous_secrets: Mapping[str, str] | None = None
    ) -> None:
        self._values = values
        self._previous = previous_secrets or {}

    def __getitem__(self, key: str) -> Value:
        value = self._values.get(key)
        return definition(key).default if value is None else value

    def text(self, key: str) -> str:
        """A text, "" where none is set."""
        value = self[key]
        return value if isinstance(value, str) else ""

    def number(self, key: str) -> int:
        """A whole number, 0 where none is set."""
        value = self[key]
        return value if isinstance(value, int) else 0

    def flag(self, key: str) -> bool:
        """A switch."""
        return self[key] is True

    def table(self, key: str) -> dict[str, Any]:
        """A JSON object."""
        value = self[key]
        return value if isinstance(value, dict) else {}

    def codes(self, key: str) -> tuple[str, ...]:
        """A comma-separated list."""
        return tuple(part.strip() for part in self.text(key).split(",") if part.strip())

    def is_set(self, key: str) -> bool:
        """Whether there is a value at all."""
        return self[key] not in (None, "")

    def is_sync(self, topic: str) -> bool:
        """Whether events of this topic are applied before they are answered (F07)."""
        return (self.text(f"inbound.mode.{topic}") or self.text("inbound.mode")) == "sync"

    def topic_modes(self) -> tuple[str, ...]:
        """The keys of topics whose mode differs from the default for all."""
        return tuple(sorted(key for key in self._values if key.startswith("inbound.mode.")))

    def secrets(self, key: str) -> tuple[str, ...]:
        """A secret and, for an hour after it took its place, the one before it; none where none is set."""
        both = (self.text(key), self._previous.get(key, ""))
        return tuple(one for one in both if one) if both[0] else ()


def definition(key: str) -> Definition:
    """The setting's definition; raises `Refused` for a key there is none of."""
    if key in DEFINITIONS:
        return DEFINITIONS[key]
    if _MODE_OF_TOPIC.fullmatch(key):
        return Definition(
            key, None, kinds.one_of("sync", "async", empty=True), "How this topic's events are applied."
        )
    raise Refused(key[:80], "a setting that exists", key)


def check(key: str, value: object) -> Value:
    """The value to keep, None for the default; raises `Refused` naming the key and what was expected."""
    known = definition(key)
    return None if value is None else known.kind.read(key, value)


def read_text_value(key: str, text: str) -> Value:
    """A value as typed at a command line or in a form."""
    default = definition(key).default
    if isinstance(default, bool):
        return check(
            key, {"on": True, "true": True, "off": False, "false": False}.get(text.strip().lower(), text)
        )
    return check(key, text)


STORES = {
    "1": {"code": "default", "website": "base", "locale": "en_US", "currency": "USD", "channel": "base"}
}
_STORE_FIELDS = {"code": True, "website": True, "locale": False, "currency": False, "channel": False}
_PAYMENT_FIELDS = {"payment_method": True, "payment_submethod": False}
_STATUS_FIELDS = {"state": True, "status": True}

_ALL = (
    Definition("oms.url", None, kinds.url, "Where the OMS takes our calls. Without it, messages are held."),
    Definition("oms.application_id", "oms-connector", kinds.text, "Who we are there."),
    Definition(
        "oms.callback_url", None, kinds.url, "Where the OMS posts to; empty means this server's own address."
    ),
    Definition(
        "oms.paths",
        "single",
        kinds.one_of("single", "bus"),
        "One address for everything, or the bus's paths.",
    ),
    Definition("oms.endpoint", "oms", kinds.text, "The OMS's name on the bus."),
    Definition(
        "oms.secret",
        None,
        kinds.secret,
        "Signs every call, both ways. A new one is good at once, the old one for another hour.",
        secret=True,
    ),
    Definition("oms.signature", "sha1", kinds.one_of("sha1", "sha256"), "How our calls are signed."),
    Definition(
        "oms.require_signature", True, kinds.flag, "Refuses callbacks that are not signed by the secret."
    ),
    Definition("oms.token_url", None, kinds.url, "Where a token is fetched, if the OMS wants one."),
    Definition("oms.client_id", None, kinds.text, "The client's name at the token address."),
    Definition(
        "oms.client_secret", None, kinds.secret, "The client's secret at the token address.", secret=True
    ),
    Definition(
        "oms.ca_file",
        None,
        kinds.text,
        "A file with the certificate authority to trust beside the usual ones.",
    ),
    Definition(
        "oms.allow_addresses", None, kinds.networks, "Networks allowed although link-local or a cloud's own."
    ),
    Definition("oms.timeout_seconds", 15, kinds.whole(40), "How long one call may take, in seconds."),
    Definition("oms.concurrency", 32, kinds.whole(256), "Calls under way at once, per worker."),
    Definition(
        "orders.export_statuses",
        "processing",
        kinds.codes,
        "An order goes to the OMS when it reaches one of these; until then it waits in the store.",
    ),
    Definition(
        "orders.export_mode",
        "async",
        kinds.one_of("sync", "async"),
        "Whether the store waits for the OMS's word when it hands over an order.",
    ),
    Definition(
        "orders.sync_timeout_seconds",
        10,
        kinds.whole(30),
        "How long the store waits at the most, in seconds.",
    ),
    Definition(
        "orders.residual",
        "service_line",
        kinds.one_of("service_line", "hold"),
        "What becomes of an order whose total has an amount no field explains.",
    ),
    Definition(
        "orders.vat_country",
        None,
        kinds.text,
        "The VAT country told to the OMS; empty: where the order ships to.",
    ),
    Definition(
        "inbound.mode",
        "async",
        kinds.one_of("sync", "async"),
        "Whether an event is applied before it is answered.",
    ),
    Definition("catalog.attributes", None, kinds.codes, "Product attributes that go to the OMS."),
    Definition(
        "statuses.map",
        {},
        kinds.table(_STATUS_FIELDS, "an object of {state, status}"),
        "What each OMS status means in the store, where it differs from the default.",
    ),
    Definition(
        "payments.map",
        {},
        kinds.table(_PAYMENT_FIELDS, "an object of {payment_method, payment_submethod}"),
        "What each payment method is called in the OMS.",
    ),
    Definition(
        "shipments.tracking_links",
        {},
        kinds.table(None, "an object of link texts with {number} in them"),
        "The link for a carrier's tracking number, where the OMS sends none.",
    ),
    Definition(
        "stores.map",
        STORES,
        kinds.table(_STORE_FIELDS, "an object of {code, website, locale, currency, channel}"),
        "Which website and sales channel each store view belongs to.",
    ),
    Definition(
        "stock.reserve_unloaded", True, kinds.flag, "Takes orders the OMS has not loaded yet off the stock."
    ),
    Definition(
        "stock.zero_after_seconds",
        60,
        kinds.whole(86_400),
        "How long after a snapshot's last part what is missing in it becomes 0.",
    ),
    Definition(
        "reconcile.orders_hours",
        24,
        kinds.whole(8_760, off=True),
        "How often orders are compared with the OMS.",
    ),
    Definition(
        "reconcile.stock_hours",
        "off",
        kinds.whole(8_760, off=True),
        "How often stock is compared with the OMS.",
    ),
    Definition("journal.retention_days", 90, kinds.whole(3_650), "How long messages are kept."),
    Definition(
        "journal.failed_retention_days", 365, kinds.whole(3_650), "How long failed messages are kept."
    ),
    Definition(
        "alerts.email",
        None,
        kinds.addresses,
        "Who is told when something fails for good, waits too long, or the OMS does not answer.",
    ),
    Definition("alerts.from", None, kinds.addresses, "Who these e-mails come from."),
    Definition("alerts.webhook_url", None, kinds.url, "Where the same is posted to, as JSON."),
    Definition(
        "alerts.webhook_secret",
        None,
        kinds.secret,
        "Signs what is posted there: X-Signature, sha256, over the body.",
        secret=True,
    ),
    Definition(
        "alerts.backlog_minutes", 15, kinds.whole(10_080), "How old the oldest waiting message may be."
    ),
    Definition("store.kind", "embedded", kinds.one_of("embedded", "magento"), "Where effects are written."),
)

DEFINITIONS: dict[str, Definition] = {one.key: one for one in _ALL}
