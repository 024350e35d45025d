"""What store and OMS do while somebody watches the pages: orders come in, the OMS works on them."""

import json
import urllib.request
from typing import Any

from tests.fixtures.magento_documents import an_item, an_order
from tests.fixtures.product import Product
from webapp.oms.wire import encode

SCOPES = ("orders:read", "orders:write", "messages:read")


class Shop:
    """A store with a token of its own, and the sandbox's controls."""

    def __init__(self, product: Product, name: str) -> None:
        self.product = product
        made = product.command("token", "add", name, *(f"--scope={scope}" for scope in SCOPES))
        assert made.returncode == 0, made.stderr
        self._token = made.stdout.split()[-1]

    def hand_in(self, number: str, status: str = "processing") -> None:
        """An order of two ALP-2041 and one SOC-4410, with shipping."""
        rows = [an_item(1, "ALP-2041", 2, 80), an_item(2, "SOC-4410", 1, 10)]
        order = an_order(rows, 95, subtotal=90, shipping=5, increment_id=number, status=status)
        self._ask(f"{self.product.url}/api/v1/orders", order, Authorization=f"Bearer {self._token}")

    def control(self, path: str, **body: Any) -> Any:
        """A control of the sandbox OMS: set to `body`, or read where there is none."""
        return self._ask(f"{self.product.sandbox_url}/control/{path}", body or None)

    def order(self, number: str) -> Any:
        """The order as the API tells it."""
        return self._ask(
            f"{self.product.url}/api/v1/orders/{number}", None, Authorization=f"Bearer {self._token}"
        )

    def _ask(self, url: str, body: object, **headers: str) -> Any:
        data = None if body is None else encode(body)
        request = urllib.request.Request(  # noqa: S310 - the test's own server
            url, data, {"Content-Type": "application/json", **headers}
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return json.loads(answer.read())
