"""Orders and the API Journal in Chromium: filters in place, news that push nothing, for everybody (U2)."""

import re
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import AdminPage
from tests.browser.shop import Shop
from tests.fixtures.browser import axe_violations
from tests.fixtures.product import Product

HELD = "100000019"


@pytest.fixture(scope="module")
def shop(product: Product) -> Shop:
    """A store of this file's own."""
    return Shop(product, "journal in chromium")


def first_message(page: Page) -> str:
    """The address of the newest message of an order of the demo store."""
    page.goto(f"/journal?order={HELD}")
    return page.locator("#results tbody a").first.get_attribute("href") or ""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("narrow", [False, True])
def test_they_are_for_everybody(
    admin_page: AdminPage, scheme: Literal["light", "dark"], narrow: bool
) -> None:
    page = admin_page("/orders", narrow=narrow, scheme=scheme)
    message = first_message(page)
    for path in (
        "/orders", "/orders?q=nothing", "/orders/100000003", f"/orders/{HELD}", "/orders/100000003/sums",
        "/journal", message, f"{message}?tab=headers",
    ):  # fmt: skip
        page.goto(path)
        assert axe_violations(page) == "", path
        fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        assert page.evaluate(fits), path


def test_a_filter_changes_the_list_in_place_and_the_address(admin_page: AdminPage) -> None:
    page = admin_page("/orders")
    page.evaluate("window.mark = 1")
    status = page.get_by_label("Store status")
    status.focus()
    status.select_option("holded")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"/orders\?status=holded$"))
    assert page.evaluate("mark") == 1
    expect(status).to_be_focused()
    page.go_back()
    expect(page.locator("tbody tr")).not_to_have_count(1)
    page.reload()
    assert page.locator("tbody tr").count() > 1


def test_filters_sorting_and_paging_work_without_scripts(admin_page: AdminPage) -> None:
    page = admin_page("/orders", scripts=False)
    page.get_by_label("Store status").select_option("holded")
    page.get_by_role("button", name="Filter", exact=True).click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Clear").click()
    page.get_by_role("columnheader", name="Total").get_by_role("link").click()
    expect(page.get_by_role("columnheader", name="Total")).to_have_attribute("aria-sort", "descending")
    page.goto("/journal")
    page.get_by_role("link", name="Older").click()
    page.get_by_role("link", name="Newer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("API Journal")


def test_one_tick_ticks_all_and_what_is_done_is_said(admin_page: AdminPage) -> None:
    page = admin_page("/orders?export=loaded")
    page.get_by_label("Choose all orders on this page").check()
    boxes = page.locator("input[name=order]")
    assert page.locator("input[name=order]:checked").count() == boxes.count() > 1
    page.get_by_role("button", name="Send again").click()
    expect(page.locator("#notices")).to_contain_text("The OMS has it already.")


def test_exporting_by_hand_asks_first_without_scripts_too(admin_page: AdminPage, shop: Shop) -> None:
    shop.hand_in("920000001", "pending")
    page = admin_page("/orders/920000001", scripts=False)
    page.get_by_role("button", name="Export now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Export 1 order now?")
    page.get_by_role("button", name="Export 1 order now").click()
    expect(page.locator("#notices")).to_contain_text("Queued 1 order for the OMS.")
    expect(page).to_have_url(re.compile("/orders/920000001$"))


def test_a_reason_shows_whole_on_focus(admin_page: AdminPage) -> None:
    page = admin_page("/orders?export=queued")
    reason = page.locator(".why").first
    reason.focus()
    shown = "getComputedStyle(document.activeElement, '::after').content"
    assert page.evaluate(shown) == f'"{reason.get_attribute("data-why")}"'


def test_new_messages_announce_themselves_and_push_nothing(admin_page: AdminPage, shop: Shop) -> None:
    page = admin_page("/journal?topic=store.order")
    before = page.locator("tbody tr").all_inner_texts()
    shop.hand_in("920000002", "pending")
    shop.hand_in("920000003", "pending")
    news = page.get_by_role("link", name=re.compile(r"2 new — show them"))
    expect(news).to_be_visible(timeout=60_000)
    assert [text.split("\n")[1:] for text in page.locator("tbody tr").all_inner_texts()] == [
        text.split("\n")[1:] for text in before
    ]
    expect(page.locator("#live")).to_have_text("2 new messages")
    news.click()
    expect(page.locator("tbody tr").first).to_contain_text("920000003")
    expect(page).to_have_url(re.compile(r"/journal\?topic=store.order$"))


def test_skipping_asks_why_in_a_dialog(admin_page: AdminPage, shop: Shop) -> None:
    # The first brings its products to the OMS, so that the next call is the second's create.
    shop.hand_in("920000005")
    page = admin_page("/orders/920000005")
    expect(page.locator(".verdict")).to_contain_text("in the OMS", timeout=60_000)
    shop.control("faults", kind="reject", calls=1)
    shop.hand_in("920000004")
    page.goto("/orders/920000004")
    expect(page.locator(".verdict")).to_contain_text("The OMS does not have this order.", timeout=60_000)
    page.get_by_role("link", name="Its message", exact=True).click()
    page.get_by_role("link", name="Skip", exact=True).click()
    dialog = page.get_by_role("dialog", name="Skip this message?")
    expect(dialog).to_be_visible()
    assert axe_violations(page) == ""
    dialog.get_by_label("Why").fill("A test order")
    dialog.get_by_role("button", name="Skip this message").click()
    expect(page.locator("#notices")).to_contain_text("It is set aside.")
    expect(page.locator(".verdict")).to_contain_text("A test order")
