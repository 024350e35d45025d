"""One real Magento order all the way: to the OMS as unit lines, and back as status, comments, shipments."""

from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from typing import Any

import psutil

from tests.e2e.api import Script, shared_order
from tests.fixtures.product import Product
from tests.fixtures.waiting import wait_for

REAL = "01-mixed-simple-downloadable-bundle-dynamic-configurable.json"
NUMBER = "000000003"


def live_through(script: Script) -> None:
    """Post the order, let it go its way, and look at it from every side."""
    script.call("PATCH", "settings", {"orders.export_statuses": "pending,processing"})
    script.control("auto", {"pace": 0.05})
    script.control("auto", {"order": NUMBER, "stop_after": "PICKCONFIRMED"})
    taken = script.call("POST", "orders", shared_order(REAL), expected=202)
    assert taken["order"] == NUMBER
    assert taken["export"] == "queued"
    wait_for(lambda: script.order(NUMBER)["oms"]["status"] == "PICKCONFIRMED")
    at_the_oms = script.control(f"orders/{NUMBER}")
    amounts = [Decimal(str(line["amount"]["gross_amount"])) for line in at_the_oms["lines"]]
    assert sum(amounts) == Decimal(165)
    assert [line["product_type"] for line in at_the_oms["lines"]].count("BUNDLE") == 1
    assert at_the_oms["lines"][-1]["product_type"] == "SHIPPING"
    goods = [one["line_number"] for one in at_the_oms["lines"] if one["product_type"] == "PHYSICAL"]
    half = len(goods) // 2
    packages = [package("P1", goods[:half]), package("P2", goods[half:])]
    script.control(f"orders/{NUMBER}/ship", {"packages": packages})
    wait_for(lambda: len(script.order(NUMBER)["shipments"]) == 2)
    check_order(script.wait_for_order(NUMBER, state="complete"), goods)
    check_journal(script.messages(NUMBER))


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


def test_an_order_lives_on_what_make_run_starts(start_product: Callable[..., Product]) -> None:
    product = start_product(SANDBOX_PACE="0.05")
    product.wait_until_ready()
    live_through(Script(product, "store"))


def test_the_same_on_postgresql_and_a_redis_of_ones_own(
    start_product: Callable[..., Product], redis_url: str, postgresql: str
) -> None:
    product = start_product(DATABASE_URL=postgresql, REDIS_URL=redis_url, SANDBOX_PACE="0.05")
    product.wait_until_ready()
    live_through(Script(product, "store"))


def test_a_worker_killed_in_the_middle_of_a_call_loses_nothing_and_repeats_nothing(
    start_product: Callable[..., Product],
) -> None:
    product = start_product(SANDBOX_PACE="0.05", CONNECTOR_RETRY_BASE_SECONDS="1")
    product.wait_until_ready()
    script = Script(product, "store")
    script.call(
        "PATCH", "settings", {"orders.export_statuses": "pending,processing", "oms.timeout_seconds": 4}
    )
    script.control("faults", {"kind": "slow", "delay": 3, "calls": 1})
    script.call("POST", "orders", shared_order(REAL), expected=202)
    wait_for(lambda: any(one["status"] == "in_flight" for one in script.messages(NUMBER)))
    kill_workers(product)
    script.wait_for_order(NUMBER, state="complete")
    received = [one for one in script.control("received")["items"] if one["method"].endswith(".create")]
    mine = [one for one in received if NUMBER in str(one["body"])]
    assert len({one["id"] for one in mine}) == 1
    assert len({str(one["body"]) for one in mine}) == 1
    assert {one["status"] for one in script.messages(NUMBER)} == {"succeeded"}


def kill_workers(product: Product) -> None:
    """`kill -9` every worker process there is."""
    family = psutil.Process(product.process.pid).children(recursive=True)
    for one in family:
        with suppress(psutil.Error):
            if "workers.runner" in " ".join(one.cmdline()):
                one.kill()
