"""Integration in Chromium: saved where the eye is, mistakes at their fields, questions in a dialog."""

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from tests.browser.conftest import AdminPage
from tests.fixtures.browser import axe_violations, hovered_violations
from tests.fixtures.product import Product


@pytest.fixture
def page(admin_page: AdminPage) -> Iterator[Page]:
    """The Integration page; nothing on it may go against the content policy."""
    page = admin_page("/integration")
    said: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error" and "status of 422" not in message.text:
            said.append(message.text)

    page.on("console", listen)
    yield page
    assert said == []


def test_a_group_is_saved_in_place_and_keeps_the_focus(page: Page, product: Product) -> None:
    group = page.locator("#address")
    save = group.get_by_role("button", name="Save")
    group.get_by_label("Time-out in seconds").fill("17")
    save.click()
    expect(group.get_by_role("status")).to_have_text("Saved")
    expect(save).to_be_focused()
    (kept,) = [
        line for line in product.command("settings", "show").stdout.splitlines() if "oms.timeout" in line
    ]
    assert "17" in kept
    group.get_by_label("Time-out in seconds").fill("15")
    with page.expect_response("**/integration/settings/address"):
        save.click()
    page.reload()
    expect(group.get_by_label("Time-out in seconds")).to_have_value("15")


def test_a_mistake_is_told_at_its_field(page: Page) -> None:
    group = page.locator("#address")
    group.get_by_label("OMS address").fill("ftp://nowhere")
    group.get_by_role("button", name="Save").click()
    field = group.get_by_label("OMS address")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(group.get_by_role("alert")).to_contain_text("Nothing was saved.")
    expect(group.locator(".wrong-because")).to_contain_text("begins with http:// or https://")
    expect(field).to_have_value("ftp://nowhere")
    assert axe_violations(page) == ""


def test_a_banner_comes_and_goes_with_its_setting(page: Page) -> None:
    secrets = page.locator("#secrets")
    banner = page.locator("#banners").get_by_text("without a signature")
    for required in (False, True):
        secrets.get_by_label("Require a signature").set_checked(required)
        secrets.get_by_role("button", name="Save", exact=True).click()
        expect(secrets.get_by_role("status")).to_have_text("Saved")
        expect(banner).to_have_count(0 if required else 1)


def test_disabling_asks_in_a_dialog_that_can_be_left(page: Page, product: Product) -> None:
    page.get_by_role("link", name="Disable").click()
    dialog = page.get_by_role("dialog", name="Disable the integration?")
    expect(dialog).to_be_visible()
    assert axe_violations(page) == ""
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()

    page.get_by_role("link", name="Disable").click()
    dialog.get_by_role("button", name="Disable the integration").click()
    expect(page.locator("#banners")).to_contain_text("The integration is disabled")
    try:
        expect(page.locator("#state")).to_contain_text("Disabled")
    finally:
        page.get_by_role("button", name="Enable the integration").click()
    expect(page.locator("#state")).to_contain_text("Connected")


def test_registering_says_how_it_went_where_one_looks(page: Page) -> None:
    page.get_by_role("button", name="Register again").click()
    expect(page.locator("#toasts")).to_contain_text("Registered version")


def test_disabling_works_without_scripts(admin_page: AdminPage) -> None:
    page = admin_page("/integration", scripts=False)
    page.get_by_role("link", name="Disable").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Disable the integration?")
    page.get_by_role("link", name="Keep it as it is").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Integration")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("narrow", [False, True])
def test_it_is_for_everybody(admin_page: AdminPage, scheme: Literal["light", "dark"], narrow: bool) -> None:
    page = admin_page("/integration", narrow=narrow, scheme=scheme)
    for summary in page.locator(".more > summary").all():
        summary.click()
    assert axe_violations(page) == ""
    assert hovered_violations(page) == ""
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
