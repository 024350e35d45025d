"""Magento orders are read as they come, or refused in the store's own words, naming the field."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from tests.fixtures.magento_documents import ADDRESS, Document, a_child, an_item, an_order
from webapp.domain.order import Address, Customer, GiftCard, Payment
from webapp.domain.unit_lines import break_down
from webapp.store.magento_order import read_order
from webapp.store.refusal import Refused

REAL_ORDERS = Path(__file__).resolve().parents[3] / "shared" / "data" / "orders"
REAL_ORDER = REAL_ORDERS / "01-mixed-simple-downloadable-bundle-dynamic-configurable.json"


def plain_order(**more: object) -> Document:
    return an_order([an_item(1, "A", 1, 10)], 15, subtotal=10, shipping=5, **more)


def refusal_of(document: object) -> str:
    with pytest.raises(Refused) as refusal:
        read_order(document)
    assert str(refusal.value).startswith(refusal.value.field)
    return str(refusal.value)


def test_a_registered_customer_s_order() -> None:
    order = read_order(
        plain_order(
            customer_is_guest=0,
            customer_id=7,
            customer_firstname="Ada",
            customer_lastname="Moss",
            remote_ip="192.0.2.7",
            updated_at="2024-05-01 11:00:00",
            coupon_code="SPRING",
            store_id="2",
        )
    )
    assert order.increment_id == "000000042"
    assert (order.entity_id, order.store_id, order.state, order.status) == (
        "42",
        "2",
        "processing",
        "processing",
    )
    assert order.placed_at == datetime(2024, 5, 1, 10, tzinfo=UTC)
    assert order.updated_at == datetime(2024, 5, 1, 11, tzinfo=UTC)
    assert order.customer == Customer("7", "REGISTERED", "B2C", "ada@example.com", "Ada Moss")
    assert order.billing == Address(
        "7",
        "Ada",
        "Moss",
        ("12 Mill Lane", "Flat 3"),
        "Leeds",
        "WYK",
        "LS1 1AA",
        "GB",
        "0113 496 0000",
        "ada@example.com",
    )
    assert order.ship_to is not None
    assert order.ship_to.reference == "6"
    assert order.payment == Payment("9", "checkmo", "checkmo", "", "", "")
    assert (order.ip, order.coupon_code, order.currency) == ("192.0.2.7", "SPRING", "USD")
    assert order.warnings == ()


def test_a_guest_is_anonymous_and_known_by_the_billing_address() -> None:
    assert read_order(plain_order()).customer == Customer(
        "anonymous", "GUEST", "B2C", "ada@example.com", "Ada Moss"
    )
    assert read_order(plain_order(customer_is_guest=None)).customer.id == "anonymous"
    assert read_order(plain_order(customer_is_guest=1, customer_id=7)).customer.id == "anonymous"


def test_a_company_s_order_is_b2b() -> None:
    company = {"company_order_attributes": {"company_id": 3, "company_name": "Moss Ltd"}}
    order = read_order(plain_order(customer_is_guest=0, customer_id=7, extension=company))
    assert order.customer.segment == "B2B"


def test_a_virtual_order_ships_nowhere() -> None:
    order = read_order(
        an_order(
            [an_item(1, "A", 1, 10, is_virtual=1)], 10, is_virtual=1, extension={"shipping_assignments": []}
        )
    )
    assert (order.is_virtual, order.ship_to, order.shipping, order.warnings) == (True, None, None, ())


def test_an_order_is_virtual_when_all_its_rows_are_and_it_does_not_say() -> None:
    rows = [an_item(1, "A", 1, 5, is_virtual=1), an_item(2, "B", 1, 5, product_type="downloadable")]
    assert read_order(an_order(rows, 10, is_virtual=None)).is_virtual
    assert not read_order(an_order([*rows, an_item(3, "C", 1, 0)], 10, is_virtual=None)).is_virtual


def test_a_missing_shipping_address_is_pointed_out() -> None:
    order = read_order(plain_order(extension={"shipping_assignments": [{"shipping": {"method": "ups_03"}}]}))
    assert order.ship_to is None
    assert order.warnings == ("The order has no shipping address; its billing address stands for it.",)
    assert order.shipping is not None
    assert order.shipping.method == "ups_03"


def test_a_region_may_be_missing_and_other_gaps_are_pointed_out() -> None:
    billing = ADDRESS | {"region_code": None, "region": None, "city": None, "street": [], "firstname": ""}
    order = read_order(plain_order(billing_address=billing))
    assert order.billing.region == ""
    assert order.warnings == (
        "billing_address.firstname is missing.",
        "billing_address.street is missing.",
        "billing_address.city is missing.",
    )


def test_a_region_without_a_code_goes_by_its_name_and_a_street_may_be_one_text() -> None:
    billing = ADDRESS | {"region_code": None, "street": "12 Mill Lane", "entity_id": None, "email": None}
    address = read_order(plain_order(billing_address=billing)).billing
    assert (address.region, address.street, address.reference, address.email) == (
        "West Yorkshire",
        ("12 Mill Lane",),
        "billing",
        "ada@example.com",
    )


def test_what_was_used_at_checkout() -> None:
    order = read_order(
        plain_order(
            extension={
                "gift_cards": [
                    {"id": "3", "code": "GC", "amount": "30.0000"},
                    {"id": 4, "code": "NIL", "amount": 0},
                ],
                "gift_cards_amount": "25",
                "customer_balance_amount": 4,
                "reward_currency_amount": Decimal("1.50"),
            }
        )
    )
    assert order.gift_cards == (GiftCard("3", "GC", Decimal(30)),)
    assert [order.gift_cards_amount, order.store_credit, order.points] == [25, 4, Decimal("1.5")]


def test_cards_without_a_sum_are_their_own_sum() -> None:
    cards = {"gift_cards": [{"id": 3, "code": "GC", "amount": 3}, {"id": 4, "code": "GD", "amount": 4}]}
    assert read_order(plain_order(extension=cards)).gift_cards_amount == 7


def test_numbers_may_be_texts_and_php_s_empty_object_a_list() -> None:
    item = an_item(1, "A", "2.0000", 10, price="5.0000", is_virtual="0", extension_attributes=[]) | {
        "item_id": "1"
    }
    row = read_order(an_order([item], "10.0000", entity_id="42")).rows[0]
    assert [row.item_id, row.qty_ordered, row.price, row.is_virtual] == ["1", 2, 5, False]


def test_amounts_of_ten_decimals_are_rounded_to_four() -> None:
    order = read_order(
        plain_order() | {"grand_total": Decimal("15.0000500001"), "tax_amount": "0.0000499999"}
    )
    assert [order.grand_total, order.tax_amount] == [Decimal("15.0001"), 0]


def test_a_row_that_comes_again_counts_once() -> None:
    item = an_item(1, "A", 1, 10)
    order = read_order(an_order([item, dict(item), an_item(2, "B", 1, 1)], 11))
    assert [row.item_id for row in order.rows] == ["1", "2"]
    assert order.warnings == ("items[1] repeats items[0] and was counted once.",)


def test_rows_inside_shipping_assignments_are_the_same_rows() -> None:
    document = plain_order()
    document["extension_attributes"]["shipping_assignments"][0]["items"] = [an_item(1, "A", 1, 10)]
    assert len(read_order(document).rows) == 1


def test_an_embedded_parent_stands_in_for_one_that_is_not_listed() -> None:
    parent = an_item(1, "MT07", 2, 59, product_type="configurable")
    child = a_child(2, 1, "MT07-M", 2, parent_item=parent)
    order = read_order(an_order([child], 59, subtotal=59))
    assert [(row.item_id, row.path) for row in order.rows] == [
        ("1", "items[0].parent_item"),
        ("2", "items[0]"),
    ]
    assert [line.sku for line in break_down(order).lines] == ["MT07-M", "MT07-M"]


def test_an_embedded_parent_of_several_children_is_one_row() -> None:
    parent = an_item(1, "KIT", 1, 10, product_type="bundle")
    children = [a_child(place, 1, f"C{place}", 1, parent_item=parent) for place in (2, 3)]
    assert [row.item_id for row in read_order(an_order(children, 10)).rows] == ["1", "2", "3"]
    assert [row.item_id for row in read_order(an_order([parent, *children], 10)).rows] == ["1", "2", "3"]


def test_a_child_is_known_by_its_embedded_parent_alone() -> None:
    parent = an_item(1, "MT07", 1, 59, product_type="configurable")
    child = a_child(2, 1, "MT07-M", 1, parent_item=parent, parent_item_id=None)
    assert read_order(an_order([parent, child], 59)).rows[1].parent_item_id == "1"


def test_a_parent_of_0_is_none() -> None:
    assert read_order(an_order([an_item(1, "A", 1, 10, parent_item_id=0)], 10)).rows[0].parent_item_id is None


def test_a_cost_of_shipping_without_a_method_is_pointed_out_and_told() -> None:
    order = read_order(plain_order(extension={"shipping_assignments": [{"shipping": {"address": ADDRESS}}]}))
    assert order.warnings == ("The order has a cost of shipping, and no shipping method.",)
    assert [(line.id, line.sku) for line in break_down(order).lines] == [("1", "A"), ("SHIPPING", "SHIPPING")]


def test_control_characters_become_spaces() -> None:
    order = read_order(plain_order(shipping_description="Best\x00way\n", customer_email="a\x1fb"))
    assert order.shipping is not None
    assert order.shipping.description == "Best way"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"increment_id": None}, "increment_id: expected a text, got null"),
        ({"increment_id": " "}, 'increment_id: expected a text, got " "'),
        ({"increment_id": 5.5}, "increment_id: expected a text, got 5.5"),
        (
            {"increment_id": "9" * 5000},
            'increment_id: expected a text of at most 64 characters, got "' + "9" * 59 + '…"',
        ),
        ({"grand_total": None}, "grand_total: expected an amount of at least 0, got null"),
        ({"grand_total": "-1"}, 'grand_total: expected an amount of at least 0, got "-1"'),
        ({"grand_total": "NaN"}, 'grand_total: expected a number, got "NaN"'),
        ({"grand_total": "1_000"}, 'grand_total: expected a number, got "1_000"'),
        ({"grand_total": ""}, 'grand_total: expected a number, got ""'),
        ({"grand_total": False}, "grand_total: expected a number, got false"),
        ({"grand_total": Decimal("1E+999999999")}, "grand_total: expected a number, got 1E+999999999"),
        ({"grand_total": 10**13}, "grand_total: expected an amount below 10000000000000, got 10000000000000"),
        ({"shipping_amount": {}}, "shipping_amount: expected a number, got {}"),
        ({"items": None}, "items: expected a list of at least one item, got null"),
        ({"items": []}, "items: expected a list of at least one item, got []"),
        ({"items": "x"}, 'items: expected a list, got "x"'),
        ({"items": [{}] * 20_001}, "items: expected a list of at most 20000, got 20001"),
        ({"items": [7]}, "items[0]: expected a JSON object, got 7"),
        ({"created_at": None}, "created_at: expected a time, YYYY-MM-DD HH:MM:SS in UTC, got null"),
        (
            {"created_at": "yesterday"},
            'created_at: expected a time, YYYY-MM-DD HH:MM:SS in UTC, got "yesterday"',
        ),
        (
            {"updated_at": "2024-02-30 00:00:00"},
            'updated_at: expected a time, YYYY-MM-DD HH:MM:SS in UTC, got "2024-02-30 00:00:00"',
        ),
        ({"state": None, "status": None}, "status: expected the order's status, got null"),
        ({"is_virtual": "maybe"}, 'is_virtual: expected 0 or 1, got "maybe"'),
        ({"billing_address": None}, "billing_address: expected an address, got null"),
        ({"billing_address": "x"}, 'billing_address: expected a JSON object, got "x"'),
        (
            {"order_currency_code": None},
            'order_currency_code: expected the ISO 4217 code of a currency, got ""',
        ),
        ({"extension_attributes": 3}, "extension_attributes: expected a JSON object, got 3"),
        (
            {"customer_email": "x" * 256},
            'customer_email: expected a text of at most 255 characters, got "' + "x" * 59 + '…"',
        ),
        ({"coupon_code": "\ud800"}, "coupon_code: expected a text in Unicode, got \"'\\\\ud800'\""),
        (
            {"shipping_discount_amount": 9},
            "shipping_discount_amount: expected at most what shipping costs, got 9",
        ),
        ({"entity_id": True}, "entity_id: expected a whole number, got true"),
    ],
)
def test_an_order_that_cannot_be_read_says_which_field(changes: Document, message: str) -> None:
    assert refusal_of(plain_order() | changes) == message


def test_an_unknown_state_is_pointed_out_and_a_missing_one_follows_the_status() -> None:
    order = read_order(plain_order(state="shipped"))
    assert (order.state, order.warnings) == ("shipped", ('state: "shipped" is none of Magento\'s own.',))
    assert read_order(plain_order(state=None, status="holded")).state == "holded"
    assert read_order(plain_order(state=None, status="pending")).state == "new"
    assert read_order(plain_order(status=None)).status == "processing"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"qty_ordered": "-1"}, 'items[2].qty_ordered: expected a number above 0, got "-1"'),
        ({"qty_ordered": 0}, "items[2].qty_ordered: expected a number above 0, got 0"),
        ({"qty_ordered": None}, "items[2].qty_ordered: expected a number above 0, got null"),
        ({"qty_ordered": "5,0"}, 'items[2].qty_ordered: expected a number above 0, got "5,0"'),
        ({"qty_ordered": 10**8}, "items[2].qty_ordered: expected a quantity below 100000000, got 100000000"),
        ({"qty_canceled": 2}, "items[2].qty_canceled: expected at most the 1 ordered, got 2"),
        ({"qty_canceled": -1}, "items[2].qty_canceled: expected a number of at least 0, got -1"),
        ({"item_id": None}, "items[2].item_id: expected the id of the row, got null"),
        ({"item_id": "1.5x" * 80}, 'items[2].item_id: expected a text of at most 255 characters, got "'),
        ({"sku": None}, "items[2].sku: expected a text, got null"),
        ({"price": -1}, "items[2].price: expected an amount of at least 0, got -1"),
        (
            {"discount_amount": "-0.01"},
            'items[2].discount_amount: expected an amount of at least 0, got "-0.01"',
        ),
        ({"tax_amount": "Infinity"}, 'items[2].tax_amount: expected a number, got "Infinity"'),
        ({"row_total": [1]}, "items[2].row_total: expected a number, got a list"),
        ({"sku": 1.5}, "items[2].sku: expected a text, got 1.5"),
    ],
)
def test_a_row_that_cannot_be_read_says_which_field(changes: Document, message: str) -> None:
    rows = [an_item(1, "A", 1, 5), an_item(2, "B", 1, 5), an_item(3, "C", 1, 5) | changes]
    assert refusal_of(an_order(rows, 15)).startswith(message)


def test_a_row_that_comes_again_with_other_content_is_refused() -> None:
    rows = [an_item(1, "A", 1, 5), an_item(1, "A", 2, 5)]
    assert refusal_of(an_order(rows, 10)) == (
        'items[1].item_id: expected another id than items[0], or its content, got "1"'
    )


@pytest.mark.parametrize("document", [None, [], "x", 7, True])
def test_what_is_no_order_at_all_is_refused(document: object) -> None:
    assert "expected" in refusal_of(document)


@pytest.mark.skipif(not REAL_ORDER.exists(), reason="the published sample orders are not part of the project")
def test_a_real_order_of_all_kinds() -> None:
    """A real order of Magento 2.1: a simple, a downloadable, a dynamic bundle of four, a configurable."""
    document = msgspec.json.Decoder(float_hook=Decimal).decode(REAL_ORDER.read_bytes())
    order = read_order(document)
    done = break_down(order)

    assert (order.increment_id, order.warnings, done.warnings) == ("000000003", (), ())
    assert (done.reading, str(done.residual), str(done.total)) == ("A", "0.00", "165.00")
    assert [
        (line.id, line.product_type, line.sku, str(line.gross), line.parent_line_number)
        for line in done.lines
    ] == [
        ("3", "PHYSICAL", "WS12-M-Orange", "22.00", None),
        ("4", "VIRTUAL", "240-LV08", "18.00", None),
        ("5", "BUNDLE", "24-WG080-24-WG084-24-WG088-24-WG082-blue-24-WG086", "0.00", None),
        ("6", "PHYSICAL", "24-WG082-blue", "27.00", 3),
        ("7", "PHYSICAL", "24-WG084", "5.00", 3),
        ("8", "PHYSICAL", "24-WG086", "17.00", 3),
        ("9", "PHYSICAL", "24-WG088", "19.00", 3),
        ("10", "PHYSICAL", "MH01-S-Gray", "52.00", None),
        ("SHIPPING", "SHIPPING", "TABLERATE-Bestway", "5.00", None),
    ]
    assert order.shipping is not None
    assert order.shipping.description == "Best Way - Table Rate"
