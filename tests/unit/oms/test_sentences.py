"""What a merchant reads when the OMS does not take a message: words first, codes behind them (F05)."""

import json
import re
from datetime import UTC, datetime

import pytest

from webapp.oms.answers import Asked, classify

NOW = datetime(2030, 1, 31, 12, 0, 0, tzinfo=UTC)
CREATE = "magento.sales.order_management.create"


def reason(body: object, status: int = 200, headers: dict[str, str] | None = None) -> str:
    """The sentence for an answer to an order's create."""
    wire = body if isinstance(body, bytes) else json.dumps(body).encode()
    return classify(Asked(CREATE, "m-1", "order 000000042"), status, headers or {}, wire, NOW).reason


def error(code: object, message: object, **more: object) -> dict[str, object]:
    return {"jsonrpc": "2.0", "id": "m-1", "error": {"code": code, "message": message, **more}}


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (400, "The OMS could not make sense of the call (HTTP 400)"),
        (401, "The OMS does not know us (HTTP 401): check secret, client id and client secret"),
        (402, "The OMS turned the call down (HTTP 402)"),
        (403, "The OMS does not let us in (HTTP 403): check secret, client id and client secret"),
        (404, "The OMS has nothing at this address (HTTP 404): check its address"),
        (405, "The OMS takes no calls at this address (HTTP 405): check its address"),
        (407, "A proxy on the way to the OMS does not know us (HTTP 407)"),
        (408, "The call was too slow for the OMS (HTTP 408)"),
        (409, "The call does not fit what the OMS has (HTTP 409)"),
        (410, "The OMS has moved away from this address (HTTP 410): check its address"),
        (413, "The message is larger than the OMS takes (HTTP 413)"),
        (415, "The OMS does not take the form of the call (HTTP 415)"),
        (422, "The OMS cannot use what is in the call (HTTP 422)"),
        (429, "The OMS asked us to slow down (HTTP 429)"),
        (500, "Something went wrong inside the OMS (HTTP 500)"),
        (501, "The OMS cannot do what was asked (HTTP 501)"),
        (502, "The gateway in front of the OMS got no answer from it (HTTP 502)"),
        (503, "The OMS is not available just now (HTTP 503)"),
        (504, "The OMS did not answer the gateway in front of it in time (HTTP 504)"),
        (599, "Something went wrong inside the OMS (HTTP 599)"),
        (199, "The OMS answered nothing that was asked for (HTTP 199)"),
    ],
)
def test_a_status_is_told_in_words(status: int, sentence: str) -> None:
    assert reason(b"", status) == reason(b"<html>", status) == sentence


def test_what_the_oms_says_goes_before_what_we_think() -> None:
    assert reason("Order not found", 404) == "The OMS has nothing at this address (HTTP 404): Order not found"
    assert reason({"error": "Maintenance until noon"}, 503) == (
        "The OMS is not available just now (HTTP 503): Maintenance until noon"
    )
    assert reason(error(-32602, "Who are you?"), 401) == "The OMS does not know us (HTTP 401): Who are you?"


def test_a_redirect_says_where_to() -> None:
    assert reason(b"", 302, {"location": "https://oms.example/login"}) == (
        "The OMS answered with a redirect to https://oms.example/login (HTTP 302), which is not followed"
    )
    assert reason(error(-32602, "Moved"), 301) == (
        "The OMS answered with a redirect to elsewhere (HTTP 301), which is not followed"
    )


@pytest.mark.parametrize(
    ("answered", "sentence"),
    [
        (error(-32602, "Line 3 has no price"), "The OMS refused order 000000042: Line 3 has no price"),
        (error(-32601, ""), "The OMS refused order 000000042: it does not take messages of this kind"),
        (
            error(-32601, "Method not found"),
            "The OMS refused order 000000042: it does not take messages of this kind (Method not found)",
        ),
        (
            error(-32600, "Invalid Request."),
            "The OMS refused order 000000042: it does not see a call in it (Invalid Request.)",
        ),
        (
            error(-32602, "", data={"field": "order.lines[2].sku", "expected": "a text"}),
            "The OMS refused order 000000042: something in it is not as the OMS wants it: "
            "order.lines[2].sku, expected a text",
        ),
        (
            error(-32602, "Invalid params", data={"field": "order.store"}),
            "The OMS refused order 000000042: something in it is not as the OMS wants it: "
            "order.store (Invalid params)",
        ),
        (
            error(-32602, "Invalid params", data="the currency XYZ is not one"),
            "The OMS refused order 000000042: the currency XYZ is not one",
        ),
        (error(-32700, ""), "The OMS could not take order 000000042: it could not read it"),
        (
            error(-32603, "Internal error"),
            "The OMS could not take order 000000042: something went wrong inside the OMS (Internal error)",
        ),
        (error(-32000, ""), "The OMS could not take order 000000042: it does not say why"),
        (error(7, "Come back later"), "The OMS could not take order 000000042: Come back later"),
        ({"error": "Deadlock found"}, "The OMS could not take order 000000042: Deadlock found"),
        ({"error": True}, "The OMS could not take order 000000042: it does not say why"),
        (b"", "The OMS answered nothing (HTTP 200); whether it took the message is unknown"),
        (
            b"\n<!DOCTYPE html>",
            "The OMS answered a web page instead of an answer to a call (HTTP 200); "
            "whether it took the message is unknown",
        ),
        (
            {"status": "ok"},
            "The OMS answered something that is no answer to a call (HTTP 200); "
            "whether it took the message is unknown",
        ),
        (
            {"id": "00000000-0000-4000-8000-000000000000", "result": []},
            "The OMS answered another message than the one sent; whether it took this one is unknown",
        ),
        ({"result": False}, "The OMS answered that it did not do it (false)"),
    ],
)
def test_an_answer_is_told_in_words(answered: object, sentence: str) -> None:
    assert reason(answered) == sentence


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'"x"', b'{"error":""}', b'{"error":{"code":-1}}'])
@pytest.mark.parametrize("status", [*range(100, 600, 7), 200, 204, 301, 401, 404, 500])
def test_no_code_stands_without_words(status: int, body: bytes) -> None:
    sentence = reason(body, status)
    assert re.match(r"(The|A|Something) ?[a-zA-Z' ]{8,}", sentence), sentence
    assert sentence == sentence.strip(" .:,")
