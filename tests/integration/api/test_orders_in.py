"""`POST /api/v1/orders`: what is no order is refused by its field, journaled, and nothing of it is kept."""

import gzip
from decimal import Decimal
from typing import Any

import pytest

from tests.fixtures.entrances import Store
from tests.fixtures.magento_documents import Document, an_item, an_order
from webapp.oms.wire import encode


def an_order_of_two(**more: Any) -> Document:
    """Two pieces at 10.00."""
    return an_order([an_item(1, "A", 2, 20)], 20) | more


def with_item(**more: Any) -> Document:
    """An order whose one row has these fields."""
    return an_order_of_two(items=[an_item(1, "A", 2, 20) | more])


NO_JSON = {
    "broken": b"{oops",
    "empty": b"",
    "not UTF-8": b'{"increment_id": "\xff\xfe"}',
    "half a surrogate": b'{"increment_id": "\\ud800"}',
    "NaN": encode(an_order_of_two()).replace(b'"grand_total":20', b'"grand_total":NaN'),
    "too deep": b'{"a":' * 70 + b"1" + b"}" * 70,
    "very deep": b"[" * 100_000,
    "too large": b" " * (32 * 1024 * 1024) + b"{}",
    "a number of 5,000 digits": b'{"increment_id": 1' + b"0" * 5_000 + b"}",
}
# The field that is to blame, and a document in which it is.
NO_ORDER: dict[str, tuple[str, object]] = {
    "a list": ("", [an_order_of_two()]),
    "a text": ("", "000000042"),
    "nothing in it": ("increment_id", {"status": "processing"}),
    "no items": ("items", an_order_of_two(items=[])),
    "items are absent": ("items", {k: v for k, v in an_order_of_two().items() if k != "items"}),
    "items are no list": ("items", an_order_of_two(items="two")),
    "an item is no object": ("items[0]", an_order_of_two(items=[7])),
    "no status": ("status", an_order_of_two(state="", status=None)),
    "a number of 5,000 characters": ("increment_id", an_order_of_two(increment_id="9" * 5_000)),
    "a number with a NUL": ("increment_id", an_order_of_two(increment_id="9\x009")),
    "a number on two lines": ("increment_id", an_order_of_two(increment_id="9\n9")),
    "a negative total": ("grand_total", an_order_of_two(grand_total=-1)),
    "no total": ("grand_total", an_order_of_two(grand_total=None)),
    "a total that is not a number": ("grand_total", an_order_of_two(grand_total="NaN")),
    "an endless total": ("grand_total", an_order_of_two(grand_total="Infinity")),
    "a total with a comma": ("grand_total", an_order_of_two(grand_total="5,0")),
    "a total with underscores": ("grand_total", an_order_of_two(grand_total="1_000")),
    "a total in other digits": ("grand_total", an_order_of_two(grand_total="١٢")),
    "an astronomic total": ("grand_total", an_order_of_two(grand_total=10**30)),
    "a total that is a list": ("grand_total", an_order_of_two(grand_total=[20])),
    "no currency": ("order_currency_code", an_order_of_two(order_currency_code="")),
    "no such currency": ("order_currency_code", an_order_of_two(order_currency_code="XYZ")),
    "no date": ("created_at", an_order_of_two(created_at=None)),
    "no such date": ("created_at", an_order_of_two(created_at="2024-02-31 10:00:00")),
    "a date beyond the last": ("created_at", an_order_of_two(created_at="9999-12-31T23:59:59-12:00")),
    "no address": ("billing_address", an_order_of_two(billing_address=None)),
    "a quantity of 0": ("items[0].qty_ordered", with_item(qty_ordered=0)),
    "a negative quantity": ("items[0].qty_ordered", with_item(qty_ordered="-1")),
    "no quantity": ("items[0].qty_ordered", with_item(qty_ordered=None)),
    "a hundred million pieces": ("items[0].qty_ordered", with_item(qty_ordered=99_999_999)),
    "a negative price": ("items[0].price", with_item(price=-1)),
    "a long SKU": ("items[0].sku", with_item(sku="A" * 300)),
    "no SKU": ("items[0].sku", with_item(sku=" ")),
    "more cancelled than ordered": ("items[0].qty_canceled", with_item(qty_canceled=3)),
}


def test_what_is_no_json_is_refused_and_journaled(store: Store) -> None:
    for what, body in NO_JSON.items():
        reply = store.hand_in(body)
        assert reply.status == 400, what
        assert reply.error["code"] == "not_json", what
        kept = store.messages()[-1]
        assert (kept["topic"], kept["status"]) == ("store.order", "failed"), what
        assert kept["reason"] == reply.error["message"], what
    assert len(store.messages()) == len(NO_JSON)
    assert store.call("GET", "/api/v1/orders").said == {"items": [], "next": None}


def test_what_is_no_order_is_refused_by_its_field_and_journaled(store: Store) -> None:
    for what, (field, document) in NO_ORDER.items():
        reply = store.hand_in(document)
        assert reply.status == 422, (what, reply)
        assert reply.error.get("field", "") == field, what
        assert reply.error["message"].startswith(f"{field}: expected " if field else "expected "), what
        kept = store.messages()[-1]
        assert (kept["status"], kept["reason"]) == ("failed", reply.error["message"]), what
    assert len(store.messages()) == len(NO_ORDER)
    assert store.call("GET", "/api/v1/orders").said == {"items": [], "next": None}


