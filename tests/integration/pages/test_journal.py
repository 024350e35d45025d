"""The API Journal: filters, paging both ways, what is new, the chart, the file (F03)."""

import csv
import html
import re
from datetime import timedelta
from io import StringIO
from urllib.parse import unquote

from flask import Flask

from tests.fixtures.entrances import CallingOms, Store
from tests.fixtures.magento_documents import an_item, an_order
from tests.fixtures.people import Person, Seen
from tests.fixtures.time import MovingClock
from tests.integration.pages.kept import BEGIN, keep_messages, message_row
from webapp.domain.states import Direction, MessageStatus
from webapp.queries.journal import PAGE

UPDATED = "magento.sales.order_management.updated"
SVG = "{http://www.w3.org/2000/svg}"


def uids(text: str) -> list[int]:
    """The messages of a page of the journal, by the numbers in their ids."""
    return [int(found) for found in re.findall(r'href="/journal/00000000-0000-4000-8000-(\d{12})"', text)]


def test_a_row_says_what_it_was_and_leads_to_it_and_its_order(store: Store, viewer: Person) -> None:
    assert store.hand_in(an_order([an_item(1, "A", 1, 20)], 20, subtotal=20)).status == 202
    seen = viewer.look("/journal")
    assert "Order from the store" in seen.words
    assert "magento.sales.order_management.create" in seen.words
    (uid,) = [one["id"] for one in store.messages(topic="store.order")]
    assert f"/journal/{uid}" in seen.links().values()
    assert seen.links()["order:000000042"] == "/orders/000000042"


def test_a_row_of_what_waits_says_when_it_is_tried_next_until_when_and_why(
    app: Flask, viewer: Person, moving_clock: MovingClock
) -> None:
    now = moving_clock.now
    waiting = {"is_open": True, "settled_at": None, "created_at": now}
    ends = {"expires_at": now + timedelta(hours=20)}
    keep_messages(
        app,
        message_row(1, status=MessageStatus.RETRYING, tries=3, reason="No answer within 15 s.",
                    next_try_at=now + timedelta(minutes=4), **waiting | ends),
        message_row(2, status=MessageStatus.PENDING, tries=0, **waiting),
        message_row(3, status=MessageStatus.PENDING, tries=0, next_try_at=now, **waiting | ends),
        message_row(4, status=MessageStatus.HELD, tries=0, reason="Counting stock.", **waiting),
    )  # fmt: skip
    held, due, behind, retrying = (
        " ".join("".join(one.itertext()).split()) for one in viewer.look("/journal").tree.iter("tr")
        if "product:SKU-" in "".join(one.itertext())
    )  # fmt: skip
    assert retrying.endswith("Retrying 3 No answer within 15 s. next in 4 min, until in 20 h")
    assert behind.endswith("Waiting 0 waits for the message ahead of it")
    assert due.endswith("Waiting 0")
    assert held.endswith("Held 0 Counting stock.")


def test_an_order_that_is_not_here_is_no_link(store: Store, oms: CallingOms, viewer: Person) -> None:
    store.set(inbound__mode="sync")
    assert oms.tell(UPDATED, {"order": {"id": "000000404", "status": "APPROVED"}}).said["error"]
    seen = viewer.look("/journal")
    assert "Order 000000404 is not here." in seen.words
    assert "/orders/000000404" not in seen.links().values()


FILTERED = {
    "status=failed": [3],
    "direction=in": [4, 2],
    "topic=magento.sales.order_management.updated": [2],
    "order=000000007": [2],
    "sku=SKU-1": [1],
    "since=2026-03-01T12:00:03": [4, 3],
    "until=2026-03-01T12:00:02Z": [1],
    "since=2026-03-01T13:00:02%2B01:00&until=2026-03-01T12:00:04": [3, 2],
    "q=0000000": [2],
    "q=SKU-3": [3],
    "q=00000000-0000-4000-8000-000000000004": [4],
    "status=failed&direction=in": [],
}


def test_page_fragment_and_file_filter_alike(app: Flask, viewer: Person) -> None:
    of_order = {"key": "in:oms:order:000000007", "order_number": "000000007"}
    keep_messages(
        app,
        message_row(1),
        message_row(2, direction=Direction.IN, topic=UPDATED, **of_order),
        message_row(3, status=MessageStatus.FAILED),
        message_row(4, direction=Direction.IN),
    )
    for query, found in FILTERED.items():
        assert uids(viewer.look(f"/journal?{query}").text) == found, query
        assert uids(viewer.glance(f"/journal?{query}").text) == found, query
        rows = csv.DictReader(StringIO(viewer.client.get(f"/journal.csv?{query}").text.lstrip("\ufeff")))
        assert [int(row["id"][-12:]) for row in rows] == found, query


def test_a_span_of_time_holds_what_was_written_down_out_of_turn(app: Flask, viewer: Person) -> None:
    minutes = [0, 2, 1, 3, 60, 59, 58, 61]
    rows = [message_row(n, created_at=BEGIN + timedelta(minutes=at)) for n, at in enumerate(minutes)]
    keep_messages(app, *rows)
    spans = {
        "since=2026-03-01T12:02&until=2026-03-01T13:00": [6, 5, 3, 1],
        "since=2026-03-01T12:59": [7, 5, 4],
        "until=2026-03-01T12:02": [2, 0],
        "since=2026-03-02T00:00": [],
        "until=2026-02-01T00:00": [],
    }
    assert {query: uids(viewer.client.get(f"/journal?{query}").text) for query in spans} == spans


