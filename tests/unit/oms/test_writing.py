"""What the OMS is sent (protocol: To the OMS), held against its field tables as a strict OMS reads them."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from webapp.domain.lines import Breakdown, Promotion, Tax, UnitLine
from webapp.domain.order import Address, Customer, Payment, StoreOrder
from webapp.oms.envelope import encode_call
from webapp.oms.registration import REGISTER, write_register
from webapp.oms.topics import (
    order_cancel,
    order_create,
    order_find,
    product_updated,
    report_history,
    return_authorize,
    stock_search,
)
from webapp.sandbox.strictness import check_params
from webapp.sandbox.wire import read as strictly

D = Decimal
BILLING = Address(
    "11", "Ann", "Lee", ("1 Main St", "Flat 2", "Rear"), "Austin", "TX", "78701", "US", "1", "a@x.test"
)
SHIPPING = replace(BILLING, reference="12", street=("2 Side St",), city="Berlin", region="BE", country="DE")
ZERO = D(0)


def line(number: int, **changes: Any) -> UnitLine:
    plain = UnitLine(
        line_number=number,
        id="501",
        product_type="PHYSICAL",
        sku="MT07-M",
        product_name="Tee",
        net=D("17.9900"),
        tax=D("3.4200"),
        gross=D("21.4100"),
        tax_rate=D("19.0000"),
        taxes=(Tax("DE-19", D("3.4200"), D("19.0000")),),
        original_price=D("23.7900"),
        promotions=(Promotion("SAVE", "Discount", D("2.3800"), D("10.00")),),
    )
    return plain._replace(**changes)


def order(**changes: Any) -> StoreOrder:
    plain = StoreOrder(
        increment_id="000000042",
        entity_id="42",
        store_id="1",
        state="processing",
        status="processing",
        placed_at=datetime(2030, 1, 31, 13, 0, 0, 123, tzinfo=timezone(timedelta(hours=1))),
        updated_at=None,
        currency="EUR",
        ip="",
        is_virtual=False,
        coupon_code="",
        discount_description="",
        subtotal=ZERO,
        tax_amount=ZERO,
        discount_amount=ZERO,
        grand_total=ZERO,
        total_canceled=ZERO,
        tax_canceled=ZERO,
        gift_cards_amount=ZERO,
        store_credit=ZERO,
        points=ZERO,
        customer=Customer("anonymous", "GUEST", "B2C", "a@x.test", "Ann Lee"),
        billing=BILLING,
        ship_to=SHIPPING,
        payment=Payment("7", "checkmo", "g", "acc", "tx", "OK"),
        rows=(),
        shipping=None,
    )
    return replace(plain, **changes)


def breakdown(*lines: UnitLine, unit: str = "0.01", total: str = "21.41", **changes: Any) -> Breakdown:
    return Breakdown(lines or (line(1),), D(total), D(unit), "B", ZERO, **changes)


def written(a: StoreOrder, b: Breakdown, *, vat_country: str = "") -> dict[str, Any]:
    """The order as a strict OMS has it after decoding."""
    params = order_create.write(
        a,
        b,
        channel="base",
        language="en_US",
        vat_country=vat_country,
        payment_method="ZEROPAY",
        payment_submethod="OFFLINE",
    )
    wire = encode_call(order_create.TOPIC, params, "m-1")
    check_params(order_create.TOPIC, strictly(wire)["params"])
    told: dict[str, Any] = json.loads(wire, parse_float=str, parse_int=str)["params"]["order"]
    return told


def test_an_orders_head() -> None:
    told = written(order(), breakdown())
    assert {name: told[name] for name in told if name not in ("addresses", "payments", "lines")} == {
        "id": "000000042",
        "store": "base",
        "status": None,
        "status_reason": None,
        "ip": "0.0.0.0",  # noqa: S104 - the OMS's word for "not known"
        "language": "en_US",
        "vat_country": "DE",
        "origin": "FRONTEND",
        "origin_date": "2030-01-31T12:00:00+00:00",
        "customer": {"id": "anonymous", "type": "GUEST", "segment": "B2C"},
        "custom_attributes": [],
    }
    assert written(order(ip="1.2.3.4"), breakdown(), vat_country="FR")["vat_country"] == "FR"
    assert written(order(ip="1.2.3.4"), breakdown())["ip"] == "1.2.3.4"


def test_addresses_where_it_ships_to_first() -> None:
    told = written(order(), breakdown())
    assert [address["reference"] for address in told["addresses"]] == ["12", "11"]
    assert told["addresses"][1] == {
        "reference": "11",
        "address_type": "customer",
        "first_name": "Ann",
        "last_name": "Lee",
        "address1": "1 Main St",
        "address2": "Flat 2, Rear",
        "city": "Austin",
        "state": "TX",
        "zip": "78701",
        "country_code": "US",
        "phone": "1",
        "email": "a@x.test",
    }
    assert told["lines"][0]["shipping_address_reference"] == "12"
    assert told["payments"][0]["transactions"][0]["billing_address_reference"] == "11"


def test_a_virtual_orders_billing_address_stands_for_both() -> None:
    told = written(order(ship_to=None, is_virtual=True), breakdown())
    assert [address["reference"] for address in told["addresses"]] == ["11"]
    assert told["lines"][0]["shipping_address_reference"] == "11"
    assert told["vat_country"] == "US"


@pytest.mark.parametrize("reference", ["", "11"])
def test_references_tell_two_addresses_apart_whatever_the_store_says(reference: str) -> None:
    billing = replace(BILLING, reference=reference)
    told = written(order(billing=billing, ship_to=replace(SHIPPING, reference=reference)), breakdown())
    first, second = (address["reference"] for address in told["addresses"])
    assert first != second
    assert told["lines"][0]["shipping_address_reference"] == first
    assert told["payments"][0]["transactions"][0]["billing_address_reference"] == second


def test_one_payment_with_one_transaction() -> None:
    (payment,) = written(order(), breakdown(total="21.4"))["payments"]
    assert payment == {
        "reference": "7",
        "currency": "EUR",
        "transactions": [
            {
                "payment_method": "ZEROPAY",
                "payment_submethod": "OFFLINE",
                "amount": "21.40",
                "gateway_information": {
                    "gateway_id": "g",
                    "account": "acc",
                    "transaction_id": "tx",
                    "authorization_status": "OK",
                    "custom_attributes": [{"name": "mdc_gateway_processor", "value": "checkmo"}],
                },
                "billing_address_reference": "11",
            }
        ],
    }


def test_a_payment_without_a_reference_gets_the_orders_number() -> None:
    told = written(order(payment=Payment("", "free", "", "", "", "")), breakdown())
    assert told["payments"][0]["reference"] == told["lines"][0]["payment_reference"] == "000000042"


def test_a_line() -> None:
    (told,) = written(order(), breakdown())["lines"]
    assert told == {
        "line_number": "1",
        "id": "501",
        "product_type": "PHYSICAL",
        "sku": "MT07-M",
        "product_name": "Tee",
        "shipping_address_reference": "12",
        "payment_reference": "7",
        "amount": {
            "net_amount": "17.99",
            "gross_amount": "21.41",
            "tax_amount": "3.42",
            "tax_rate": "19",
            "taxes": [{"type": "DE-19", "amount": "3.42", "rate": "19"}],
            "currency": "EUR",
        },
        "promotions_info": {
            "original_price": "23.79",
            "promotions": [{"code": "SAVE", "name": "Discount", "discount": "2.38", "percentage": "10"}],
        },
        "image_url": "",
    }


def test_children_of_a_bundle_name_their_parent() -> None:
    bundle = line(
        1, product_type="BUNDLE", custom_attributes=((product_updated.SOURCING_RULE, "SHIPTOGETHER"),)
    )
    child = line(2, parent_line_number=1, parent_line_id="500")
    first, second = written(order(), breakdown(bundle, child))["lines"]
    assert first["custom_attributes"] == [
        {"name": "mom_srcrr_FilterSourceBundleFromOneSource", "value": "SHIPTOGETHER"}
    ]
    assert "parent_line_number" not in first
    assert (second["parent_line_number"], second["parent_line_id"]) == ("1", "500")
    assert "custom_attributes" not in second


def test_an_untaxed_line_has_one_tax_of_type_no_tax() -> None:
    (told,) = written(order(), breakdown(line(1, taxes=(), tax_rate=ZERO)))["lines"]
    assert told["amount"]["taxes"] == [{"type": "NO TAX", "amount": "0.00", "rate": "0"}]


@pytest.mark.parametrize(
    ("unit", "gross", "shown"),
    [
        ("0.01", "20", "20.00"),
        ("1", "2000.0000", "2000"),
        ("0.001", "1.5", "1.500"),
        ("0.0001", "0", "0.0000"),
    ],
)
def test_money_has_the_decimals_of_the_smallest_unit(unit: str, gross: str, shown: str) -> None:
    amounts = {name: D(gross) for name in ("gross", "net", "original_price")}
    one = line(1, **amounts, tax=ZERO, promotions=(), taxes=())
    told = written(order(), breakdown(one, unit=unit, total=gross))
    assert told["lines"][0]["amount"]["gross_amount"] == shown
    assert told["lines"][0]["promotions_info"]["original_price"] == shown
    assert told["payments"][0]["transactions"][0]["amount"] == shown


@pytest.mark.parametrize(
    ("rate", "shown"),
    [
        ("19.0000", "19"),
        ("8.2500", "8.25"),
        ("20", "20"),
        ("100", "100"),
        ("0.0000", "0"),
        ("33.33", "33.33"),
    ],
)
def test_rates_in_percent(rate: str, shown: str) -> None:
    (told,) = written(order(), breakdown(line(1, tax_rate=D(rate))))["lines"]
    assert told["amount"]["tax_rate"] == shown


def test_gift_cards_are_told_on_the_order() -> None:
    told = written(
        order(), breakdown(order_attributes=(("giftcard_1_code", "ABC"), ("giftcard_1_amount", "30.00")))
    )
    assert told["custom_attributes"] == [
        {"name": "giftcard_1_code", "value": "ABC"},
        {"name": "giftcard_1_amount", "value": "30.00"},
    ]


NOW = datetime(2030, 1, 31, 12, tzinfo=UTC)


def test_a_product() -> None:
    params = product_updated.write(
        product_updated.Product(
            sku="MT07",
            type="bundle",
            active=False,
            names=(product_updated.ProductName("Tee", "en_US", "base"), product_updated.ProductName("Tee")),
            price=D("1E+2"),
            currency="EUR",
            created_at=NOW,
            modified_at=NOW,
            children_skus=("A", "B"),
            attributes=(("color", "red"),),
            sourcing_rule="SHIPTOGETHER",
        )
    )
    wire = encode_call(product_updated.TOPIC, params, "m")
    assert json.loads(wire, parse_int=str)["params"]["product"] == {
        "id": "MT07",
        "type": "bundle",
        "sku": "MT07",
        "name": [{"value": "Tee", "locale": "en_US", "channel": "base"}, {"value": "Tee"}],
        "price": {"currency": "EUR", "amount": "100"},
        "status": "INACTIVE",
        "enabled": False,
        "children_skus": ["A", "B"],
        "custom_attributes": [
            {"name": "color", "attribute_code": "color", "value": "red"},
            {
                "name": "mom_srcrr_FilterSourceBundleFromOneSource",
                "attribute_code": "mom_srcrr_FilterSourceBundleFromOneSource",
                "value": "SHIPTOGETHER",
            },
        ],
        "created_at": "2030-01-31T12:00:00+00:00",
        "modified_at": "2030-01-31T12:00:00+00:00",
    }


@pytest.mark.parametrize(
    ("product_type", "catalog_type"),
    [
        ("PHYSICAL", "simple"),
        ("VIRTUAL", "virtual"),
        ("BUNDLE", "bundle"),
        ("SHIPPING", "shipping"),
        ("SERVICE", "service"),
    ],
)
def test_a_product_as_an_orders_line_describes_it(product_type: str, catalog_type: str) -> None:
    one = line(1, product_type=product_type)
    params = product_updated.write_from_line(
        one, currency="EUR", unit=D("0.01"), locale="en_US", modified_at=NOW
    )
    told: Any = params["product"]
    assert (told["sku"], told["type"], told["status"], told["price"]["amount"]) == (
        "MT07-M",
        catalog_type,
        "ACTIVE",
        D("23.79"),
    )
    assert str(told["price"]["amount"]) == "23.79"
    assert told["children_skus"] == told["custom_attributes"] == []
    assert {"value": "Tee"} in told["name"]


def test_every_call_of_ours_is_what_a_strict_oms_takes() -> None:
    back = return_authorize.LineToReturn(1, "501", "A", "DAMAGED", "Broken")
    name = product_updated.ProductName("Tee")
    calls: dict[str, dict[str, object]] = {
        REGISTER: write_register(
            application_id="oms-connector",
            callback_url="http://x/oms/callbacks",
            secret="s",
            subscribes=["a", "b"],
            version="1.2.3",
        ),
        order_cancel.TOPIC: order_cancel.write(order_id="42", sales_channel_id="base", user="ann"),
        order_find.TOPIC: order_find.write(order_id="42", sales_channel_id="base"),
        report_history.TOPIC: report_history.write(order_id="42", sales_channel_id="base"),
        stock_search.TOPIC: stock_search.write(offset=0, size=100),
        return_authorize.TOPIC: return_authorize.write(
            order_id="42", sales_channel_id="base", user="ann", rma=None, begun_at=NOW, lines=[back]
        ),
        product_updated.TOPIC: product_updated.write(
            product_updated.Product("A", "simple", True, (name,), D("1.10"), "EUR", modified_at=NOW)
        ),
    }
    for topic, params in calls.items():
        document: Any = strictly(encode_call(topic, params, "m"))
        check_params(topic, document["params"])


def test_registering_says_who_we_are_and_which_version() -> None:
    params = write_register(
        application_id="shop-1", callback_url="http://x/", secret="s", subscribes=("a", "b"), version="1.2.3"
    )
    assert params == {
        "id": "shop-1",
        "url": "http://x/",
        "secret": "s",
        "contracts": [],
        "subscribes": ["a", "b"],
        "labels": {"version": "1.2.3", "product": "oms-connector"},
    }
