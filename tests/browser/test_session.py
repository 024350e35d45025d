"""Signing in by keyboard, narrow or wide, light or dark."""

from typing import Literal

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import AdminPage
from tests.fixtures.browser import Visitor, axe_violations
from tests.fixtures.product import Product


def test_signing_in_by_keyboard_alone(visitor: Visitor, product: Product) -> None:
    page = visitor.page(base_url=product.url)
    page.goto("/integration")
    expect(page.get_by_label("E-mail")).to_be_focused()
    page.keyboard.type(product.email)
    page.keyboard.press("Tab")
    page.keyboard.type("not it")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("No account has this e-mail and this password.")
    expect(page.get_by_label("Password")).to_be_focused()
    page.keyboard.type(product.password)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{product.url}/integration")


def test_signing_in_and_out_without_scripts(visitor: Visitor, product: Product) -> None:
    page = visitor.page(scripts=False, base_url=product.url)
    page.goto("/login")
    page.get_by_label("E-mail").fill(product.email)
    page.get_by_label("Password").fill(product.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    page.locator(".user > summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("narrow", [False, True])
def test_sign_in_page_is_for_everybody(
    visitor: Visitor, product: Product, scheme: Literal["light", "dark"], narrow: bool
) -> None:
    page = visitor.page(narrow=narrow, scheme=scheme)
    page.goto(f"{product.url}/login")
    assert axe_violations(page) == ""


def test_the_account_page_is_for_everybody(admin_page: AdminPage) -> None:
    for narrow, scheme in ((False, "light"), (True, "dark")):
        assert axe_violations(admin_page("/account", narrow=narrow, scheme=scheme)) == ""
