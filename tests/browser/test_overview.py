"""Overview in Chromium: it follows what happens by itself, and its buttons work without scripts."""

import json
import re
import urllib.request
from typing import Any, Literal

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import AdminPage
from tests.fixtures.browser import axe_violations
from tests.fixtures.magento_documents import an_item, an_order
from tests.fixtures.product import Product
from tests.fixtures.waiting import wait_for
from webapp.oms.wire import encode


def ask(url: str, body: object, **headers: str) -> Any:
    request = urllib.request.Request(  # noqa: S310 - the test's own server
        url, encode(body), {"Content-Type": "application/json", **headers}, method="POST"
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return json.loads(answer.read())


@pytest.fixture(scope="module")
def token(product: Product) -> str:
    """An API token that may do orders and messages."""
    scopes = [
        f"--scope={scope}" for scope in ("orders:read", "orders:write", "messages:read", "messages:write")
    ]
    return product.command("token", "add", "overview in chromium", *scopes).stdout.split()[-1]


def refuse_one(product: Product, token: str, number: str) -> None:
    """An order the sandbox refuses."""
    ask(f"{product.sandbox_url}/control/faults", {"kind": "reject", "calls": 1})
    order = an_order([an_item(1, "ALP-2041", 1, 40)], 40, subtotal=40, increment_id=number)
    ask(f"{product.url}/api/v1/orders", order, Authorization=f"Bearer {token}")


def journal_of(product: Product, number: str) -> str:
    """What the journal has of an order."""
    return product.command("messages", "list", "--order", number).stdout


def test_a_failure_appears_by_itself_and_is_sent_again_in_three_clicks(
    admin_page: AdminPage, product: Product, token: str
) -> None:
    page = admin_page("/")
    refuse_one(product, token, "900000001")
    row = page.get_by_role("row").filter(has_text="The OMS refused order 900000001")
    expect(row).to_be_visible()
    row.get_by_role("button", name="again").click()
    expect(page.locator("#notices")).to_contain_text("sent again.")
    wait_for(lambda: "order_management.created" in journal_of(product, "900000001"))


def test_its_buttons_work_without_scripts(admin_page: AdminPage, product: Product, token: str) -> None:
    refuse_one(product, token, "900000002")
    wait_for(lambda: "failed" in journal_of(product, "900000002"))
    page = admin_page("/", scripts=False)
    row = page.get_by_role("row").filter(has_text="The OMS refused order 900000002")
    row.get_by_role("button", name="again").click()
    expect(page.locator("#notices")).to_contain_text("sent again.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("narrow", [False, True])
def test_it_is_for_everybody(admin_page: AdminPage, scheme: Literal["light", "dark"], narrow: bool) -> None:
    page = admin_page("/", narrow=narrow, scheme=scheme)
    assert axe_violations(page) == ""
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    figures = page.locator(".stat-figure")
    expect(figures).to_have_count(4)


def test_search_is_a_key_away(admin_page: AdminPage) -> None:
    page = admin_page("/")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("100000003")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/orders/100000003$"))
    page.goto("/search?q=10000000")
    assert axe_violations(page) == ""