def test_pages_go_both_ways_and_new_messages_move_nothing(app: Flask, viewer: Person) -> None:
    keep_messages(app, *(message_row(number) for number in range(1, 2 * PAGE + 6)))
    first = viewer.client.get("/journal").text
    keep_messages(app, *(message_row(number) for number in range(500, 510)))
    second = viewer.client.get(_link(first, "next")).text
    third = viewer.client.get(_link(second, "next")).text
    assert uids(first) + uids(second) + uids(third) == list(range(2 * PAGE + 5, 0, -1))
    assert uids(viewer.client.get(_link(third, "prev")).text) == uids(second)
    assert uids(viewer.client.get(_link(second, "prev")).text) == uids(first)


def _link(text: str, relation: str) -> str:
    found = re.search(rf'href="([^"]+)" rel="{relation}"', text)
    assert found
    return html.unescape(found[1])


def _new(seen: Seen) -> str:
    return html.unescape(seen.element("new").get("hx-get", ""))


def test_new_messages_announce_themselves_under_the_same_filter(app: Flask, viewer: Person) -> None:
    keep_messages(app, message_row(1), message_row(2, status=MessageStatus.FAILED))
    ask = _new(viewer.look("/journal?status=failed"))
    assert viewer.glance(ask).of("new") == ""
    keep_messages(app, message_row(3), *(message_row(n, status=MessageStatus.FAILED) for n in (4, 5, 6)))
    said = viewer.glance(ask)
    assert said.of("new") == "3 new — show them"
    assert said.element("new").get("data-announce") == "3 new messages"
    assert said.links()["3 new — show them"] == "/journal?status=failed"
    assert _new(said) == ask


def test_an_older_page_announces_nothing(app: Flask, viewer: Person) -> None:
    keep_messages(app, *(message_row(number) for number in range(1, PAGE + 5)))
    older = viewer.look(_link(viewer.client.get("/journal").text, "next"))
    assert 'id="new"' not in older.text


def test_the_chart_counts_what_the_filter_shows(
    app: Flask, viewer: Person, moving_clock: MovingClock
) -> None:
    moving_clock.now = BEGIN
    moving_clock.advance(minutes=20)
    keep_messages(
        app, *(message_row(n, status=MessageStatus.FAILED) for n in range(60, 63)), message_row(130)
    )
    seen = viewer.look("/journal")
    assert "Messages over time: 4 messages, 3 failed, 3 at the most" in seen.words
    bars = [link for link in seen.tree.iter(f"{SVG}a") if "since=" in link.get("href", "")]
    assert len(bars) == 30
    (full,) = [link for link in bars if "3 messages, 3 failed" in link.get("aria-label", "")]
    assert full.get("aria-label") == "12:01 UTC: 3 messages, 3 failed"
    assert unquote(full.get("href", "")) == "/journal?since=2026-03-01T12:01&until=2026-03-01T12:02"
    assert uids(viewer.look(full.get("href", "")).text) == [62, 61, 60]
    assert "Messages over time: 1 message" in viewer.look("/journal?status=succeeded").words


def test_counting_stops_at_ten_thousand(app: Flask, viewer: Person) -> None:
    for begin in range(0, 10_001, 2_500):
        keep_messages(app, *(message_row(number) for number in range(begin, min(begin + 2_500, 10_001))))
    seen = viewer.look("/journal")
    assert "50 of 10,000+ messages, newest first" in seen.words
    assert "The newest 10,000 messages" in seen.words


def test_what_cannot_be_asked_is_refused_by_name(viewer: Person) -> None:
    for query in ("status=lost", "direction=up", "since=yesterday", "until=0001-01-01T00:00%2B14:00"):
        for path in ("/journal", "/journal/new", "/journal.csv"):
            seen = viewer.look(f"{path}?{query}")
            assert seen.status == 400, f"{path}?{query}"
            assert f"{query.partition('=')[0]}: expected" in seen.words
    for query in ("before=x", "after=-1", "before=99999999999999999999"):
        seen = viewer.look(f"/journal?{query}")
        assert seen.status == 400, query
        assert f"{query.partition('=')[0]}: expected" in seen.words


def test_reasons_hide_addresses_from_viewers(app: Flask, viewer: Person, operator: Person) -> None:
    keep_messages(app, message_row(1, reason="Unknown customer ada.moss@example.com."))
    for path in ("/journal", "/journal.csv"):
        assert "ada.moss@example.com" in operator.look(path).text
        assert "ada.moss@example.com" not in viewer.look(path).text


def test_what_is_new_is_no_page_of_its_own(viewer: Person) -> None:
    assert (
        viewer.look("/journal/new?since_id=4&status=failed").headers["Location"] == "/journal?status=failed"
    )


def test_nothing_yet_says_what_to_do(viewer: Person) -> None:
    assert "No messages yet" in viewer.look("/journal").words
    assert "No message is like this" in viewer.look("/journal?status=failed").words
