"""Where each topic goes on the service bus (protocol: Paths)."""

from collections.abc import Mapping
from typing import Final, Literal
from urllib.parse import quote, urlsplit, urlunsplit

Kind = Literal["registration", "command", "query", "event"]

_KINDS: Final[Mapping[str, Kind]] = {
    "magento.service_bus.remote.register": "registration",
    "magento.service_bus.remote.unregister": "registration",
    "magento.catalog.product_management.updated": "event",
    "magento.sales.order_repository.find": "query",
    "magento.inventory.aggregate_stock_repository.search": "query",
    # A command, but what it answers is waited for (F22).
    "magento.sales.order_management.cancel": "query",
}


def kind_of(topic: str) -> Kind:
    """What a topic of ours is to the bus; a command unless known as something else."""
    return _KINDS.get(topic, "command")


def address_of(topic: str, *, url: str, paths: str, endpoint: str, awaited: bool = False) -> str:
    """The URL a call of `topic` is posted to: `url` itself, or with paths `bus` the topic's place under it.

    `awaited` says that the answer of a command is waited for (an order sent synchronously).
    """
    kind = kind_of(topic)
    if paths != "bus" or kind == "registration":
        return url
    place = "events" if kind == "event" else f"{_way(kind, awaited)}/{quote(endpoint, safe='')}"
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{place}"))


def _way(kind: Kind, awaited: bool) -> str:
    return "remote" if awaited or kind == "query" else "delegate"
