"""An order of very many items: its page and its sums show a part of each list, and lead to the others."""

import gzip
import html
import re
from urllib.parse import urlsplit

import pytest

from tests.fixtures.entrances import CallingOms, Store
from tests.fixtures.magento_documents import an_item, an_order
from tests.fixtures.people import Person, Seen

NUMBER = "000000042"
PATH = f"/orders/{NUMBER}"
ITEMS = 230
SHIPPED = "magento.logistics.fulfillment_management.customer_shipment_done"


@pytest.fixture(name="long_order")
def _long_order(store: Store) -> None:
    """230 items of one piece each, SKU-1 to SKU-230; nobody listens at the OMS's address."""
    store.set(oms__url="http://127.0.0.1:9/oms", inbound__mode="sync")
    hand_in(store, ITEMS)


def hand_in(store: Store, items: int) -> None:
    rows = [an_item(number, f"SKU-{number}", 1, 1) for number in range(1, items + 1)]
    assert store.hand_in(an_order(rows, items, increment_id=NUMBER)).status == 202


def shown(seen: Seen) -> list[int]:
    """Which items the page shows among the pieces."""
    items = next(one for one in seen.tree.iter("ul") if one.get("class") == "items")
    codes = ["".join(one.itertext()) for one in items.iter("code")]
    return [int(code.removeprefix("SKU-")) for code in codes]


def more(seen: Seen, of: str, words: str) -> str:
    """Where the pager of one list leads, "" where it does not."""
    pagers = [one for one in seen.tree.iter("nav") if one.get("aria-label") == f"More of {of}"]
    links = [link for pager in pagers for link in pager.iter("a") if words in "".join(link.itertext())]
    return links[0].get("href", "") if links else ""


@pytest.mark.usefixtures("long_order")
def test_every_item_is_on_one_part_and_each_leads_to_the_next(viewer: Person) -> None:
    seen, parts = viewer.look(PATH), []
    while True:
        parts.append(shown(seen))
        onward = more(seen, "the pieces", "Next")
        if not onward:
            break
        assert urlsplit(onward).fragment == "pieces"
        seen = viewer.look(onward)

    assert [number for part in parts for number in part] == list(range(1, ITEMS + 1))
    # An item and what became of it are two rows.
    assert [len(part) for part in parts] == [50, 50, 50, 50, 30]
    assert "201–230 of 230 items" in seen.words
    assert shown(viewer.look(more(seen, "the pieces", "Previous"))) == parts[-2]
    assert shown(viewer.look(f"{PATH}?pieces=999999")) == parts[-1]


def test_a_short_order_has_no_pagers(store: Store, viewer: Person) -> None:
    store.set(oms__url="http://127.0.0.1:9/oms")
    hand_in(store, 3)
    seen = viewer.look(PATH)
    assert shown(seen) == [1, 2, 3]
    assert 'class="pager"' not in seen.text


@pytest.mark.usefixtures("long_order")
def test_the_poll_goes_on_with_the_part_that_is_looked_at(oms: CallingOms, viewer: Person) -> None:
    seen = viewer.look(f"{PATH}?pieces=2")
    (poll,) = re.findall(r'hx-get="(/orders/[^"]+)" hx-trigger="every', seen.text)
    poll = html.unescape(poll)
    assert viewer.glance(poll).status == 204

    oms.tell("magento.sales.order_management.created", {"order": {"id": NUMBER}})
    fresh = viewer.glance(poll)
    assert (fresh.status, shown(fresh)) == (200, shown(seen))
    # The address the next part is at knows nothing of what a poll has seen.
    assert more(fresh, "the pieces", "Next") == f"{PATH}?pieces=3#pieces"


@pytest.mark.usefixtures("long_order")
@pytest.mark.parametrize("part", ["0", "-1", "x", "1.5", "٣", "9" * 40])
def test_what_is_no_part_is_refused_by_its_name(viewer: Person, part: str) -> None:
    seen = viewer.look(f"{PATH}?pieces={part}")
    assert seen.status == 400
    assert "pieces: expected the number of a part of the list, from 1" in seen.words


@pytest.mark.usefixtures("long_order")
def test_a_package_of_very_many_kinds_names_some_and_leads_to_all(oms: CallingOms, viewer: Person) -> None:
    shipment = {
        "order_id": NUMBER,
        "shipment_id": "S1",
        "items": [{"order_line_number": line, "status": "SHIPPED"} for line in range(1, ITEMS + 1)],
        "packages": [{"items": list(range(1, ITEMS + 1)), "carrier": "DHL", "tracking_number": "T1"}],
    }
    assert oms.tell(SHIPPED, {"shipment": shipment}).said["result"] is True

    seen = viewer.look(PATH)

    assert "and 210 more, among the pieces" in seen.of("shipment-1")
    assert "1 × SKU-50 1.00 USD The SKU-50 Shipped in #1 line 50" in seen.words


@pytest.mark.usefixtures("long_order")
def test_the_sums_are_shown_in_parts_and_their_totals_are_of_all(viewer: Person) -> None:
    seen = viewer.look(f"{PATH}/sums")
    assert "1–100 of 230 lines" in seen.words
    assert "1–100 of 230 rows" in seen.words
    assert "The lines add up to 230.00 USD" in seen.words
    last = viewer.look(f"{PATH}/sums?lines=3&rows=2")
    assert "201–230 of 230 lines" in last.words
    assert "101–200 of 230 rows" in last.words
    assert more(last, "the lines", "Previous") == f"{PATH}/sums?lines=2&rows=2#lines"
    assert "All lines 230.00 USD" in last.words


def test_two_thousand_lines_are_a_page_of_the_usual_weight(store: Store, viewer: Person) -> None:
    store.set(oms__url="http://127.0.0.1:9/oms")
    hand_in(store, 2_000)
    for path in (PATH, f"{PATH}/sums"):
        assert len(gzip.compress(viewer.look(path).text.encode())) < 50_000
