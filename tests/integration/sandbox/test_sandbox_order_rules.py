"""Every rule an order must hold to: broken one at a time, refused by name, nothing kept."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.sandbox.sandbox_calls import CREATE, call, do, line, order, product, teach_skus
from tests.integration.sandbox.sandbox_calls import PRODUCT as UPDATED
from tests.sandbox_process import SandboxProcess

Break = Callable[[dict[str, Any]], object]

_RULE = "mom_srcrr_FilterSourceBundleFromOneSource"
_SET = {"parent_line_id": "103", "parent_line_number": 3}
_SECOND = {"reference": "pay-2", "currency": "USD", "transactions": []}
_PROMOTION = {"code": "A", "name": "A", "discount": 1.00, "percentage": 5}


def _amount(order: dict[str, Any], index: int = 0) -> dict[str, Any]:
    amount: dict[str, Any] = order["lines"][index]["amount"]
    return amount


def _transaction(order: dict[str, Any]) -> dict[str, Any]:
    transaction: dict[str, Any] = order["payments"][0]["transactions"][0]
    return transaction


BROKEN: list[tuple[str, Break, str]] = [
    # The field table: required, typed, known.
    ("required", lambda o: o.pop("store"), "order.store"),
    ("required inside a list", lambda o: o["addresses"][1].pop("city"), "order.addresses[1].city"),
    ("required and null", lambda o: o.update(customer=None), "order.customer"),
    ("unknown field", lambda o: o["lines"][0].update(colour="red"), "order.lines[0].colour"),
    (
        "text for a number",
        lambda o: _amount(o).update(gross_amount="21.41"),
        "order.lines[0].amount.gross_amount",
    ),
    ("number for a text", lambda o: o.update(id=42), "order.id"),
    (
        "fraction for an integer",
        lambda o: o["lines"][0].update(line_number=1.0),
        "order.lines[0].line_number",
    ),
    ("truth for an integer", lambda o: o["lines"][0].update(line_number=True), "order.lines[0].line_number"),
    ("object for a list", lambda o: o.update(lines={"1": "MUG"}), "order.lines"),
    ("list for an object", lambda o: o.update(customer=[]), "order.customer"),
    ("date without offset", lambda o: o.update(origin_date="2024-01-05T10:00:00"), "order.origin_date"),
    ("date with a space", lambda o: o.update(origin_date="2024-01-05 10:00:00+00:00"), "order.origin_date"),
    ("a day there is not", lambda o: o.update(origin_date="2023-02-29T10:00:00Z"), "order.origin_date"),
    ("too many decimals", lambda o: _amount(o).update(tax_rate=19.0000001), "order.lines[0].amount.tax_rate"),
    ("lone surrogate", lambda o: o["addresses"][0].update(city="\ud800"), "order.addresses[0].city"),
    # The header.
    ("empty id", lambda o: o.update(id=""), "order.id"),
    ("status in a new order", lambda o: o.update(status="NEW"), "order.status"),
    ("no address of a machine", lambda o: o.update(ip="nowhere"), "order.ip"),
    ("language", lambda o: o.update(language="english"), "order.language"),
    ("country", lambda o: o.update(vat_country="USA"), "order.vat_country"),
    ("customer type", lambda o: o["customer"].update(type="FRIEND"), "order.customer.type"),
    ("segment", lambda o: o["customer"].update(segment="C2C"), "order.customer.segment"),
    # Addresses and payment.
    ("no address", lambda o: o.update(addresses=[]), "order.addresses"),
    (
        "one reference twice",
        lambda o: o["addresses"][1].update(reference="7"),
        "order.addresses[1].reference",
    ),
    ("no payment", lambda o: o.update(payments=[]), "order.payments"),
    ("two payments", lambda o: o["payments"].append(_SECOND), "order.payments"),
    (
        "two transactions",
        lambda o: o["payments"][0]["transactions"].append(_transaction(o)),
        "order.payments[0].transactions",
    ),
    ("no transaction", lambda o: o["payments"][0].update(transactions=[]), "order.payments[0].transactions"),
    (
        "billing address that is not there",
        lambda o: _transaction(o).update(billing_address_reference="9"),
        "order.payments[0].transactions[0].billing_address_reference",
    ),
    (
        "paid is not the sum",
        lambda o: _transaction(o).update(amount=122.52),
        "order.payments[0].transactions[0].amount",
    ),
    ("paid below 0", lambda o: _transaction(o).update(amount=-1), "order.payments[0].transactions[0].amount"),
    ("currency", lambda o: o["payments"][0].update(currency="usd"), "order.payments[0].currency"),
    # Lines.
    ("no lines", lambda o: o.update(lines=[]), "order.lines"),
    ("a number twice", lambda o: o["lines"][1].update(line_number=1), "order.lines[1].line_number"),
    ("a number left out", lambda o: o["lines"][6].update(line_number=8), "order.lines[6].line_number"),
    ("product type", lambda o: o["lines"][0].update(product_type="SIMPLE"), "order.lines[0].product_type"),
    ("quantity", lambda o: o["lines"][0].update(quantity=1), "order.lines[0].quantity"),
    ("empty sku", lambda o: o["lines"][0].update(sku=""), "order.lines[0].sku"),
    (
        "shipping address that is not there",
        lambda o: o["lines"][2].update(shipping_address_reference="9"),
        "order.lines[2].shipping_address_reference",
    ),
    (
        "payment that is not there",
        lambda o: o["lines"][2].update(payment_reference="pay-9"),
        "order.lines[2].payment_reference",
    ),
    ("another currency", lambda o: _amount(o).update(currency="EUR"), "order.lines[0].amount.currency"),
    ("net + tax", lambda o: _amount(o).update(net_amount=17.98), "order.lines[0].amount.gross_amount"),
    ("below 0", lambda o: _amount(o).update(net_amount=-17.99), "order.lines[0].amount.net_amount"),
    (
        "taxes that do not add up",
        lambda o: _amount(o)["taxes"][0].update(amount=3),
        "order.lines[0].amount.tax_amount",
    ),
    ("no tax at all", lambda o: _amount(o, 3).update(taxes=[]), "order.lines[3].amount.taxes"),
    (
        "promotions that do not add up",
        lambda o: o["lines"][0]["promotions_info"].update(promotions=[_PROMOTION]),
        "order.lines[0].promotions_info.original_price",
    ),
    (
        "promotion below 0",
        lambda o: o["lines"][0]["promotions_info"].update(promotions=[{**_PROMOTION, "discount": -1}]),
        "order.lines[0].promotions_info.promotions[0].discount",
    ),
    # Families.
    ("shipping not last", lambda o: _swap(o, 5, 6), "order.lines[6].product_type"),
    ("shipping's id", lambda o: o["lines"][6].update(id="107"), "order.lines[6].id"),
    ("service's id", lambda o: o["lines"][5].update(product_type="SERVICE"), "order.lines[5].id"),
    ("no image at all", lambda o: o["lines"][0].pop("image_url"), "order.lines[0].image_url"),
    (
        "NO TAX with a rate",
        lambda o: _amount(o, 3)["taxes"][0].update(rate=7),
        "order.lines[3].amount.taxes[0]",
    ),
    (
        "promotion of more than all",
        lambda o: o["lines"][0]["promotions_info"].update(promotions=[{**_PROMOTION, "percentage": 101}]),
        "order.lines[0].promotions_info.promotions[0].percentage",
    ),
    ("bundle without children", lambda o: _orphan(o, 3, 4), "order.lines[3].parent_line_number"),
    ("child away from its bundle", lambda o: _swap(o, 4, 5), "order.lines[5].parent_line_number"),
    (
        "child that is a service",
        lambda o: o["lines"][4].update(product_type="SERVICE", id="PLATE"),
        "order.lines[4].product_type",
    ),
    ("bundle at the end", lambda o: o.update(lines=o["lines"][:3]), "order.lines[2].product_type"),
    (
        "bundle with money of its own",
        lambda o: _give_money(o["lines"][2]),
        "order.lines[2].amount.gross_amount",
    ),
    ("child of no bundle", lambda o: o["lines"][0].update(**_SET), "order.lines[0].parent_line_number"),
    (
        "child of another",
        lambda o: o["lines"][4].update(parent_line_number=1),
        "order.lines[4].parent_line_number",
    ),
    ("parent's id", lambda o: o["lines"][4].update(parent_line_id="100"), "order.lines[4].parent_line_id"),
    (
        "bundle rule",
        lambda o: o["lines"][2].update(custom_attributes=[{"name": _RULE, "value": "TOGETHER"}]),
        "order.lines[2].custom_attributes[0].value",
    ),
]


def _swap(order: dict[str, Any], first: int, second: int) -> None:
    lines = order["lines"]
    lines[first], lines[second] = lines[second], lines[first]
    lines[first]["line_number"], lines[second]["line_number"] = first + 1, second + 1


def _give_money(line: dict[str, Any]) -> None:
    line["amount"].update(net_amount=1, gross_amount=1)
    line["promotions_info"]["original_price"] = 1


def _orphan(order: dict[str, Any], *indexes: int) -> None:
    for index in indexes:
        del order["lines"][index]["parent_line_number"], order["lines"][index]["parent_line_id"]


@pytest.mark.parametrize(("spoil", "field"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_a_broken_order_is_refused_by_the_name_of_its_field(
    sandbox: SandboxProcess, spoil: Break, field: str
) -> None:
    sandbox.control("unknown_skus", {"refuse": False})
    params = order()
    spoil(params["order"])

    error = call(sandbox, CREATE, params)["error"]

    assert error["code"] == -32602
    assert error["data"]["field"] == field
    assert error["data"]["expected"]
    assert field in error["message"]
    assert sandbox.get("/control/orders") == {"items": []}
    assert sandbox.get("/control/received")["items"][-1]["verdict"] == "refused"


def test_null_and_missing_are_told_apart(sandbox: SandboxProcess) -> None:
    absent, null = order(), order()
    del absent["order"]["origin"]
    null["order"]["origin"] = None

    told = [call(sandbox, CREATE, params)["error"]["message"] for params in (absent, null)]

    assert told == [
        "order.origin: this field is required and missing; expected a string",
        "order.origin: expected a string, got null",
    ]


def test_the_order_they_were_all_made_of_is_taken(sandbox: SandboxProcess) -> None:
    teach_skus(sandbox)
    params = order()

    assert do(sandbox, CREATE, params) is True

    held = sandbox.get("/control/orders/000000042")
    assert held["status"] == "NEW"
    assert [each["status"] for each in held["lines"]] == ["NEW"] * 7
    assert [each["amount"] for each in held["lines"]] == [each["amount"] for each in params["order"]["lines"]]
    assert held["payments"] == params["order"]["payments"]


def test_a_promotion_that_adds_up_is_taken(sandbox: SandboxProcess) -> None:
    sandbox.control("unknown_skus", {"refuse": False})
    told = {"original_price": 23.79, "promotions": [{**_PROMOTION, "discount": 2.38, "percentage": 10}]}

    assert do(sandbox, CREATE, order(lines=[line(1, "MUG", 21.41, 3.42, promotions_info=told)])) is True


def test_a_virtual_order_has_one_address_and_no_shipping(sandbox: SandboxProcess) -> None:
    sandbox.control("unknown_skus", {"refuse": False})
    params = order(lines=[line(1, "EBOOK", 5.00, 0, product_type="VIRTUAL")])
    params["order"]["addresses"] = params["order"]["addresses"][:1]
    _transaction(params["order"])["billing_address_reference"] = "7"

    assert do(sandbox, CREATE, params) is True


def test_an_id_that_exists_is_refused_even_with_the_same_body(sandbox: SandboxProcess) -> None:
    teach_skus(sandbox)
    do(sandbox, CREATE, order())

    error = call(sandbox, CREATE, order())["error"]

    assert (error["code"], error["data"]["field"]) == (-32602, "order.id")
    assert error["message"] == "Order 000000042 already exists"


def test_a_sku_the_catalog_does_not_have_is_refused_until_it_is_told_of(sandbox: SandboxProcess) -> None:
    teach_skus(sandbox)
    params = order()
    params["order"]["lines"][6]["sku"] = "EXPRESS"

    error = call(sandbox, CREATE, params)["error"]
    assert (error["code"], error["data"]["field"]) == (-32602, "order.lines[6].sku")
    assert 'Unknown SKU "EXPRESS"' in error["message"]

    do(sandbox, UPDATED, product("EXPRESS", type="shipping", status="INACTIVE", enabled=False))
    assert do(sandbox, CREATE, params) is True


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"type": "gift"}, "product.type"),
        ({"status": "active"}, "product.status"),
        ({"sku": ""}, "product.sku"),
        ({"price": {"currency": "USD", "amount": "10.00"}}, "product.price.amount"),
        ({"price": {"currency": "USD", "amount": -1}}, "product.price.amount"),
        ({"name": [{"value": "Only here", "locale": "de_DE"}]}, "product.name"),
        ({"children_skus": None}, "product.children_skus"),
        ({"enabled": 1}, "product.enabled"),
        ({"created_at": "2024-01-05"}, "product.created_at"),
        (
            {"custom_attributes": [{"name": "color", "attribute_code": "colour", "value": "red"}]},
            "product.custom_attributes[0].attribute_code",
        ),
        ({"custom_attributes": [{"name": "weight", "value": 5}]}, "product.custom_attributes[0].value"),
        ({"custom_attributes": [{"name": _RULE, "value": "TOGETHER"}]}, "product.custom_attributes[0].value"),
        ({"weight": 5}, "product.weight"),
    ],
)
def test_a_broken_product_is_refused_by_the_name_of_its_field(
    sandbox: SandboxProcess, changes: dict[str, object], field: str
) -> None:
    told = product("MUG")
    told["product"].update(changes)

    error = call(sandbox, UPDATED, told)["error"]

    assert (error["code"], error["data"]["field"]) == (-32602, field)
    assert "Unknown SKU" in call(sandbox, CREATE, order())["error"]["message"]
