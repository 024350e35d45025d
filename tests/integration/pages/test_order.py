"""One order: where it stands, its history, its pieces and shipments, its sums, its poll (F17, F19 to F21)."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import update

from tests.fixtures.entrances import CallingOms, Store
from tests.fixtures.magento_documents import an_item, an_order
from tests.fixtures.people import Person, Seen
from tests.fixtures.picky_oms import CREATE, picky_oms
from tests.fixtures.time import MovingClock
from tests.integration.pages.kept import change_order, keep_orders, order_row
from webapp.extensions import transaction
from webapp.models.fulfilment import Track

NUMBER = "000000042"
PATH = f"/orders/{NUMBER}"
# Nothing listens there, and no worker runs that would find out.
NOBODY = "http://127.0.0.1:9/oms"
CREATED = "magento.sales.order_management.created"
UPDATED = "magento.sales.order_management.updated"
SHIPPED = "magento.logistics.fulfillment_management.customer_shipment_done"


def hand_in(store: Store, status: str = "processing", number: str = NUMBER) -> None:
    """Three MT07-M for 30.00, one WS03 for 12.00 and 5.00 for shipping."""
    rows = [an_item(1, "MT07-M", 3, 30), an_item(2, "WS03", 1, 12)]
    order = an_order(rows, 47, shipping=5, subtotal=42, status=status, increment_id=number)
    reply = store.hand_in(order)
    assert reply.status in (201, 202), reply


def tell(oms: CallingOms, method: str, params: object) -> None:
    """A callback that is taken."""
    reply = oms.tell(method, params)
    assert reply.status == 200, reply
    assert "error" not in reply.said, reply


def ship(oms: CallingOms, *packages: tuple[list[int], str, str]) -> None:
    """A shipment of packages: line numbers, tracking number, link."""
    lines = [line for numbers, _, _ in packages for line in numbers]
    tell(oms, SHIPPED, {"shipment": {
        "order_id": NUMBER, "shipment_id": packages[0][1], "shipment_date": "2026-03-02T08:30:00+00:00",
        "items": [{"order_line_number": line, "status": "SHIPPED"} for line in lines],
        "packages": [
            {"items": numbers, "carrier": "DHL", "tracking_number": number, "tracking_link": link}
            for numbers, number, link in packages
        ],
    }})  # fmt: skip


@pytest.fixture
def kept_order(store: Store, oms: CallingOms, moving_clock: MovingClock) -> Store:
    """The order handed in, and callbacks applied as they come."""
    store.set(inbound__mode="sync", oms__url=NOBODY)
    hand_in(store)
    return store


def poll_of(seen: Seen) -> str | None:
    """What the page asks for again, None where it does not."""
    found = re.findall(r'hx-get="(/orders/[^"]+)" hx-trigger="every \d+s"', seen.text)
    assert len(found) <= 1
    return html.unescape(found[0]) if found else None


def facts(seen: Seen) -> dict[str, str]:
    """What the page says of each thing it names."""
    said: dict[str, str] = {}
    for place in seen.tree.iter("dl"):
        names = ["".join(one.itertext()).strip() for one in place.iter("dt")]
        values = [" ".join("".join(one.itertext()).split()) for one in place.iter("dd")]
        said |= dict(zip(names, values, strict=True))
    return said


def test_an_order_moves_from_queued_to_complete_on_one_page(
    kept_order: Store, oms: CallingOms, operator: Person
) -> None:
    stands = []
    for method, params in (
        (None, None),
        (CREATED, {"order": {"id": NUMBER}}),
        (UPDATED, {"order": {"id": NUMBER, "status": "LOGISTICS", "status_reason": "READYTOSHIP"}}),
    ):
        if method:
            tell(oms, method, params)
        stands.append(operator.look(PATH).words)
    assert "On its way to the OMS." in stands[0]
    assert "Loaded in the OMS, none of 4 pieces shipped." in stands[1]
    assert "In logistics in the OMS (ready to ship), none of 4 pieces shipped." in stands[2]
    ship(oms, ([1, 2, 4], "P1", "https://track.example/P1"), ([3], "P2", ""))
    assert ", all shipped." in operator.look(PATH).words
    tell(oms, UPDATED, {"order": {"id": NUMBER, "status": "COMPLETE", "status_reason": "FULLYSHIPPED"}})
    assert "Complete in the OMS (fully shipped), all shipped." in operator.look(PATH).words


def test_every_piece_has_its_fate_and_every_package_its_row(
    kept_order: Store, oms: CallingOms, viewer: Person
) -> None:
    ship(oms, ([1, 2, 4], "P1", "https://track.example/P1"), ([3], "P2", ""))
    seen = viewer.look(PATH)
    assert "3 × MT07-M 30.00 USD The MT07-M Shipped in #1 lines 1–2 Shipped in #2 line 3" in seen.words
    assert "1 × WS03 12.00 USD The WS03 Shipped in #1 line 4" in seen.words
    assert "Shipped with the first shipment line 5" in seen.words
    first, second = seen.of("shipment-1"), seen.of("shipment-2")
    assert "2 × MT07-M" in first
    assert "1 × WS03" in first
    assert "1 × MT07-M" in second
    assert seen.text.count('href="https://track.example/P1" rel="noopener noreferrer"') == 1
    assert "2026-03-02T08:30:00.000Z" in seen.text


def test_lines_tell_their_status_and_reason(kept_order: Store, oms: CallingOms, viewer: Person) -> None:
    lines = [
        {"line_number": 1, "status": "ALLOCATEDSHIP"},
        {"line_number": 2, "status": "CANCELLED", "status_reason": "OUTOFSTOCK"},
    ]
    tell(oms, UPDATED, {"order": {"id": NUMBER, "lines": lines}})
    words = viewer.look(PATH).words
    assert "Allocated line 1 Cancelled out of stock line 2 Waiting line 3" in words


def test_only_web_addresses_are_links(kept_order: Store, oms: CallingOms, viewer: Person) -> None:
    ship(oms, ([1], "P1", ""))
    for url in ("javascript:alert(1)", "data:text/html,x", "//evil.example", "ftp://x/y"):
        with kept_order.app.app_context(), transaction() as session:
            session.execute(update(Track).values(url=url))
        seen = viewer.look(PATH)
        assert "P1" in seen.of("shipment-1")
        assert url not in seen.text


def test_the_history_says_what_changed_when_and_by_which_message(
    kept_order: Store, oms: CallingOms, viewer: Person, moving_clock: MovingClock
) -> None:
    moving_clock.advance(minutes=7)
    status = {"status": "APPROVED", "status_date": "2026-03-02T09:05:00Z"}
    tell(oms, UPDATED, {"order": {"id": NUMBER, **status}})
    tell(oms, UPDATED, {"order": {"id": NUMBER, **status}})
    seen = viewer.look(PATH)
    assert seen.words.count("OMS status: none → APPROVED.") == 1
    assert "OMS time 09:05:00, received 09:07:00 UTC, 2 Mar 2026" in seen.words
    uid = next(one["id"] for one in kept_order.messages(topic=UPDATED))
    assert f"/journal/{uid}" in seen.links().values()
    assert PATH in viewer.look(f"/journal/{uid}").links().values()


def test_a_refused_order_says_why_and_is_sent_again(
    kept_order: Store, operator: Person, work_off: Callable[..., None]
) -> None:
    with picky_oms() as far:
        far.refuses[CREATE] = "lines[0].amount: net and tax do not add up"
        kept_order.set(oms__url=far.url)
        work_off("orders")
        seen = operator.look(PATH)
        assert "The OMS does not have this order." in seen.words
        assert "net and tax do not add up" in seen.words
        assert "Order sent to the OMS · Failed · 1 try" in seen.words
        said = operator.send("/orders/send-again", seen.fields("/orders/send-again"))
        assert said.headers["Location"] == PATH
        assert "On its way to the OMS." in operator.look(PATH).words
        far.refuses.clear()
        work_off("orders")
    assert "Sent to the OMS, which has not said yet that it has loaded it." in operator.look(PATH).words


def test_an_order_that_waits_for_its_products_says_why(
    kept_order: Store, viewer: Person, work_off: Callable[..., None]
) -> None:
    with picky_oms() as far:
        far.broken = 500
        kept_order.set(oms__url=far.url)
        work_off("orders")
    words = viewer.look(PATH).words
    assert (
        "It waits for Product sent to the OMS, retrying, which goes first: "
        "Something went wrong inside the OMS (HTTP 500)"
    ) in words
    assert "(next try in " in words


def test_an_order_kept_for_its_status_can_be_exported_by_hand(store: Store, operator: Person) -> None:
    store.set(oms__url=NOBODY)
    hand_in(store, "pending")
    seen = operator.look(PATH)
    assert "Kept here until the store says it may go to the OMS." in seen.words
    asked = operator.send("/orders/export-now", seen.fields("/orders/export-now"))
    done = operator.send("/orders/export-now", asked.fields("/orders/export-now"))
    assert done.headers["Location"] == PATH
    assert "On its way to the OMS." in operator.look(PATH).words


def test_the_poll_is_answered_only_where_something_changed(
    kept_order: Store, oms: CallingOms, viewer: Person
) -> None:
    poll = poll_of(viewer.look(PATH))
    assert poll
    assert viewer.glance(poll).status == 204
    tell(oms, CREATED, {"order": {"id": NUMBER}})
    part = viewer.glance(poll)
    assert part.status == 200
    assert "Loaded in the OMS" in part.words
    assert "<html" not in part.text
    assert poll_of(part) not in (None, poll)
    assert viewer.look(PATH).of("order") == part.words


def test_the_poll_ends_with_the_order(
    kept_order: Store, oms: CallingOms, viewer: Person, work_off: Callable[..., None]
) -> None:
    tell(oms, UPDATED, {"order": {"id": NUMBER, "status": "COMPLETE", "status_reason": "FULLYSHIPPED"}})
    ship(oms, ([1, 2, 3], "P1", ""))
    with picky_oms() as far:
        kept_order.set(oms__url=far.url)
        work_off("orders")
    assert poll_of(viewer.look(PATH)), "a piece has not shipped yet"
    ship(oms, ([4], "P2", ""))
    assert poll_of(viewer.look(PATH)) is None


def test_the_poll_goes_on_while_a_message_is_not_settled(
    kept_order: Store, oms: CallingOms, viewer: Person
) -> None:
    tell(oms, UPDATED, {"order": {"id": NUMBER, "status": "CANCELLED"}})
    assert poll_of(viewer.look(PATH))


def test_the_poll_grows_slower_while_nothing_happens(
    kept_order: Store, viewer: Person, moving_clock: MovingClock
) -> None:
    paces = []
    for quiet in (timedelta(0), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=5)):
        moving_clock.advance(seconds=quiet.total_seconds())
        seconds = re.search(r'seen=\w+" hx-trigger="every (\d+)s', viewer.look(PATH).text)
        assert seconds
        paces.append(int(seconds[1]))
    assert paces == sorted(set(paces))


def test_the_sums_before_export_are_a_dry_run(store: Store, admin: Person) -> None:
    hand_in(store, "pending")
    seen = admin.look(f"{PATH}/sums")
    assert "What would be sent to the OMS" in seen.words
    assert "The lines add up to 47.00 USD, the order's total to the smallest unit." in seen.words
    assert (facts(seen)["Reading"], facts(seen)["Residual"]) == ("A", "0.00 USD")
    assert "MT07-M physical 10.00 USD – 10.00 USD 10.00 USD 0.00 USD" in seen.words
    assert "All lines 47.00 USD 0.00 USD 47.00 USD" in seen.words
    assert '"given when it is written down"' in seen.words
    assert store.messages(topic=CREATE) == []


def test_the_sums_after_export_are_the_record_whatever_settings_say_now(
    kept_order: Store, admin: Person
) -> None:
    before = admin.look(f"{PATH}/sums")
    assert "What was sent to the OMS" in before.words
    uid = kept_order.messages(topic=CREATE)[0]["id"]
    assert f"/journal/{uid}" in before.links().values()
    assert "Settings or the connector have changed" not in before.words

    kept_order.set(orders__vat_country="FR")
    after = admin.look(f"{PATH}/sums")
    assert "Settings or the connector have changed since it was sent." in after.words
    assert "The lines add up to 47.00 USD, the order's total" in after.words
    assert '"vat_country": "GB"' in after.words


def test_a_residual_is_laid_open(store: Store, admin: Person) -> None:
    order = an_order([an_item(1, "MT07-M", 1, 30)], 33, subtotal=30)
    assert store.hand_in(order).status == 202
    seen = admin.look(f"{PATH}/sums")
    assert facts(seen)["Residual"] == "3.00 USD"
    assert "SURCHARGE service 3.00 USD" in seen.words
    assert "above the sum of its rows" in admin.look(PATH).words


def test_a_viewer_sees_nothing_personal(kept_order: Store, viewer: Person, operator: Person) -> None:
    for path in (PATH, f"{PATH}/sums"):
        assert "ada@example.com" not in viewer.look(path).text
        assert "12 Mill Lane" not in viewer.look(path).text
    assert "ada@example.com" in operator.look(PATH).text
    assert "12 Mill Lane" in operator.look(f"{PATH}/sums").text


def test_gift_card_codes_are_for_admins(store: Store, operator: Person, admin: Person) -> None:
    cards = {"gift_cards": [{"id": 7, "code": "GC-SECRET-1", "amount": 10}], "gift_cards_amount": 10}
    order = an_order([an_item(1, "MT07-M", 1, 30)], 20, subtotal=30, extension=cards)
    assert store.hand_in(order).status == 202
    assert "GC-SECRET-1" in admin.look(f"{PATH}/sums").text
    assert "GC-SECRET-1" not in operator.look(f"{PATH}/sums").text
    assert "Gift card −10.00 USD" in operator.look(f"{PATH}/sums").words


def test_an_unknown_order_is_not_here(viewer: Person) -> None:
    for number in ("nothing", "a/b", "%2e%2e", "0" * 300):
        assert viewer.look(f"/orders/{number}").status == 404
        assert viewer.look(f"/orders/{number}/sums").status == 404


def test_an_odd_number_has_its_page(app: Flask, viewer: Person) -> None:
    for row, number in enumerate(("A/B 7", "ü<b>&\"'", "a?b#c"), start=1):
        keep_orders(app, order_row(row, increment_id=number))
        href = viewer.look("/orders").links()[number]
        assert f"Order {number}" in viewer.look(href).words


def test_what_needs_someone_is_said_at_the_top(app: Flask, viewer: Person) -> None:
    keep_orders(app, order_row(1))
    change_order(
        app, "000000001", attention="The OMS says ERROR (PAYMENTFAIL).", total_refunded=Decimal("0.5")
    )
    seen = viewer.look("/orders/000000001")
    assert "This needs someone to look at it. The OMS says ERROR (PAYMENTFAIL)." in seen.words
    assert (facts(seen)["Refunded"], facts(seen)["Left"]) == ("0.50 EUR", "0.50 EUR")
