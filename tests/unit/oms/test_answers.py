"""What an OMS's answer means: one test a row of protocol's envelope table, right-hand column, and F05."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from webapp.domain.outcome import Outcome, Verdict
from webapp.oms.answers import Asked, classify, read_result
from webapp.oms.phrases import find_unknown_sku

NOW = datetime(2030, 1, 31, 12, 0, 0, tzinfo=UTC)
ID = "7b1c2f9e-0d55-4f5e-9a37-0d7cf3a4e111"
CREATE = "magento.sales.order_management.create"
CANCEL = "magento.sales.order_management.cancel"
PRODUCT = "magento.catalog.product_management.updated"


def judge(
    body: object, status: int = 200, headers: dict[str, str] | None = None, topic: str = CREATE
) -> Outcome:
    wire = body if isinstance(body, bytes) else json.dumps(body).encode()
    return classify(Asked(topic, ID, "order 000000042"), status, headers or {}, wire, NOW)


def rpc_error(code: object, message: object = "No good", **more: object) -> dict[str, object]:
    return {"jsonrpc": "2.0", "id": ID, "error": {"code": code, "message": message, **more}}


@pytest.mark.parametrize("result", [[], None, "", True, {}, {"order": 1}, [1], "ok", 1])
def test_success_whatever_the_result_is(result: object) -> None:
    assert judge({"jsonrpc": "2.0", "id": ID, "result": result}).verdict is Verdict.SUCCEEDED


@pytest.mark.parametrize("error", ["", None, [], {}])
def test_success_with_an_empty_error_beside_the_result(error: object) -> None:
    assert judge({"jsonrpc": "2.0", "id": ID, "result": [], "error": error}).verdict is Verdict.SUCCEEDED


@pytest.mark.parametrize("answered", [1, "1", None, ID.upper(), 0])
def test_success_with_an_id_that_is_not_echoed(answered: object) -> None:
    assert judge({"jsonrpc": "2.0", "id": answered, "result": []}).verdict is Verdict.SUCCEEDED


def test_success_without_an_id_at_all() -> None:
    assert judge({"result": []}).verdict is Verdict.SUCCEEDED


def test_the_id_of_another_message_is_no_answer_to_this_one() -> None:
    outcome = judge({"jsonrpc": "2.0", "id": "00000000-0000-4000-8000-000000000000", "result": []})
    assert (outcome.verdict, outcome.cause) == (Verdict.ERROR_ANSWER, "oms.foreign_answer")


def test_success_by_a_bare_list_from_the_events_path_only() -> None:
    assert judge([], topic=PRODUCT).verdict is Verdict.SUCCEEDED
    assert judge([]).cause == "oms.foreign_answer"


@pytest.mark.parametrize("body", [b"", b"  \r\n"])
def test_an_empty_200_is_unknown_and_retried(body: bytes) -> None:
    outcome = judge(body)
    assert (outcome.verdict, outcome.cause) == (Verdict.ERROR_ANSWER, "oms.empty_answer")
    assert outcome.reason == "The OMS answered nothing (HTTP 200); whether it took the message is unknown"


@pytest.mark.parametrize(
    "body",
    [b"<html>Welcome</html>", b"OK", b'"taken"', b"{}", b'{"status":"ok"}', b"true", b"[1]", b'{"a":NaN}'],
)
def test_a_foreign_200_is_unknown_and_retried(body: bytes) -> None:
    outcome = judge(body)
    assert (outcome.verdict, outcome.cause) == (Verdict.ERROR_ANSWER, "oms.foreign_answer")
    what = "a web page instead of an answer" if body.startswith(b"<") else "something that is no answer"
    assert outcome.reason == (
        f"The OMS answered {what} to a call (HTTP 200); whether it took the message is unknown"
    )


def test_a_result_of_false_is_not_taken_for_done() -> None:
    assert judge({"jsonrpc": "2.0", "id": ID, "result": False}).verdict is Verdict.ERROR_ANSWER


@pytest.mark.parametrize("code", [-32600, -32601, -32602])
@pytest.mark.parametrize("status", [200, 400, 404, 422, 500])
def test_failure_refused_for_good(code: int, status: int) -> None:
    outcome = judge(rpc_error(code, "Line 3 has no price"), status)
    assert (outcome.verdict, outcome.cause) == (Verdict.REFUSED, f"oms.refused.{code}")
    assert outcome.reason == "The OMS refused order 000000042: Line 3 has no price"
    assert outcome.http_status == status


def test_failure_names_field_and_what_was_expected() -> None:
    data = {"field": "order.lines[2].sku", "expected": "a text"}
    outcome = judge(rpc_error(-32602, "bad", data=data))
    assert (outcome.field, outcome.expected) == ("order.lines[2].sku", "a text")


@pytest.mark.parametrize("code", ["-32602", -32602.0, "-32602.0"])
def test_failure_codes_as_peers_write_numbers(code: object) -> None:
    assert judge(rpc_error(code)).cause == "oms.refused.-32602"


@pytest.mark.parametrize("code", [-32700, -32603, -32000, -32001, -32002, -32099, 1, 0])
def test_failure_of_another_code_is_retried(code: int) -> None:
    outcome = judge(rpc_error(code, "Try later"))
    assert (outcome.verdict, outcome.cause) == (Verdict.ERROR_ANSWER, f"oms.error.{code}")
    assert outcome.reason == "The OMS could not take order 000000042: Try later"


@pytest.mark.parametrize("code", [None, "x", [], {}, True, "1e5", 1.5])
def test_failure_that_is_not_well_formed_is_retried(code: object) -> None:
    assert judge(rpc_error(code)).cause == "oms.error_text"


def test_failure_without_a_message_is_not_well_formed() -> None:
    assert judge({"id": ID, "error": {"code": -32602}}).verdict is Verdict.ERROR_ANSWER


def test_failure_as_some_text_with_200_is_retried() -> None:
    outcome = judge({"id": 1, "error": "Deadlock found"})
    assert (outcome.verdict, outcome.cause) == (Verdict.ERROR_ANSWER, "oms.error_text")
    assert outcome.reason == "The OMS could not take order 000000042: Deadlock found"


def test_failure_as_an_error_beside_a_result_is_a_failure() -> None:
    assert judge({"id": ID, "result": [], "error": "No"}).verdict is Verdict.ERROR_ANSWER


@pytest.mark.parametrize("error", [True, 1, ["a"]])
def test_failure_of_any_other_shape_is_retried(error: object) -> None:
    assert judge({"id": ID, "error": error}).verdict is Verdict.ERROR_ANSWER


def test_failure_as_404_with_a_json_string_is_no_verdict() -> None:
    outcome = judge("Order not found", 404, topic=CANCEL)
    assert (outcome.verdict, outcome.cause) == (Verdict.ERROR_ANSWER, "oms.http_404")
    assert outcome.reason == "The OMS has nothing at this address (HTTP 404): Order not found"


@pytest.mark.parametrize("body", [b"<html>Not Found</html>", b""])
@pytest.mark.parametrize("status", [400, 404, 409, 413, 500])
def test_failure_as_html_or_nothing_is_no_verdict(status: int, body: bytes) -> None:
    outcome = judge(body, status)
    assert (outcome.verdict, outcome.cause) == (Verdict.ERROR_ANSWER, f"oms.http_{status}")
    assert f"(HTTP {status})" in outcome.reason


@pytest.mark.parametrize("body", [b"", b"<html/>", b'{"status":503,"error":"Service Unavailable"}', b'"x"'])
@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_gateway_without_a_json_rpc_body_is_silence(status: int, body: bytes) -> None:
    outcome = judge(body, status)
    assert (outcome.verdict, outcome.cause) == (Verdict.SILENT, f"oms.http_{status}")
    assert f"(HTTP {status})" in outcome.reason


@pytest.mark.parametrize("code", [-32001, -32602])
@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_gateway_status_with_a_json_rpc_body_is_an_error_answer(status: int, code: int) -> None:
    assert judge(rpc_error(code), status).verdict is Verdict.ERROR_ANSWER


@pytest.mark.parametrize("status", [401, 403, 407, 408, 429, 301, 307])
def test_statuses_of_the_way_there_are_no_verdict_whatever_the_body(status: int) -> None:
    assert judge(rpc_error(-32602), status).verdict is Verdict.ERROR_ANSWER
    assert judge({"id": ID, "result": []}, status).verdict is Verdict.ERROR_ANSWER


def test_not_let_in() -> None:
    assert judge(b"", 401).reason == (
        "The OMS does not know us (HTTP 401): check secret, client id and client secret"
    )
    assert judge(b"", 403).reason.startswith("The OMS does not let us in (HTTP 403)")


def test_a_success_with_an_error_status_is_none() -> None:
    assert judge({"id": ID, "result": []}, 500).verdict is Verdict.ERROR_ANSWER


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        ("1.5", 1.5),
        (" 7 ", 7.0),
        ((NOW + timedelta(seconds=90)).strftime("%a, %d %b %Y %H:%M:%S GMT"), 90.0),
        ((NOW - timedelta(seconds=90)).strftime("%a, %d %b %Y %H:%M:%S GMT"), 0.0),
        ("99999999999", 172800.0),
        ("Sun, 06 Nov 2094 08:49:37 GMT", 172800.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1e400", None),
        ("nan", None),
        ("\uff15", None),
        ("Mon, 99 Foo 2030", None),
    ],
)
def test_retry_after(header: str, seconds: float | None) -> None:
    outcome = judge(b"", 429, {"retry-after": header})
    assert (outcome.cause, outcome.retry_after) == ("oms.http_429", seconds)


def test_retry_after_is_honoured_with_503_too() -> None:
    assert judge(b"", 503, {"retry-after": "30"}).retry_after == 30.0


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Foo 2030", "0"])
def test_a_date_that_is_none_gives_no_skew(date: str) -> None:
    assert judge(b"", 200, {"date": date}).clock_skew_seconds is None


UNKNOWN_SKU = [
    'Unknown SKU "MT07-M": it is not in the catalog (order.lines[0].sku)',
    "SKU MT07-M is not in its catalog",
    "Unknown product MT07-M",
    "Product with SKU MT07-M does not exist",
    "Product MT07-M doesn't exist.",
    "The product 'MT07-M' was not found",
    "No such product: MT07-M",
    "Could not find product with sku MT07-M",
    "sku MT07-M not found",
    "Product not found: MT07-M",
    "order line 1: the SKU MT07-M could not be found",
    "UNKNOWN_SKU: MT07-M",
]


@pytest.mark.parametrize("said", UNKNOWN_SKU)
def test_a_refusal_for_an_unknown_sku(said: str) -> None:
    for body in (rpc_error(-32602, said), rpc_error(-32000, said), {"error": said}):
        outcome = judge(body)
        assert (outcome.verdict, outcome.cause) == (Verdict.REFUSED, "oms.unknown_sku")
        assert find_unknown_sku(outcome.reason, ["A", "MT07", "MT07-M"]) == "MT07-M"
        assert find_unknown_sku(outcome.reason, []) == "MT07-M"


def test_the_unknown_sku_by_the_field_the_refusal_names() -> None:
    assert find_unknown_sku("SKU is not known", ["A", "B"], "order.lines[1].sku") == "B"
    assert find_unknown_sku("SKU is not known", ["A", "B"], "order.lines[9].sku") is None
    assert find_unknown_sku("SKU is not known", ["A", "B"], None) is None


@pytest.mark.parametrize(
    "said",
    [
        "Order 000000042 already exists",
        "An order with id 000000042 already exists in store base",
        "Duplicate order id",
        "SQLSTATE[23000]: Integrity constraint violation: 1062 Duplicate entry '000000042' for key",
        "order.id: 000000042 has already been imported",
        "The order exists already",
        "order_already_exists",
        "id 000000042 is already in use",
    ],
)
def test_a_refusal_because_the_number_exists(said: str) -> None:
    for body in (rpc_error(-32602, said), rpc_error(-32603, said), {"error": said}):
        outcome = judge(body)
        assert (outcome.verdict, outcome.cause) == (Verdict.REFUSED, "oms.already_exists")


@pytest.mark.parametrize(
    "said",
    [
        "Unknown order 000000042",
        "Order 000000042 not found",
        "Order 000000042 does not exist",
        "No such order",
        "Could not find the order 000000042",
        "order_not_found",
        "There is no order with id 000000042",
    ],
)
def test_a_cancel_of_an_order_the_oms_does_not_know(said: str) -> None:
    outcome = judge(rpc_error(-32602, said), topic=CANCEL)
    assert (outcome.verdict, outcome.cause) == (Verdict.REFUSED, "oms.unknown_order")


@pytest.mark.parametrize(
    "said",
    [
        "order.addresses: missing address reference",
        "More than one transaction",
        "order.lines[0].product_type: expected a product type",
        "Stock service not found",
        "order.lines[0].sku: expected a text",
    ],
)
def test_other_refusals_are_not_mistaken_for_these(said: str) -> None:
    assert judge(rpc_error(-32602, said)).cause == "oms.refused.-32602"
    assert judge({"error": said}).cause == "oms.error_text"


def test_what_the_oms_says_is_one_line_cut_short() -> None:
    reason = judge(rpc_error(-32602, "a\nb\x00c\u202e " + "x" * 5000)).reason
    assert reason.startswith("The OMS refused order 000000042: a b c")
    assert len(reason) < 600
    assert reason.isprintable()


def test_the_result_of_an_answer() -> None:
    assert read_result(b'{"result":{"id":"42"}}') == {"id": "42"}
    assert read_result(b"[]") == []
