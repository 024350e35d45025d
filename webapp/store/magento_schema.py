"""What orders a store may hand in, as JSON Schema for machines (contract: POST /api/v1/orders).

It says what can be said of a field by itself. What fields say together, the sums above all, is for
`magento_order` and the arithmetic to judge; an order that fits the schema may still be refused for that.
"""

from typing import Final

from babel.numbers import list_currencies

from webapp.domain.money import NOT_MONEY
from webapp.domain.schemas import Schema, integer, moment, money, nullable, text, visible_text
from webapp.store.fields import LONGEST_TEXT
from webapp.store.magento_charges import LONGEST_METHOD
from webapp.store.magento_order import LONGEST_NUMBER

MOST_ORDERS: Final = 1_000
# What marks a document as an order of its own, rather than a list of them.
ORDER_MARKS: Final = (
    "increment_id",
    "entity_id",
    "grand_total",
    "status",
    "state",
    "payment",
    "billing_address",
)

ABOUT_ORDERS: Final = """\
A Magento order exactly as `GET /V1/orders/{id}` returns it. Numbers may be texts, null is absent, what is not
named here is kept as it is.

Read besides: of a row `product_type`, `parent_item_id` (or `parent_item`), `qty_canceled`, `qty_backordered`,
and its amounts (`row_total`, `row_total_incl_tax`, `tax_amount`, `tax_percent`, `discount_amount`,
`discount_tax_compensation_amount`, `weee_tax_applied_row_amount`, `price_incl_tax`); of the order its
amounts, and in `extension_attributes` gift cards, store credit, points, gift wrap, fees, the applied taxes.

Refused besides, by its field: rows of one `item_id` that differ; a parent that is not there; a bundle without
children; more cancelled than ordered; above 10,000 pieces in all; amounts that leave less than 0 to pay."""

_NOTE: Final[Schema] = nullable(text(LONGEST_TEXT))
_STATUS: Final[Schema] = nullable(text(LONGEST_NUMBER))
_ID: Final[Schema] = nullable(text(LONGEST_TEXT))
_AMOUNT: Final[Schema] = nullable(money(least=0))
_FLAG: Final[Schema] = {"enum": [None, True, False, 0, 1, "0", "1", "true", "false"]}
# How PHP writes an empty object, and how some write an empty list.
_EMPTY: Final[Schema] = {"type": "array", "maxItems": 0}
_NO_LIST: Final[Schema] = {"type": "object", "maxProperties": 0}
_CURRENCIES: Final = sorted(list_currencies() - NOT_MONEY)

ADDRESS: Final[Schema] = {
    "type": "object",
    "properties": {
        "entity_id": _ID,
        **dict.fromkeys(
            ("firstname", "lastname", "city", "region", "region_code", "postcode", "telephone", "email"),
            _NOTE,
        ),
        "street": nullable(
            {"type": "string", "maxLength": LONGEST_TEXT},
            {"type": "array", "items": {"type": "string", "maxLength": LONGEST_TEXT}, "maxItems": 20},
            _NO_LIST,
        ),
        "country_id": nullable(text(3)),
    },
}
ITEM: Final[Schema] = {
    "type": "object",
    "required": ["item_id", "sku", "qty_ordered"],
    "properties": {
        "item_id": {"anyOf": [integer(), visible_text(LONGEST_TEXT)]},
        "product_id": _ID,
        "sku": {"anyOf": [integer(), visible_text(LONGEST_TEXT)]},
        "name": _NOTE,
        "is_virtual": _FLAG,
        "qty_ordered": {
            "anyOf": [
                {"type": "number", "minimum": 0.0001, "maximum": 10_000},
                {"type": "string", "pattern": r"^[1-9][0-9]{0,3}(\.[0-9]{1,20})?$"},
            ]
        },
        **dict.fromkeys(("price", "base_price", "original_price"), _AMOUNT),
    },
}
ORDER: Final[Schema] = {
    "type": "object",
    "description": ABOUT_ORDERS,
    "required": [
        "increment_id",
        "created_at",
        "order_currency_code",
        "grand_total",
        "items",
        "billing_address",
        "status",
    ],
    "properties": {
        "increment_id": {"anyOf": [integer(), visible_text(LONGEST_NUMBER)]},
        "entity_id": _ID,
        "store_id": _ID,
        "state": _STATUS,
        "status": {"anyOf": [integer(), {"type": "string", "minLength": 1, "maxLength": LONGEST_NUMBER}]},
        "created_at": moment(),
        "updated_at": nullable(moment(empty=True)),
        "order_currency_code": {"type": "string", "enum": _CURRENCIES},
        "grand_total": money(least=0),
        "is_virtual": _FLAG,
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/MagentoItem"}, "minItems": 1},
        "billing_address": {"$ref": "#/components/schemas/MagentoAddress"},
        "payment": nullable(
            {"type": "object", "properties": {"method": _NOTE, "last_trans_id": _NOTE, "entity_id": _ID}},
            _EMPTY,
        ),
        "customer_id": _ID,
        "customer_is_guest": _FLAG,
        **dict.fromkeys(
            ("customer_firstname", "customer_lastname", "customer_email", "remote_ip", "coupon_code"), _NOTE
        ),
        "shipping_amount": _AMOUNT,
        "shipping_description": _NOTE,
        "extension_attributes": nullable(
            {
                "type": "object",
                "properties": {
                    "shipping_assignments": nullable(
                        {"type": "array", "items": {"$ref": "#/components/schemas/MagentoAssignment"}},
                        _NO_LIST,
                    )
                },
            },
            _EMPTY,
        ),
    },
}
ASSIGNMENT: Final[Schema] = {
    "type": "object",
    "properties": {
        "shipping": nullable(
            {
                "type": "object",
                "properties": {
                    "method": nullable(text(LONGEST_METHOD)),
                    "address": nullable({"$ref": "#/components/schemas/MagentoAddress"}, _EMPTY),
                },
            },
            _EMPTY,
        )
    },
}
_LIST: Final[Schema] = {
    "type": "object",
    "description": "Several, of which one at least can be read; each is answered for itself.",
    "required": ["items"],
    "properties": {
        "items": {
            "type": "array",
            "contains": {"$ref": "#/components/schemas/MagentoOrder"},
            "minItems": 1,
            "maxItems": MOST_ORDERS,
        }
    },
    "not": {"anyOf": [{"required": [mark]} for mark in ORDER_MARKS]},
}
ORDERS_IN: Final[Schema] = {"anyOf": [{"$ref": "#/components/schemas/MagentoOrder"}, _LIST]}
SCHEMAS: Final[dict[str, Schema]] = {
    "MagentoOrder": ORDER,
    "MagentoItem": ITEM,
    "MagentoAddress": ADDRESS,
    "MagentoAssignment": ASSIGNMENT,
}
