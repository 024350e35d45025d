"""The order grid: counts, filters, sorting and paging, files, and what may be done to those ticked (F20)."""

import csv
import html
import json
import re
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from flask import Flask

from tests.fixtures.entrances import CallingOms, Store
from tests.fixtures.magento_documents import an_item, an_order
from tests.fixtures.people import Person, Seen
from tests.fixtures.picky_oms import CREATE, picky_oms
from tests.integration.pages.kept import change_order, keep_orders, order_row
from webapp.extensions import transaction
from webapp.flows.hold_integration import disable
from webapp.queries.order_grid import PAGE

CREATED = "magento.sales.order_management.created"
REFUSAL = "lines[0].amount: net and tax do not add up"


def hand_in(store: Store, number: str, status: str = "processing", **more: Any) -> None:
    """An order of one MT07-M for 20.00."""
    order = an_order([an_item(1, "MT07-M", 1, 20)], 20, increment_id=number, status=status, **more)
    reply = store.hand_in(order)
    assert reply.status in (201, 202), reply


def numbers(seen: Seen) -> list[str]:
    """The order numbers of a page of the grid, as they stand."""
    return re.findall(r'href="/orders/(\d{9})"', seen.text)


def counts(seen: Seen) -> dict[str, str]:
    """The counts above the grid, by their words."""
    found = {}
    for link in seen.tree.iter("a"):
        bold = list(link.iter("b"))
        if bold and "export=" in link.get("href", ""):
            found["".join(link.itertext()).split("(")[0].rstrip("0123456789 ").strip()] = bold[0].text or ""
    return found


def test_each_of_the_six_words_is_counted_and_filters(store: Store, oms: CallingOms, viewer: Person) -> None:
    hand_in(store, "000000001")
    hand_in(store, "000000002", "pending")
    hand_in(store, "000000003", "pending")
    hand_in(store, "000000004", "canceled", state="canceled")
    hand_in(store, "000000005")
    store.set(inbound__mode="sync")
    assert oms.tell(CREATED, {"order": {"id": "000000005"}}).status == 200
    words = ("Waiting for status", "Queued", "Sent", "Loaded", "Failed", "Not exported")
    assert counts(viewer.look("/orders")) == dict(zip(words, "210101", strict=True))
    assert set(numbers(viewer.look("/orders?export=waiting"))) == {"000000002", "000000003"}
    assert numbers(viewer.look("/orders?export=not_exported")) == ["000000004"]


def test_what_is_held_says_so_with_its_reason(store: Store, viewer: Person) -> None:
    store.set(oms__url="http://127.0.0.1:9/oms")
    with store.app.app_context(), transaction() as session:
        disable(session, "Priya")
    hand_in(store, "000000001")
    hand_in(store, "000000002")
    seen = viewer.look("/orders?export=queued")
    assert "Queued (2 held)" in seen.words
    assert 'data-why="The integration is disabled (by Priya)."' in seen.text
    assert "Held: The integration is disabled (by Priya)." in seen.words


@pytest.mark.parametrize("sort", ["-placed", "number", "-oms", "total"])
def test_every_sorting_shows_each_order_once_forwards_and_backwards(
    app: Flask, viewer: Person, sort: str
) -> None:
    keep_orders(app, *(order_row(number) for number in range(1, 2 * PAGE + 8)))
    pages = list(walk(viewer, f"/orders?sort={sort}", "next"))
    assert [len(page) for page, _ in pages] == [PAGE, PAGE, 7]
    assert len({number for page, _ in pages for number in page}) == 2 * PAGE + 7
    back = list(walk(viewer, pages[-1][1], "prev"))
    assert [page for page, _ in back] == [page for page, _ in pages][::-1]


def walk(viewer: Person, path: str, relation: str) -> Iterator[tuple[list[str], str]]:
    """The numbers on each page and its address, from page to page by the links of the pager."""
    while path:
        text = viewer.client.get(path).text
        yield re.findall(r'href="/orders/(\d{9})"', text), path
        link = re.search(rf'href="([^"]+)" rel="{relation}"', text)
        path = html.unescape(link[1]) if link else ""


def test_sorting_sorts(app: Flask, viewer: Person) -> None:
    totals = {"000000001": 5, "000000002": 1, "000000003": 9}
    keep_orders(app, *(order_row(int(number), grand_total=total) for number, total in totals.items()))
    assert numbers(viewer.look("/orders?sort=total")) == ["000000002", "000000001", "000000003"]
    assert numbers(viewer.look("/orders?sort=-total")) == ["000000003", "000000001", "000000002"]
    assert 'aria-sort="descending"' in viewer.look("/orders?sort=-total").text


def test_an_order_that_comes_in_between_two_pages_repeats_and_hides_none(app: Flask, viewer: Person) -> None:
    keep_orders(app, *(order_row(number) for number in range(1, PAGE + 4)))
    first = viewer.look("/orders?sort=number")
    keep_orders(app, order_row(0))
    second = viewer.look(first.links()["More"])
    assert numbers(first) + numbers(second) == [f"{number:09}" for number in range(1, PAGE + 4)]


def test_filters_by_status_and_by_the_beginning_of_number_or_email(app: Flask, operator: Person) -> None:
    keep_orders(app, *(order_row(number) for number in (11, 12, 121)))
    assert numbers(operator.look("/orders?status=pending")) == ["000000012"]
    assert set(numbers(operator.look("/orders?q=00000001"))) == {"000000011", "000000012"}
    assert numbers(operator.look("/orders?q=person121@")) == ["000000121"]
    nothing = operator.look("/orders?q=nobody")
    assert "No order is like this" in nothing.words


