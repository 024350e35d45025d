"""One real Magento order all the way: to the OMS as unit lines, and back as status, comments, shipments."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import psutil
import pytest

from tests.e2e.api import Script, shared_order
from tests.fixtures.magento_documents import an_item, an_order
from tests.fixtures.product import Product, running
from tests.fixtures.waiting import wait_for
from webapp.oms.wire import encode

# Steps of the OMS, and what passes before something is tried again, in seconds.
HURRY = {"SANDBOX_PACE": "0.05", "CONNECTOR_RETRY_BASE_SECONDS": "1"}

REAL = "01-mixed-simple-downloadable-bundle-dynamic-configurable.json"


@dataclass(frozen=True)
class Handed:
    """An order as the store hands it in, and what is known of it."""

    number: str
    body: bytes
    total: Decimal
    bundles: int


def real_order() -> Handed:
    """One of Magento's own sample orders; skips the test where a bare clone has none."""
    return Handed("000000003", shared_order(REAL), Decimal(165), 1)


def made_order(number: str) -> Handed:
    """Three pieces of two articles, and shipping."""
    rows = [an_item(1, "ALP-2041", 2, 80), an_item(2, "SOC-4410", 1, 10)]
    more = {"increment_id": number, "state": "new", "status": "pending"}
    return Handed(number, encode(an_order(rows, 95, subtotal=90, shipping=5, **more)), Decimal(95), 0)


def live_through(script: Script, handed: Handed) -> None:
    """Post the order, let it go its way, and look at it from every side."""
    number = handed.number
    script.control("auto", {"order": number, "stop_after": "PICKCONFIRMED"})
    taken = script.call("POST", "orders", handed.body, expected=202)
    assert taken["order"] == number
    assert taken["export"] == "queued"
    wait_for(lambda: script.order(number)["oms"]["status"] == "PICKCONFIRMED")
    at_the_oms = script.control(f"orders/{number}")
    amounts = [Decimal(str(line["amount"]["gross_amount"])) for line in at_the_oms["lines"]]
    assert sum(amounts) == handed.total
    assert [line["product_type"] for line in at_the_oms["lines"]].count("BUNDLE") == handed.bundles
    assert at_the_oms["lines"][-1]["product_type"] == "SHIPPING"
    goods = [one["line_number"] for one in at_the_oms["lines"] if one["product_type"] == "PHYSICAL"]
    half = len(goods) // 2
    packages = [package("P1", goods[:half]), package("P2", goods[half:])]
    script.control(f"orders/{number}/ship", {"packages": packages})
    wait_for(lambda: len(script.order(number)["shipments"]) == 2)
    check_order(script.wait_for_order(number, state="complete"), goods)
    check_journal(script.messages(number))


def package(name: str, lines: list[int]) -> dict[str, Any]:
    """A package with its tracking."""
    return {
        "id": name,
        "items": lines,
        "carrier": "DHL",
        "tracking_number": f"00340{name}",
        "tracking_link": f"https://tracking.example/00340{name}",
    }


def check_order(order: Any, goods: list[int]) -> None:
    """Loaded, complete, a shipment per package with its link and date, comments in order."""
    assert order["oms"]["export"] == "loaded"
    assert order["oms"]["status"] == "COMPLETE"
    shipped = [set().union(*(item["line_numbers"] for item in one["items"])) for one in order["shipments"]]
    assert set().union(*shipped) == set(goods)
    assert not shipped[0] & shipped[1]
    for shipment in order["shipments"]:
        assert shipment["created_at"]
        assert len(shipment["tracks"]) == 1
        assert shipment["tracks"][0]["track_number"]
        assert shipment["tracks"][0]["url"].startswith("https://")
    comments = [one["comment"] for one in order["status_histories"]]
    # "Sent" may come late, or not at all: an OMS may call back before it has answered.
    milestones = ("has loaded", "RECEIVED", "PICKCONFIRMED", "Shipment", "COMPLETE")
    places = [next(place for place, one in enumerate(comments) if words in one) for words in milestones]
    assert places == sorted(places), comments


def check_journal(messages: list[Any]) -> None:
    """Each message both ways is there, settled, with its attempts."""
    topics = [(one["direction"], one["topic"].rpartition(".")[2]) for one in messages]
    for expected in (
        ("out", "create"),
        ("in", "created"),
        ("in", "updated"),
        ("in", "customer_shipment_done"),
    ):
        assert expected in topics
    assert {one["status"] for one in messages} == {"succeeded"}
    assert all(one["attempts"] for one in messages if one["topic"] != "store.order")


@pytest.fixture(scope="module")
def living_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product as `make run` starts it, in a hurry; its workers may be killed."""
    with running(tmp_path_factory.mktemp("living"), **HURRY) as product:
        yield product


@pytest.fixture(scope="module")
def script(living_product: Product) -> Script:
    """Its store's script."""
    return hasty(Script(living_product, "store"))


def hasty(script: Script) -> Script:
    """The same, where orders go out as soon as they are placed, and nothing takes longer than it must."""
    script.call(
        "PATCH", "settings", {"orders.export_statuses": "pending,processing", "oms.timeout_seconds": 4}
    )
    script.control("auto", {"pace": 0.05})
    return script


def test_an_order_lives_on_what_make_run_starts(script: Script) -> None:
    live_through(script, real_order())


def test_the_same_on_postgresql_and_a_redis_of_ones_own(
    start_product: Callable[..., Product], redis_url: str, postgresql: str
) -> None:
    product = start_product(DATABASE_URL=postgresql, REDIS_URL=redis_url, **HURRY)
    product.wait_until_ready()
    live_through(hasty(Script(product, "store")), made_order("000000042"))

    assert not (product.home / "redis.sock").exists()
    assert not (product.home / "connector.db").exists()
    family = psutil.Process(product.process.pid).children(recursive=True)
    assert product.stop() == 0
    assert not [one for one in family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


def test_a_worker_killed_in_the_middle_of_a_call_loses_nothing_and_repeats_nothing(
    living_product: Product, script: Script
) -> None:
    handed = made_order("000000043")
    number = handed.number
    script.control("faults", {"kind": "slow", "delay": 3, "calls": 1})
    script.call("POST", "orders", handed.body, expected=202)
    wait_for(lambda: any(one["status"] == "in_flight" for one in script.messages(number)))
    kill_workers(living_product)
    script.wait_for_order(number, state="complete")
    received = [one for one in script.control("received")["items"] if one["method"].endswith(".create")]
    mine = [one for one in received if number in str(one["body"])]
    assert len({one["id"] for one in mine}) == 1
    assert len({str(one["body"]) for one in mine}) == 1
    assert {one["status"] for one in script.messages(number)} == {"succeeded"}


def kill_workers(product: Product) -> None:
    """`kill -9` every worker process there is."""
    family = psutil.Process(product.process.pid).children(recursive=True)
    for one in family:
        with suppress(psutil.Error):
            if "workers.runner" in " ".join(one.cmdline()):
                one.kill()
