"""What must hold after the storm: nothing lost, nothing twice, on both sides (R1, R1b)."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.chaos.far_oms import CREATE, Ledger
from tests.chaos.handing_in import Store
from tests.chaos.history import PIECES, PRODUCTS

OPEN = ("pending", "in_flight", "retrying")


def is_settled(store: Store) -> bool:
    """Whether no message waits or is under way."""
    return not any(store.ask(f"messages?limit=1&status={status}")["items"] for status in OPEN)


def open_messages(store: Store) -> int:
    """How many messages wait or are under way, as far as one page of each state shows."""
    return sum(len(store.ask(f"messages?limit=500&status={status}")["items"]) for status in OPEN)


def end_of(order: Any) -> Any:
    """How an order ended, in a form that is the same for each of them."""
    shipped = [n for one in order["shipments"] for item in one["items"] for n in item["line_numbers"]]
    tracks = [track["track_number"] for one in order["shipments"] for track in one["tracks"]]
    # That it was sent is noted only where the OMS had not said yet that it has it.
    comments = [one for one in order["status_histories"] if one["comment"] != "Sent to the OMS."]
    return {
        "state": (order["state"], order["status"]),
        "oms": [order["oms"][name] for name in ("export", "status", "status_reason", "status_date")],
        "lines": [(one["line_number"], one["status"]) for one in order["oms"]["lines"]],
        "shipments": len(order["shipments"]),
        "shipped": sorted(shipped),
        "tracks": sorted(track.rpartition("-")[2] for track in tracks),
        "comments": len(comments),
    }


def wrongs(store: Store, ledger: Ledger, expected: Any, orders: int) -> Iterator[str]:
    """A sentence for each thing that is not as it must be."""
    numbers = []
    for order in store.all_of("orders"):
        numbers.append(order["increment_id"])
        whole = store.ask(f"orders/{order['increment_id']}")
        if (end := end_of(whole)) != expected:
            yield f"order {order['increment_id']} ended as {end}"
    if len(numbers) != orders or len(set(numbers)) != orders:
        yield f"{orders} orders were handed in, and {len(numbers)} are here"
    if set(ledger.orders) != set(numbers):
        yield f"the OMS has {len(ledger.orders)} orders, and {len(numbers)} are here"
    yield from _message_wrongs(store, ledger, orders)
    yield from ledger.wrongs


def _message_wrongs(store: Store, ledger: Ledger, orders: int) -> Iterator[str]:
    sent: dict[str, str] = {}
    for message in store.all_of("messages"):
        if message["status"] != "succeeded":
            what = f"message {message['id']} ({message['topic']})"
            yield f"{what} ended as {message['status']}: {message['reason']}"
        if message["direction"] == "out":
            sent[message["id"]] = message["topic"]
    if missing := set(sent) - set(ledger.calls):
        yield f"{len(missing)} messages count as sent, and the OMS has never seen them"
    if strange := set(ledger.calls) - set(sent):
        yield f"{len(strange)} calls came to the OMS under ids that no message has"
    topics = Counter(sent.values())
    if topics[CREATE] != orders:
        yield f"{topics[CREATE]} creates for {orders} orders"
    products = orders * PRODUCTS
    if not products <= sum(topics.values()) - topics[CREATE] <= products + orders:
        yield f"{sum(topics.values()) - topics[CREATE]} other messages for {products} products"


def check_calm(end: Any) -> None:
    """The measure itself: an order that lived in peace is complete, each piece shipped once."""
    assert end["state"] == ("complete", "complete"), end
    assert (end["shipments"], len(end["shipped"]), len(end["tracks"])) == (2, PIECES, 2), end