def test_the_filter_form_gets_its_results_alone(app: Flask, viewer: Person) -> None:
    keep_orders(app, order_row(1))
    part = viewer.glance("/orders?q=000000001")
    assert numbers(part) == ["000000001"]
    assert "<html" not in part.text


def test_a_viewer_sees_nothing_personal_and_finds_nothing_by_it(app: Flask, viewer: Person) -> None:
    keep_orders(app, order_row(7, export_reason="The OMS does not know person7@example.com."))
    for path in ("/orders", "/orders.csv", "/orders.json"):
        assert "person7@example.com" not in viewer.look(path).text, path
        assert "Person 7" not in viewer.look(path).text, path
    assert numbers(viewer.look("/orders?q=person7")) == []


def test_files_hold_all_orders_of_the_filter(app: Flask, operator: Person) -> None:
    keep_orders(app, *(order_row(number) for number in range(1, 650)))
    rows = list(
        csv.DictReader(StringIO(operator.client.get("/orders.csv?sort=number").text.lstrip("\ufeff")))
    )
    assert [row["order"] for row in rows] == [f"{number:09}" for number in range(1, 650)]
    assert rows[0]["customer_email"] == "person1@example.com"
    items = json.loads(operator.client.get("/orders.json?export=waiting").text)
    assert {item["oms"] for item in items} == {"waiting"}
    assert isinstance(items[0]["grand_total"], int | float)


def test_an_empty_list_is_a_list_all_the_same(operator: Person) -> None:
    assert operator.client.get("/orders.json").get_json() == []
    assert operator.client.get("/orders.csv").text.count("\n") == 1
    assert "No orders yet" in operator.look("/orders").words


def test_a_spreadsheet_runs_nothing_of_a_file(app: Flask, operator: Person) -> None:
    names = ["=cmd|'/c calc'!A1", "+1", "-1", "@SUM(1)", "\t=1"]
    keep_orders(app, *(order_row(number, customer_name=name) for number, name in enumerate(names)))
    text = operator.client.get("/orders.csv?sort=number").text.lstrip("\ufeff")
    assert [row["customer_name"] for row in csv.DictReader(StringIO(text))] == [f"'{name}" for name in names]


def test_what_cannot_be_asked_is_refused_by_name(viewer: Person) -> None:
    for query in (
        "export=lost", "sort=colour", "after=x", "after=WzEsMl0=", "before=%ff",
        "sort=total&after=WyJOYU4iLDFd", "sort=oms&after=WyJ4IiwxXQ==", "after=WyIyMDI2LTAxLTAxIiwxZTMwXQ==",
    ):  # fmt: skip
        seen = viewer.look(f"/orders?{query}")
        assert seen.status == 400, query
        assert f"{query.rpartition('&')[2].partition('=')[0]}: expected" in seen.words


def test_a_refused_order_is_sent_again_from_the_grid(
    store: Store, operator: Person, work_off: Callable[..., None]
) -> None:
    with picky_oms() as oms:
        store.set(oms__url=oms.url)
        oms.refuses[CREATE] = REFUSAL
        hand_in(store, "000000001")
        work_off("orders")
        failed = operator.look("/orders?export=failed")
        assert numbers(failed) == ["000000001"]
        assert REFUSAL in failed.words
        back = "/orders?export=failed"
        form = failed.fields("/orders/send-again")
        said = operator.send("/orders/send-again", form | {"order": "000000001", "next": back})
        assert (said.status, said.headers["Location"]) == (303, back)
        assert "Sent 1 order again." in operator.look(back).words
        oms.refuses.clear()
        work_off("orders")
    assert numbers(operator.look("/orders?export=sent")) == ["000000001"]


def test_what_cannot_be_sent_again_says_why(app: Flask, operator: Person) -> None:
    keep_orders(app, *(order_row(number, export_state="loaded") for number in range(1, 9)))
    ticked = [f"{number:09}" for number in range(1, 9)]
    operator.send("/orders/send-again", {"order": ticked})
    words = operator.look("/orders").words
    assert "000000001: The OMS has it already." in words
    assert "3 more orders could not be" in words
    operator.send("/orders/send-again", {})
    assert "No order was chosen." in operator.look("/orders").words


def test_exporting_by_hand_asks_first(store: Store, operator: Person) -> None:
    hand_in(store, "000000001", "pending")
    asked = operator.send("/orders/export-now", {"order": "000000001", "next": "/orders"})
    assert asked.status == 200
    assert "Export 1 order now?" in asked.words
    assert numbers(operator.look("/orders?export=waiting")) == ["000000001"]

    done = operator.send("/orders/export-now", asked.fields("/orders/export-now"))
    assert done.status == 303
    assert "Queued 1 order for the OMS." in operator.look("/orders").words
    assert numbers(operator.look("/orders?export=queued")) == ["000000001"]


def test_a_viewer_is_offered_nothing_to_press_and_is_refused(app: Flask, viewer: Person) -> None:
    keep_orders(app, order_row(1))
    assert "/orders/send-again" not in viewer.look("/orders").text
    for path in ("/orders/send-again", "/orders/export-now"):
        assert viewer.send(path, {"order": "000000001", "confirmed": "1"}).status == 403


def test_nobody_is_sent_elsewhere_after_it(app: Flask, operator: Person) -> None:
    keep_orders(app, order_row(1))
    said = operator.send("/orders/send-again", {"order": "000000001", "next": "//evil.example"})
    assert said.headers["Location"] == "/orders"


def test_a_status_that_goes_away_leaves_the_filter(app: Flask, viewer: Person) -> None:
    keep_orders(app, order_row(1, status="processing"), order_row(2, status="fraud"))
    assert 'value="fraud"' in viewer.look("/orders").text
    change_order(app, "000000002", status="processing")
    assert 'value="fraud"' not in viewer.look("/orders").text
