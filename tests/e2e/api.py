"""A script of the store's: calls the product's API and drives the sandbox, over HTTP."""

import json
from pathlib import Path
from typing import Any

import pytest
import urllib3

from tests.fixtures.product import Product
from tests.fixtures.waiting import wait_for

SCOPES = ("orders:read", "orders:write", "messages:read", "messages:write", "settings:read", "settings:write")
SHARED_ORDERS = Path(__file__).resolve().parents[3] / "shared" / "data" / "orders"


class Script:
    """Calls with a token of its own."""

    def __init__(self, product: Product, name: str) -> None:
        self._product = product
        scopes = [part for scope in SCOPES for part in ("--scope", scope)]
        made = product.command("token", "add", name, *scopes)
        assert made.returncode == 0, made.stderr
        self._headers = {"Authorization": f"Bearer {made.stdout.split()[-1]}"}

    def call(self, method: str, path: str, body: object = None, *, expected: int = 200) -> Any:
        """One call of the API; fails on any other status than `expected`."""
        sent = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        answer = urllib3.request(
            method, f"{self._product.url}/api/v1/{path}", body=sent, headers=self._headers, timeout=60
        )
        assert answer.status == expected, answer.data.decode()
        return json.loads(answer.data)

    def order(self, number: str) -> Any:
        """An order as the API tells it."""
        return self.call("GET", f"orders/{number}")

    def wait_for_order(self, number: str, *, state: str) -> Any:
        """The order once it has reached a state in the store."""

        def look() -> Any:
            told = self.order(number)
            return told if told["state"] == state else None

        return wait_for(look)

    def messages(self, number: str) -> list[Any]:
        """The order's messages, oldest first."""
        items: list[Any] = self.call("GET", f"messages?order={number}&limit=500")["items"]
        return items[::-1]

    def control(self, path: str, body: object = None) -> Any:
        """A control of the sandbox OMS: read without a body, set with one."""
        method, sent = ("GET", None) if body is None else ("POST", json.dumps(body).encode())
        answer = urllib3.request(
            method,
            f"{self._product.sandbox_url}/control/{path}",
            body=sent,
            headers={"Content-Type": "application/json"},
            timeout=60,
        )
        assert answer.status < 300, answer.data.decode()
        return json.loads(answer.data)


def shared_order(name: str) -> bytes:
    """A real order from beside the project; skips the test where a bare clone has none."""
    file = SHARED_ORDERS / name
    if not file.is_file():
        pytest.skip(f"{name} is not beside this clone (real orders are not part of the project)")
    return file.read_bytes()
