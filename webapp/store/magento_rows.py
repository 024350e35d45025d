"""The rows of a Magento order: each counted once, parents and children, with their taxes and discounts."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final

from webapp.domain.money import plain
from webapp.domain.order import Row, RowDiscount, RowTax
from webapp.domain.refusals import Refused
from webapp.store.fields import Fields

Taxes = Mapping[str, tuple[RowTax, ...]]
SHIPPING: Final = "shipping"
NO_PARENT: Final = "0"


def read_rows(order: Fields, taxes: Taxes) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    """The order's rows, and warnings; `taxes` are the applied ones by item id.

    A row that comes again is passed over; with other content it is refused. A parent that is only
    embedded in its child takes the place before it.
    """
    listed = list(order.parts("items"))
    if not listed:
        raise order.refuse("items", "a list of at least one item")
    rows: dict[str, Row] = {}
    warnings = []
    own_ids = {fields.identity("item_id") for fields in listed}
    for fields in listed:
        for row in _with_embedded_parent(fields, own_ids, taxes):
            known = rows.setdefault(row.item_id, row)
            if known is row:
                continue
            if replace(known, path="") != replace(row, path=""):
                raise Refused(
                    f"{row.path}.item_id", f"another id than {known.path}, or its content", row.item_id
                )
            if row.path == fields.path:
                warnings.append(f"{row.path} repeats {known.path} and was counted once.")
    return tuple(rows.values()), tuple(warnings)


def read_applied_taxes(extension: Fields) -> Taxes:
    """`item_applied_taxes` by item id; those of shipping under `shipping`."""
    found: dict[str, tuple[RowTax, ...]] = {}
    for item in extension.parts("item_applied_taxes"):
        key = SHIPPING if item.text("type") == SHIPPING else item.identity("item_id")
        if key:
            found[key] = found.get(key, ()) + tuple(_applied(item.parts("applied_taxes")))
    return found


def _applied(taxes: Iterable[Fields]) -> Iterable[RowTax]:
    for tax in taxes:
        yield RowTax(tax.text("code") or tax.text("title"), tax.amount("percent"), tax.amount("amount"))


def _with_embedded_parent(fields: Fields, own_ids: set[str], taxes: Taxes) -> Iterable[Row]:
    parent_id = fields.identity("parent_item_id")
    if parent_id == NO_PARENT:
        parent_id = ""
    if fields.has("parent_item"):
        parent = fields.part("parent_item")
        parent_id = parent_id or parent.identity("item_id")
        if parent_id not in own_ids and parent.identity("item_id") == parent_id:
            yield _read_row(parent, parent.identity("parent_item_id"), taxes)
    yield _read_row(fields, parent_id, taxes)


def _read_row(fields: Fields, parent_id: str, taxes: Taxes) -> Row:
    item_id = fields.identity("item_id")
    if not item_id:
        raise fields.refuse("item_id", "the id of the row")
    sku = fields.needed_text("sku")
    ordered, canceled = _read_quantities(fields)
    extension = fields.part("extension_attributes") if fields.has("extension_attributes") else None
    return Row(
        item_id=item_id,
        parent_item_id=parent_id or None,
        product_id=fields.identity("product_id"),
        product_type=fields.text("product_type") or "simple",
        sku=sku,
        name=fields.text("name") or sku,
        is_virtual=fields.flag("is_virtual"),
        qty_ordered=ordered,
        qty_canceled=canceled,
        qty_backordered=fields.quantity("qty_backordered"),
        price=fields.amount("price"),
        base_price=fields.amount("base_price"),
        price_incl_tax=fields.amount("price_incl_tax"),
        original_price=fields.amount("original_price"),
        discount_amount=fields.amount("discount_amount"),
        tax_amount=fields.money("tax_amount"),
        tax_percent=fields.amount("tax_percent"),
        compensation=fields.money("discount_tax_compensation_amount"),
        weee=fields.amount("weee_tax_applied_row_amount"),
        row_total=fields.money("row_total"),
        row_total_incl_tax=fields.money("row_total_incl_tax"),
        applied_rule_ids=fields.text("applied_rule_ids"),
        taxes=taxes.get(item_id) or (_itemized(extension) if extension else ()),
        discounts=_discounts(extension) if extension else (),
        path=fields.path,
    )


def _read_quantities(fields: Fields) -> tuple[Decimal, Decimal]:
    ordered = fields.needed_quantity("qty_ordered")
    canceled = fields.quantity("qty_canceled")
    if canceled > ordered:
        raise fields.refuse("qty_canceled", f"at most the {plain(ordered)} ordered")
    return ordered, canceled


def _itemized(extension: Fields) -> tuple[RowTax, ...]:
    return tuple(
        RowTax(tax.text("tax_code"), tax.amount("tax_percent"), tax.amount("amount"))
        for tax in extension.parts("itemized_taxes")
    )


def _discounts(extension: Fields) -> tuple[RowDiscount, ...]:
    return tuple(
        RowDiscount(
            discount.identity("rule_id") or discount.identity("rule_i_d"),
            discount.text("rule_label") or "Discount",
            discount.part("discount_data").amount("amount"),
        )
        for discount in extension.parts("discounts")
    )