def test_a_word_that_is_no_number_is_found_in_what_is_no_json(store: Store) -> None:
    order = encode(an_order_of_two(items=[an_item(1, "A", 1, 10), an_item(2, "B", 1, 10)]))

    for word in (b"NaN", b"Infinity", b"-Infinity"):
        body = order.replace(b'"sku":"B"', b'"sku":"B","weee_tax_applied_row_amount":' + word)
        reply = store.hand_in(body)
        assert (reply.status, reply.error["field"]) == (400, "items[1].weee_tax_applied_row_amount"), word
        assert (
            reply.error["message"]
            == f"not JSON: items[1].weee_tax_applied_row_amount: expected a number, got {word.decode()}"
        )
    assert store.call("GET", "/api/v1/orders").said == {"items": [], "next": None}


def test_a_refused_order_leaves_the_one_that_is_here_as_it_is(store: Store) -> None:
    first = store.hand_in(an_order_of_two())
    before, written = store.order("000000042"), store.messages()

    assert store.hand_in(an_order_of_two(grand_total=-1)).status == 422
    assert store.order("000000042") == before

    again = store.hand_in(an_order_of_two(updated_at="2024-05-02 10:00:00", weight=7))
    assert again.said == first.said
    assert store.messages()[: len(written)] == written
    assert [one["status"] for one in store.messages()[len(written) :]] == ["failed"]


@pytest.mark.parametrize("total", ["24.90", "15.10"])
def test_totals_that_do_not_add_up_go_out_with_a_warning(store: Store, total: str) -> None:
    reply = store.hand_in(an_order_of_two(grand_total=total))

    assert (reply.status, reply.said["export"]) == (202, "held")
    told = store.order("000000042")["oms"]
    assert sum(line["gross_amount"] for line in told["lines"]) == Decimal(total)
    assert "the sum of its rows" in told["warnings"][0]
    assert told["warnings"][0] in store.messages(topic="store.order")[0]["reason"]


def test_two_thousand_lines_are_one_order(store: Store) -> None:
    rows = [an_item(number, f"A{number}", 1, 1) for number in range(1, 2_001)]

    assert store.hand_in(an_order(rows, 2_000)).status == 202

    assert len(store.order("000000042")["oms"]["lines"]) == 2_000


def test_what_nobody_reads_may_be_anything(store: Store) -> None:
    strange = b'"entity_id":42,"weight":1e999,"legacy":123456789012345678901234567890,"x":{"y":[null,true]}'
    body = encode(an_order_of_two(increment_id="2024/42")).replace(b'"entity_id":42', strange)

    assert store.hand_in(body).status == 202
    assert store.hand_in(b'{"items":[' + body + b"]}").status == 202

    told = store.order("2024/42")
    assert told["legacy"] == 123456789012345678901234567890
    assert str(told["weight"]) == "1E+999"
    assert store.call("GET", "/api/v1/orders").status == 200


def test_an_order_is_taken_however_it_is_wrapped(store: Store) -> None:
    plain = encode(an_order_of_two())
    packed = gzip.compress(plain)
    for body, headers in (
        (packed, {"Content-Encoding": "gzip"}),
        (plain, {"Content-Encoding": "identity"}),
        (b"\xef\xbb\xbf" + plain, {}),
        # What curl sends unless it is told the type.
        (plain, {"Content-Type": "application/x-www-form-urlencoded"}),
    ):
        assert store.hand_in(body, **headers).said["order"] == "000000042", headers
    assert store.order("000000042")["items"][0]["sku"] == "A"
    for body, encoding in ((packed[:-9], "gzip"), (packed + packed, "gzip"), (packed, "br"), (plain, "gzip")):
        reply = store.hand_in(body, **{"Content-Encoding": encoding})
        assert reply.status == 400
        assert "Content-Encoding" in reply.error["message"]
    reply = store.hand_in(b'{"increment_id":"' + b"9" * 34 * 1024 * 1024 + b'"}')
    assert reply.status == 413
    assert "33 MB" in reply.error["message"]


def test_many_orders_are_each_taken_or_refused(store: Store) -> None:
    good, bad = an_order_of_two(increment_id="000000001"), an_order_of_two(increment_id="000000002", items=[])

    reply = store.hand_in({"items": [good, bad, 7], "search_criteria": {}, "total_count": 3})

    assert reply.status == 202
    first, second, third = reply.said["items"]
    assert (first["order"], first["export"]) == ("000000001", "held")
    assert (second["order"], second["error"]["field"]) == ("000000002", "items[1].items")
    assert third == {
        "error": {"code": "invalid", "message": "expected a JSON object, got 7", "field": "items[2]"}
    }
    assert store.call("GET", "/api/v1/orders/000000002").status == 404
    assert store.hand_in({"items": [bad, 7]}).status == 422
    no_lists: tuple[object, ...] = ([], None, {}, "x", [7] * 1_001)
    for items in no_lists:
        reply = store.hand_in({"items": items})
        assert (reply.status, reply.error["field"]) == (422, "items")
    # With a mark of an order beside them, items are an order's own.
    reply = store.hand_in({"items": [an_item(1, "A", 1, 1)], "status": "processing"})
    assert (reply.status, reply.error["field"]) == (422, "increment_id")
