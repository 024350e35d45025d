"""A Magento order's fields as they are read, and what its fields say together (magento.md, F17)."""

import re
from decimal import Decimal
from typing import Any

from babel.numbers import list_currencies

from tests.fuzz.tables import Field, Leaf, List, Object, Wrong, amount, is_flag, is_time, whole, wrong

CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
CURRENCIES = list_currencies() - {"XXX", "XTS"}
# An amount is rounded before it is compared with 0, a quantity is not.
JUST_BELOW_0 = Decimal("-0.000049999999999999999999")
HALF_OF_THE_LEAST = Decimal("0.00005")
MOST_IN_A_LIST = 20_000


def _seen(text: str) -> str:
    return CONTROLS.sub(" ", text).strip()


def _text(longest: int = 255, *, something: bool = False) -> Leaf:
    def fits(value: Any) -> bool:
        if isinstance(value, str):
            return len(value) <= longest and (not something or _seen(value) != "")
        return isinstance(value, int | Decimal) and whole()(value)

    return Leaf(fits)


def _identity(*, something: bool = False) -> Leaf:
    def fits(value: Any) -> bool:
        if isinstance(value, str):
            return len(value.strip()) <= 255 and (not something or _seen(value.strip()) != "")
        return whole()(value)

    return Leaf(fits)


def _object(**fields: Field) -> Object:
    # An empty list is how PHP writes an empty object.
    return Object(fields, empty=lambda value: value == [])


def _list(each: Leaf | Object) -> List:
    return List(each, most=MOST_IN_A_LIST)


def _all(names: str, kind: Leaf, *, seldom: bool = False) -> dict[str, Field]:
    return {name: Field(kind, seldom=seldom) for name in names.split()}


def _is_street(value: Any) -> bool:
    texts = [value] if isinstance(value, str) else value
    if texts is None or texts == {}:
        return True
    return isinstance(texts, list) and all(isinstance(one, str) and len(one) <= 255 for one in texts)


def _is_number(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= 64 and _seen(value) != "" and value.strip().isprintable()
    return whole()(value)


TEXT, ID, MONEY = _text(), _identity(), Leaf(amount())
AMOUNT, QUANTITY = Leaf(amount(JUST_BELOW_0)), Leaf(amount(Decimal(0), 10**8))
FLAG, TIME = Leaf(is_flag), Leaf(is_time, lambda value: value is None or value == "")
ADDRESS = _object(
    **_all("entity_id", ID),
    **_all("firstname lastname city postcode telephone email region_code", TEXT),
    **_all("region", TEXT, seldom=True),
    street=Field(Leaf(_is_street)),
    country_id=Field(_text(3)),
)
TAX = _object(**_all("code title tax_code", TEXT, seldom=True), **_all("percent amount", AMOUNT, seldom=True))
ITEM = _object(
    item_id=Field(_identity(something=True), needed=True),
    sku=Field(_text(something=True), needed=True),
    qty_ordered=Field(Leaf(amount(HALF_OF_THE_LEAST, 10**8)), needed=True),
    **_all("qty_canceled qty_backordered", QUANTITY),
    **_all("parent_item_id product_id", ID),
    **_all("product_type name applied_rule_ids", TEXT),
    **_all("is_virtual", FLAG),
    **_all("price base_price price_incl_tax original_price discount_amount tax_percent", AMOUNT),
    **_all("weee_tax_applied_row_amount", AMOUNT),
    **_all("tax_amount discount_tax_compensation_amount row_total row_total_incl_tax", MONEY),
    extension_attributes=Field(_object()),
)
EXTENSION = _object(
    **_all("gift_cards_amount customer_balance_amount reward_currency_amount", AMOUNT),
    **_all("gw_price gw_items_price gw_card_price", AMOUNT),
    **_all("gw_tax_amount gw_items_tax_amount gw_card_tax_amount", AMOUNT),
    gift_cards=Field(_list(_object(**_all("id", ID), **_all("code", TEXT), **_all("amount", AMOUNT)))),
    shipping_assignments=Field(
        _list(
            _object(
                shipping=Field(
                    _object(method=Field(_text(120), seldom=True), address=Field(ADDRESS, seldom=True)),
                    seldom=True,
                )
            )
        ),
        # Only the first is read.
        seldom=True,
    ),
    item_applied_taxes=Field(
        _list(
            _object(**_all("type", TEXT), **_all("item_id", ID, seldom=True), applied_taxes=Field(_list(TAX)))
        )
    ),
    custom_fees=Field(
        _list(
            _object(
                custom_fee_code=Field(_text(60, something=True), needed=True),
                **_all("custom_fee_amount", MONEY),
                **_all("custom_fee_label", TEXT, seldom=True),
            )
        )
    ),
    company_order_attributes=Field(_object(**_all("company_id", ID))),
)
ORDER = _object(
    increment_id=Field(Leaf(_is_number), needed=True),
    created_at=Field(TIME, needed=True),
    order_currency_code=Field(
        Leaf(lambda value: isinstance(value, str) and value in CURRENCIES), needed=True
    ),
    grand_total=Field(AMOUNT, needed=True),
    items=Field(_list(ITEM), needed=True),
    billing_address=Field(ADDRESS, needed=True),
    **_all("entity_id store_id customer_id", ID),
    **_all("state status", _text(64)),
    **_all("updated_at", TIME),
    **_all("remote_ip coupon_code discount_description applied_rule_ids customer_email", TEXT),
    **_all("customer_firstname customer_lastname shipping_description", TEXT),
    **_all("x_forwarded_for", TEXT, seldom=True),
    **_all("subtotal tax_amount discount_amount shipping_discount_tax_compensation_amount", MONEY),
    **_all("total_canceled tax_canceled shipping_amount shipping_tax_amount", AMOUNT),
    **_all("shipping_incl_tax shipping_discount_amount", AMOUNT),
    **_all("is_virtual customer_is_guest", FLAG),
    shipping_method=Field(_text(120), seldom=True),
    payment=Field(
        _object(
            **_all("entity_id", ID),
            **_all("method cc_last4 last_trans_id cc_status", TEXT),
            **_all("cc_trans_id", TEXT, seldom=True),
        )
    ),
    extension_attributes=Field(EXTENSION),
)
# What may be to blame for what no field says by itself: rows that differ, parents, pieces, sums.
TOGETHER = (
    r"items(\[\d+\](\.(item_id|parent_item_id|product_type|qty_ordered|qty_canceled|row_total))?)?",
    r"items\[\d+\]\.parent_item(\..*)?",
    r"shipping_discount_amount",
)


def wrong_order(order: Any) -> list[Wrong]:
    """All that does not fit in an order."""
    found = list(wrong(ORDER, order))
    if isinstance(order, dict):
        said = [order.get(name) for name in ("state", "status")]
        if all(one is None or (isinstance(one, str) and _seen(one) == "") for one in said):
            found.append(Wrong("status"))
        if order.get("items") in ([], {}):
            found.append(Wrong("items"))
    return found
