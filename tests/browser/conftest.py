"""Whoever looks at the running product in Chromium, signed in once for all tests."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.fixtures.browser import Visitor
from tests.fixtures.product import Product

AdminPage = Callable[..., Page]

# How long is given up after, not how long anything may take: the machine may be busy.
expect.set_options(timeout=60_000)


def sign_in(page: Page, product: Product) -> None:
    """Fill in and send the sign-in form the page shows."""
    page.get_by_label("E-mail").fill(product.email)
    page.get_by_label("Password").fill(product.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/login" not in url)


@pytest.fixture(scope="session")
def admin_state(product: Product, browser: Browser) -> Any:
    """The cookies of an admin's session."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{product.url}/login")
    sign_in(page, product)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def admin_page(visitor: Visitor, product: Product, admin_state: Any) -> AdminPage:
    """A page as an admin sees it: `admin_page("/orders", narrow=True, scheme="dark", scripts=False)`."""

    def open_page(path: str = "/", **more: Any) -> Page:
        page = visitor.page(storage_state=admin_state, base_url=product.url, **more)
        page.goto(path)
        return page

    return open_page
