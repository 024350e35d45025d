"""Calls as a correct connector sends them to the sandbox, to be sent or to be broken on purpose."""

import hashlib
import hmac
import json
import uuid
from typing import Any

from tests.integration.sandbox.listening_connector import SECRET
from tests.sandbox_process import SandboxProcess

CREATE = "magento.sales.order_management.create"
FIND = "magento.sales.order_repository.find"
PRODUCT = "magento.catalog.product_management.updated"
REGISTER = "magento.service_bus.remote.register"


def envelope(method: str, params: object, message_id: str | None = None) -> bytes:
    """A JSON-RPC call."""
    call = {"jsonrpc": "2.0", "method": method, "params": params, "id": message_id or str(uuid.uuid4())}
    return json.dumps(call).encode()


def signed(body: bytes, secret: str | None = SECRET) -> dict[str, str]:
    """The header that signs it."""
    if secret is None:
        return {}
    return {"X-Signature": f"sha1={hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()}"}


def call(sandbox: SandboxProcess, method: str, params: object, secret: str | None = None) -> dict[str, Any]:
    """Send a call; the answer, whatever it is."""
    body = envelope(method, params)
    _, answer = sandbox.post("/", body, signed(body, secret))
    told: dict[str, Any] = answer
    return told


def do(sandbox: SandboxProcess, method: str, params: object, secret: str | None = None) -> Any:
    """Send a call that has to be taken; its result."""
    answer = call(sandbox, method, params, secret)
    assert "error" not in answer, answer
    return answer["result"]


def product(sku: str, **changes: object) -> dict[str, Any]:
    """The params of a product update."""
    return {
        "product": {
            "id": sku,
            "sku": sku,
            "type": "simple",
            "status": "ACTIVE",
            "enabled": True,
            "name": [{"value": f"The {sku}"}, {"value": f"Das {sku}", "locale": "de_DE", "channel": "base"}],
            "price": {"currency": "USD", "amount": 10.00},
            "children_skus": [],
            "custom_attributes": [{"name": "color", "attribute_code": "color", "value": "red"}],
            **changes,
        }
    }


def line(number: int, sku: str, gross: float, tax: float, **changes: object) -> dict[str, Any]:
    """A unit line without promotions; taxed at 19 % where there is tax."""
    net = round(gross - tax, 2)
    return {
        "id": str(100 + number),
        "line_number": number,
        "product_type": "PHYSICAL",
        "sku": sku,
        "product_name": f"The {sku}",
        "shipping_address_reference": "7",
        "payment_reference": "pay-1",
        "image_url": "",
        "amount": {
            "net_amount": net,
            "gross_amount": gross,
            "tax_amount": tax,
            "tax_rate": 19 if tax else 0,
            "taxes": [{"type": "VAT" if tax else "NO TAX", "amount": tax, "rate": 19 if tax else 0}],
            "currency": "USD",
        },
        "promotions_info": {"original_price": gross, "promotions": []},
        **changes,
    }


def order(order_id: str = "000000042", lines: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """The params of an order's create; without lines: two pieces, a bundle of two, a file, shipping."""
    lines = lines if lines is not None else default_lines()
    total = round(sum(each["amount"]["gross_amount"] for each in lines), 2)
    return {
        "order": {
            "id": order_id,
            "store": "base",
            "status": None,
            "status_reason": None,
            "ip": "192.0.2.4",
            "language": "en_US",
            "vat_country": "US",
            "origin": "FRONTEND",
            "origin_date": "2024-01-05T10:00:00+00:00",
            "customer": {"id": "anonymous", "type": "GUEST", "segment": "B2C"},
            "addresses": [_address("7"), _address("8")],
            "payments": [_payment(total)],
            "lines": lines,
            "custom_attributes": [],
        }
    }


def _address(reference: str) -> dict[str, Any]:
    return {
        "reference": reference,
        "address_type": "customer",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "address1": "1 Main Street",
        "city": "Austin",
        "state": "TX",
        "zip": "78701",
        "country_code": "US",
    }


def _payment(amount: float) -> dict[str, Any]:
    transaction = {
        "payment_method": "ZEROPAY",
        "payment_submethod": "OFFLINE",
        "amount": amount,
        "gateway_information": {"gateway_id": "", "account": "", "transaction_id": ""},
        "billing_address_reference": "8",
    }
    return {"reference": "pay-1", "currency": "USD", "transactions": [transaction]}


def default_lines() -> list[dict[str, Any]]:
    """Numbers 1 and 2: two pieces of MUG. 3: bundle SET with 4 CUP and 5 PLATE. 6: EBOOK. 7: shipping."""
    in_set = {"parent_line_id": "103", "parent_line_number": 3}
    return [
        line(1, "MUG", 21.41, 3.42, id="100"),
        line(2, "MUG", 21.40, 3.41, id="100"),
        line(3, "SET", 0, 0, product_type="BUNDLE"),
        line(4, "CUP", 37.50, 0, **in_set),
        line(5, "PLATE", 31.25, 0, **in_set),
        line(6, "EBOOK", 5.00, 0, product_type="VIRTUAL"),
        line(7, "STANDARD", 5.95, 0.95, product_type="SHIPPING", id="SHIPPING"),
    ]


SKUS = ("MUG", "SET", "CUP", "PLATE", "EBOOK", "STANDARD")


def teach_skus(sandbox: SandboxProcess, secret: str | None = None) -> None:
    """Export every product the orders here are made of."""
    for sku in SKUS:
        do(sandbox, PRODUCT, product(sku), secret)
