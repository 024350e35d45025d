"""A connector reduced to its ears: takes callbacks over real HTTP, keeps them, answers as it is told to."""

import hmac
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.fixtures.waiting import wait_for

SECRET = "shared between the two"
TOPICS = [
    "magento.sales.order_management.created",
    "magento.sales.order_management.updated",
    "magento.sales.order_management.line_cancelled",
    "magento.sales.order_management.reported",
    "magento.logistics.fulfillment_management.customer_shipment_done",
    "magento.logistics.warehouse_management.lines_shipped",
    "magento.postsales.return_management.updated",
    "magento.postsales.return_management.received",
    "magento.postsales.return_management.reported",
    "magento.postsales.refund_management.updated",
    "magento.postsales.refund_management.reported",
    "magento.inventory.aggregate_stock_management.updated",
    "magento.inventory.aggregate_management.created",
]


@dataclass
class Callback:
    """One POST as it came in; `answered` is the HTTP status it got."""

    body: bytes
    signature: str | None
    answered: int

    @property
    def call(self) -> dict[str, Any]:
        """The JSON-RPC call."""
        told: dict[str, Any] = json.loads(self.body)
        return told

    @property
    def method(self) -> str:
        """Its topic, without what all of them begin with."""
        return str(self.call["method"]).removeprefix("magento.") if self.body else ""

    @property
    def params(self) -> Any:
        """Its params."""
        return self.call["params"]

    def is_signed(self, secret: str = SECRET, algorithm: str = "sha1") -> bool:
        """Whether it carries this secret's signature."""
        return self.signature == f"{algorithm}={hmac.new(secret.encode(), self.body, algorithm).hexdigest()}"


Answer = Callable[[bytes], tuple[int, bytes]]


def accept(body: bytes) -> tuple[int, bytes]:
    """The answer to a callback that was taken."""
    told = _json_or_text(body)
    if not isinstance(told, dict):
        return 400, b'{"jsonrpc":"2.0","error":{"code":-32700,"message":"not JSON"},"id":null}'
    return 200, json.dumps({"jsonrpc": "2.0", "result": True, "id": told.get("id")}).encode()


def _json_or_text(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode()


class ListeningConnector:
    """Listens on a port of its own; `answer` may be changed at any time."""

    def __init__(self) -> None:
        self.callbacks: list[Callback] = []
        self.probes = 0
        self.answer: Answer = accept
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}/oms/callbacks"

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def taken(self, method: str | None = None) -> list[Callback]:
        """Callbacks answered with 200, in the order they came; of one topic, where it is named."""
        return [
            each for each in list(self.callbacks) if each.answered == 200 and method in (None, each.method)
        ]

    def wait_for_taken(self, count: int, method: str | None = None) -> list[Callback]:
        """The first `count` of them, once there are so many."""
        wait_for(lambda: len(self.taken(method)) >= count)
        return self.taken(method)[:count]

    def wait_for_bodies(self, count: int) -> list[Any]:
        """The first `count` bodies as JSON, or as text where they are none."""
        wait_for(lambda: len(self.callbacks) >= count)
        return [_json_or_text(each.body) for each in self.callbacks[:count]]

    def wait_for_status(self, status: str) -> None:
        """Until an order was told to have this status."""
        wait_for(lambda: any(order["status"] == status for order in self._told_orders()))

    def _told_orders(self) -> list[Any]:
        told = self.taken("sales.order_management.updated")
        return [each.params["order"] for each in told]

    def registration(self, secret: str = SECRET) -> dict[str, Any]:
        """The params it registers with."""
        return {
            "id": "oms-connector",
            "url": self.url,
            "secret": secret,
            "contracts": [],
            "subscribes": TOPICS,
            "labels": {"version": "0.1.0", "product": "oms-connector"},
        }


def _handler(connector: ListeningConnector) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = connector.answer(body)
            connector.callbacks.append(Callback(body, self.headers.get("X-Signature"), status))
            self._answer(status, answer)

        def do_OPTIONS(self) -> None:
            connector.probes += 1
            self._answer(200, b"", {"X-Magento-Service-Bus": "*"})

        def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Say nothing: what came is in `callbacks`."""

    return Handler
