"""Returns, refunds and appeasements: what the controls and the store's calls make the sandbox tell."""

from tests.integration.sandbox.driving import Control, told_of
from tests.integration.sandbox.listening_connector import SECRET, ListeningConnector
from tests.integration.sandbox.sandbox_calls import CREATE, call, do, line, order
from tests.sandbox_process import SandboxProcess

_REFUND = "postsales.refund_management.updated"
_RETURN = "postsales.return_management.updated"


def test_a_return_is_told_and_moved_along(control: Control, connector: ListeningConnector) -> None:
    control("ship")
    lines = [{"line_number": 1, "reason": "DAMAGED"}, {"line_number": 4, "reason": "WRONG"}]
    held = control("return", {"lines": lines, "rma": "RMA-7"})
    control("return", {"rma": "RMA-7", "status": "RECEIVED"})

    assert [each["rma"] for each in held["returns"]] == ["RMA-7"]
    first, second = told_of(connector, _RETURN, 2)
    assert [(each["line_number"], each["sku"], each["reason"]) for each in first["lines"]] == [
        (1, "MUG", "DAMAGED"),
        (4, "CUP", "WRONG"),
    ]
    assert (first["status"]["code"], second["status"]["code"]) == ("AUTHORIZED", "RECEIVED")
    assert [each["line_number"] for each in second["lines"]] == [1, 4]


def test_a_warehouse_says_that_a_return_came_in(control: Control, connector: ListeningConnector) -> None:
    control("ship")
    control("return", {"lines": [{"line_number": 1, "reason": "DAMAGED"}], "rma": "RMA-7"})
    held = control("return", {"rma": "RMA-7", "event": "received"})

    assert [each["status"]["code"] for each in held["returns"]] == ["RECEIVED"]
    (told,) = told_of(connector, "postsales.return_management.received")
    assert (told["rma"], [each["line_number"] for each in told["lines"]]) == ("RMA-7", [1])
    assert told["origin_date"] == held["returns"][0]["status"]["date"]


def test_a_refund_may_not_say_of_what_type_it_is(control: Control, connector: ListeningConnector) -> None:
    control("refund", {"lines": [{"line_number": 1}], "type": None})

    assert "refund_type" not in told_of(connector, _REFUND)[0]


def test_a_return_without_lines_is_of_all_that_shipped(
    control: Control, connector: ListeningConnector
) -> None:
    control("ship", {"lines": [1, 2]})
    control("return")

    assert [each["line_number"] for each in told_of(connector, _RETURN)[0]["lines"]] == [1, 2]


def test_the_store_may_begin_a_return_of_what_is_shipped(
    registered: SandboxProcess, control: Control, connector: ListeningConnector
) -> None:
    authorize = "magento.postsales.return_management.authorize"
    told = {"id": "100", "line_number": 1, "sku": "MUG", "reason": "WRONG", "reason_description": "Not mine"}
    asked = {"sales_channel_id": "base", "order_id": "000000042", "lines": [told]}

    def refusal(**changes: object) -> str:
        params = {"return": {**asked, "lines": [{**told, **changes}]}}
        return str(call(registered, authorize, params, SECRET)["error"]["data"]["field"])

    assert refusal() == "return.lines[0].line_number"
    control("ship")
    assert refusal(sku="CUP") == "return.lines[0].sku"
    assert refusal(id="104") == "return.lines[0].id"
    assert refusal(line_number=9) == "return.lines[0].line_number"
    assert do(registered, authorize, {"return": asked}, SECRET) is True
    assert refusal() == "return.lines[0].line_number"
    assert told_of(connector, _RETURN)[0]["status"]["code"] == "AUTHORIZED"


def test_a_refund_gives_strings_and_cuts_net_off(
    registered: SandboxProcess, control: Control, connector: ListeningConnector
) -> None:
    taxed = {
        "net_amount": 45.00,
        "gross_amount": 48.71,
        "tax_amount": 3.71,
        "tax_rate": 8.25,
        "currency": "USD",
    }
    taxed["taxes"] = [{"type": "TX", "amount": 3.71, "rate": 8.25}]
    do(registered, CREATE, order("2", [line(1, "MUG", 48.71, 3.71, amount=taxed)]), SECRET)
    registered.control("orders/2/refund", {"lines": [{"line_number": 1}], "type": "cancellation"})

    (refund,) = told_of(connector, _REFUND)
    assert (refund["refund_type"], refund["status"]["code"]) == ("cancellation", "RELEASED")
    details = refund["lines"][0]["payments"][0]["details"]
    assert details == {
        "cost_gross": "48.71",
        "cost_net": "44.99",
        "cost_vat": "3.72",
        "vat_rate": "8.25",
        "vat_detail": [{"type": "TX", "amount": "3.72", "rate": "8.25"}],
    }


def test_a_refund_of_what_is_left_leaves_nothing(control: Control, connector: ListeningConnector) -> None:
    control("ship")
    control("refund", {"lines": [{"line_number": 1, "amount": 1.41}], "type": "return"})
    control("refund")

    first, rest = told_of(connector, _REFUND, 2)
    assert first["credit_note_number"] != rest["credit_note_number"]
    given = {each["order_line"]: each["payments"][0]["details"]["cost_gross"] for each in rest["lines"]}
    assert given == {"1": "20.00", "2": "21.40", "4": "37.50", "5": "31.25", "6": "5.00", "7": "5.95"}


def test_a_refund_may_be_pending_first_and_have_no_number(
    control: Control, connector: ListeningConnector
) -> None:
    lines = [{"line_number": 1, "amount": 5}]
    pending = {"lines": lines, "type": "return", "status": "PENDINGRELEASE", "credit_note_number": "CN-9"}
    control("refund", pending)
    held = control("refund", {**pending, "status": "RELEASED"})
    control("refund", {"lines": lines, "type": "return", "credit_note_number": None})

    assert [each["status"]["code"] for each in held["refunds"]] == ["RELEASED"]
    told = told_of(connector, _REFUND, 3)
    assert [each["status"]["code"] for each in told] == ["PENDINGRELEASE", "RELEASED", "RELEASED"]
    assert [each.get("credit_note_number") for each in told] == ["CN-9", "CN-9", None]


def test_an_appeasement(control: Control, connector: ListeningConnector) -> None:
    control("appease", {"line_number": 1, "amount": 5.00, "credit_note_number": "CN-1"})

    (refund,) = told_of(connector, _REFUND)
    assert (refund["refund_type"], refund["credit_note_number"]) == ("appeasement", "CN-1")
    assert refund["lines"][0]["payments"][0]["details"]["cost_gross"] == "5.00"


def test_history_is_reported_again(
    registered: SandboxProcess, control: Control, connector: ListeningConnector
) -> None:
    control("ship")
    control("return")
    control("refund")
    asked = {"sales_channel_id": "base", "order_id": "000000042"}
    assert do(registered, "magento.sales.order_management.report_history", asked, SECRET) is True

    assert told_of(connector, "sales.order_management.reported")[0]["status"] == "COMPLETE"
    assert len(told_of(connector, "postsales.return_management.reported")) == 1
    assert len(told_of(connector, "postsales.refund_management.reported")) == 1
