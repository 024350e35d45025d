"""The mode of events switched while they come: nothing is reordered, and each is applied once (F07)."""

from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from threading import Event

from tests.fixtures.entrances import CallingOms, Store
from tests.fixtures.magento_documents import Document
from tests.integration.flows.told import CREATED, UPDATED, a_and_b, order_told
from webapp.flows.registry import handlers
from webapp.messaging.drain import drain

NUMBERS = [f"S{place}" for place in range(4)]
STATUSES = (
    "RECEIVED",
    "APPROVED",
    "LOGISTICS",
    "PICKREADY",
    "PICKCONFIRMED",
    "LOGISTICSCOMPLETE",
    "COMPLETE",
)


def history(number: str) -> list[tuple[str, Document]]:
    """What is said of an order, one after the other."""
    told = [order_told(status, day) for day, status in enumerate(STATUSES, start=1)]
    return [
        (CREATED, {"order": {"id": number}}),
        *((UPDATED, {"order": one["order"] | {"id": number}}) for one in told),
    ]


def tell_all(oms: CallingOms, number: str) -> None:
    """Tell an order's history, each word when the one before it was taken."""
    for topic, params in history(number):
        reply = oms.tell(topic, params)
        # Where it cannot be applied now, it stays and is applied later, in its place.
        assert reply.said.get("result") is True or reply.error["code"] == -32000, reply.said


def comments(store: Store, number: str) -> list[str]:
    """The order's history as it was applied."""
    return [one["comment"] for one in store.order(number)["status_histories"]]


def test_switching_reorders_nothing_and_applies_once(store: Store, oms: CallingOms) -> None:
    for number in ("calm", *NUMBERS):
        store.hand_in(a_and_b(increment_id=number))
    store.set(inbound__mode="sync")
    tell_all(oms, "calm")
    over = Event()

    def switch() -> None:
        for mode in cycle(("async", "sync")):
            if over.wait(0.02):
                return
            store.set(inbound__mode=mode)

    def work() -> None:
        with store.app.app_context():
            while not over.wait(0.01):
                drain("status_updates", handlers(), stop=over.is_set)

    with ThreadPoolExecutor(len(NUMBERS) + 2) as threads:
        background = [threads.submit(switch), threads.submit(work)]
        telling = [threads.submit(tell_all, oms, number) for number in NUMBERS]
        try:
            for one in telling:
                one.result()
        finally:
            over.set()
        for one in background:
            one.result()
    with store.app.app_context():
        drain("status_updates", handlers())

    for number in NUMBERS:
        assert comments(store, number) == comments(store, "calm"), number
        messages = store.messages(order=number, direction="in")
        assert {one["status"] for one in messages} == {"succeeded"}
