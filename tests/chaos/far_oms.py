"""An OMS that keeps account: every call it was sent, by id and body, while it loses answers.

It takes the same id twice only with the same body, and an order only once; what breaks that is kept in
`wrongs`. `on_order` is told each order it takes, once.
"""

import hashlib
import json
import random
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

CREATE = "magento.sales.order_management.create"


@dataclass
class Ledger:
    """What was received. `bodies` has the hash of each id's body, `calls` how often the id came."""

    bodies: dict[str, str] = field(default_factory=dict)
    topics: dict[str, str] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)
    orders: dict[str, str] = field(default_factory=dict)
    wrongs: list[str] = field(default_factory=list)
    dropped: int = 0

    def enter(self, call: Any, body: bytes) -> bool:
        """Keep a call; gives whether it is an order that was not here before."""
        uid, digest = call["id"], hashlib.sha256(body).hexdigest()
        self.calls[uid] = self.calls.get(uid, 0) + 1
        if self.bodies.setdefault(uid, digest) != digest:
            self.wrongs.append(f"message {uid} came again with another body")
        self.topics[uid] = call["method"]
        if call["method"] != CREATE:
            return False
        number = call["params"]["order"]["id"]
        first = self.orders.setdefault(number, uid)
        if first != uid:
            self.wrongs.append(f"order {number} was created by {first} and again by {uid}")
        return first == uid and self.calls[uid] == 1


class FarOms:
    """The OMS over HTTP on loopback; `share` of its answers are lost after it has taken the call."""

    def __init__(self, seed: int, share: float) -> None:
        self.ledger = Ledger()
        self.on_order: Callable[[Any], None] | None = None
        self._dice = random.Random(seed)  # noqa: S311 - dice
        self._share = share
        self._lock = Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._make_handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, body: bytes) -> bytes | None:
        """Take a call; None where its answer is to be lost."""
        call = json.loads(body)
        with self._lock:
            is_new = self.ledger.enter(call, body)
            lost = self._dice.random() < self._share
            self.ledger.dropped += lost
        if is_new and self.on_order is not None:
            self.on_order(call["params"]["order"])
        if lost:
            return None
        return json.dumps({"jsonrpc": "2.0", "id": call["id"], "result": True}).encode()

    def _make_handler(self) -> type[BaseHTTPRequestHandler]:
        oms = self

        class Handler(BaseHTTPRequestHandler):
            """One connection of the connector's."""

            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                """Answer a call, or end the connection without a word."""
                answer = oms.answer(self.rfile.read(int(self.headers["Content-Length"])))
                if answer is None:
                    self.close_connection = True
                    with suppress(OSError):
                        self.connection.shutdown(socket.SHUT_RDWR)
                    return
                # A worker that was killed meanwhile reads no answer.
                with suppress(OSError):
                    self.send_response(200)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(answer)))
                    self.end_headers()
                    self.wfile.write(answer)

            def log_message(self, *args: object) -> None:
                """The ledger is record enough."""

        return Handler
