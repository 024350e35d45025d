"""The order page moves from Queued to Shipped before the eyes of whoever watches (F20, F21)."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import AdminPage
from tests.browser.shop import Shop
from tests.fixtures.product import Product

END = "Complete in the OMS (fully shipped), all shipped."
PLACE = "Math.round(document.querySelector('#about').getBoundingClientRect().top)"
# Every word the polite live region and the page's own sentence had, in order.
WATCH = """
window.sentences = []; window.heard = [];
const note = (list, text) => { if (text && list.at(-1) !== text) list.push(text); };
const look = () => {
  note(sentences, document.querySelector(".verdict")?.innerText.split("\\n")[0].trim());
  note(heard, document.querySelector("#live").textContent);
};
new MutationObserver(look).observe(document.body, {childList: true, subtree: true, characterData: true});
look();
"""


@pytest.fixture(scope="module")
def shop(product: Product) -> Shop:
    """A store of this file's own."""
    return Shop(product, "order page in chromium")


@pytest.fixture
def unhurried(shop: Shop) -> Iterator[None]:
    """The OMS takes its time for each step, so that there is something to watch."""
    before = shop.control("auto")["pace"]
    shop.control("auto", pace=2.0)
    yield
    shop.control("auto", pace=before)


def watched(page: Page, what: str) -> list[str]:
    """What was seen, or heard, so far."""
    texts: list[str] = page.evaluate(what)
    return texts


@pytest.mark.usefixtures("unhurried")
def test_it_moves_by_itself_until_the_order_is_final(admin_page: AdminPage, shop: Shop) -> None:
    shop.hand_in("910000001", "pending")
    page = admin_page("/orders/910000001")
    expect(page.locator(".verdict")).to_contain_text("Kept here until the store says it may go to the OMS.")
    page.evaluate(WATCH)
    page.evaluate("window.mark = 'not loaded again'")
    page.locator("section[aria-label='Where it stands'] time").focus()
    shop.hand_in("910000001", "processing")
    expect(page.locator(".verdict")).to_contain_text(END, timeout=120_000)

    sentences = watched(page, "sentences")
    assert sentences[0].startswith("Kept here")
    assert sentences[-1] == END
    assert len(sentences) >= 4, sentences
    assert any("Loaded in the OMS" in one or "in the OMS (" in one for one in sentences[1:-1]), sentences
    assert watched(page, "heard")[-1] == f"Order 910000001: {END}"
    assert page.evaluate("mark") == "not loaded again"
    assert page.evaluate("document.activeElement.tagName") == "TIME"
    expect(page.locator("#shipment-1")).to_contain_text("2 × ALP-2041")
    expect(page.locator("#order [hx-trigger]")).to_have_count(0)


def test_what_is_read_stays_where_it_is(admin_page: AdminPage, shop: Shop) -> None:
    shop.control("auto", order="910000002", stop_after="APPROVED")
    shop.hand_in("910000002")
    page = admin_page("/orders/910000002", narrow=True)
    expect(page.locator(".verdict")).to_contain_text("Approved", timeout=60_000)
    page.locator("#about").evaluate("one => one.scrollIntoView({block: 'center'})")
    before = page.evaluate(PLACE)
    shop.control("orders/910000002/status", status="ONHOLD", reason="PENDING_REMORSE_TIME")
    expect(page.locator(".verdict")).to_contain_text(
        "On hold in the OMS (remorse time running)", timeout=60_000
    )
    assert page.evaluate(PLACE) == before


def test_without_scripts_a_link_looks_again(admin_page: AdminPage, shop: Shop) -> None:
    shop.control("auto", order="910000003", stop_after="created")
    shop.hand_in("910000003")
    page = admin_page("/orders/910000003", scripts=False)
    for _ in range(100):
        if "Loaded in the OMS" in page.locator(".verdict").inner_text():
            break
        page.get_by_role("link", name="Refresh").click()
    expect(page.locator(".verdict")).to_contain_text("Loaded in the OMS, none of 3 pieces shipped.")
