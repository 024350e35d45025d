"""The demo store's orders, in Magento's shape: every state, every kind of product, sums that add up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

CENT = Decimal("0.01")
TAX_PERCENT = Decimal(19)


@dataclass(frozen=True, slots=True)
class DemoItem:
    """Something the demo store sells; `children` (name, SKU, price) make it a dynamic bundle."""

    sku: str
    name: str
    price: Decimal
    kind: str = "simple"
    variant: str = ""
    children: tuple[tuple[str, str, Decimal], ...] = ()


ITEMS = {
    item.sku: item
    for item in (
        DemoItem("ALP-2041", "Alpine Trail Backpack 28 L", Decimal("89.90")),
        DemoItem("RID-1107", "Ridge Merino Base Layer", Decimal("64.50"), "configurable", "RID-1107-M-MOSS"),
        DemoItem("LUM-3300", "Lumen 300 Headlamp", Decimal("39.95")),
        DemoItem("FLA-0750", "Insulated Flask 750 ml", Decimal("24.90")),
        DemoItem("SOC-4410", "Hiking Socks, Cushioned", Decimal("16.80")),
        DemoItem("MAP-GPX1", "GPX Route Collection: The Alps", Decimal("12.00"), "downloadable"),
        DemoItem("CRS-NAV2", "Online Course: Navigation by Map and Compass", Decimal("45.00"), "virtual"),
        DemoItem("TEN-0220", "Two-Person Tent Sierra", Decimal("349.00")),
        DemoItem(
            "KIT-CAMP",
            "Camp Kitchen Kit",
            Decimal("118.70"),
            "bundle",
            children=(
                ("Gas Stove Micro", "STV-0101", Decimal("54.90")),
                ("Titanium Pot 900 ml", "POT-0900", Decimal("49.90")),
                ("Folding Spork", "SPK-0002", Decimal("6.95")),
                ("Folding Mug", "MUG-0003", Decimal("6.95")),
            ),
        ),
    )
}

PEOPLE = (
    ("Maren", "Lindqvist", "Hafenstrasse 12", "Hamburg", "20457", "DE", "HH"),
    ("Jonas", "Becker", "Am Markt 3", "Bremen", "28195", "DE", "HB"),
    ("Amélie", "Fontaine", "18 rue des Lilas", "Lyon", "69003", "FR", ""),
    ("Tomasz", "Nowak", "ul. Długa 44", "Gdańsk", "80-831", "PL", ""),
    ("Priya", "Raman", "221 Lakeview Drive", "Chicago", "60614", "US", "IL"),
    ("Oskar", "Haugen", "Storgata 7", "Bergen", "5015", "NO", ""),
)


@dataclass(frozen=True, slots=True)
class DemoOrder:
    """One order of the demo: what was bought, by whom, how long ago, and where it stands in the store.

    `rebate` is percent off by a coupon; `surcharge` a fee that is in the total and in no field.
    """

    number: str
    state: str
    status: str
    bought: Sequence[tuple[str, int]]
    hours_ago: float
    person: int = 0
    guest: bool = False
    rebate: int = 0
    surcharge: Decimal = Decimal(0)


def demo_order(demo: DemoOrder, now: datetime) -> dict[str, Any]:
    """The order as Magento's REST would answer it."""
    rows = list(_rows(demo))
    shipped = any(not row["is_virtual"] for row in rows)
    placed = (now - timedelta(hours=demo.hours_ago)).strftime("%Y-%m-%d %H:%M:%S")
    sums = _sums(demo, rows, Decimal("5.95") if shipped else Decimal(0))
    order: dict[str, Any] = {
        "increment_id": demo.number,
        "entity_id": int(demo.number),
        "store_id": 1,
        "state": demo.state,
        "status": demo.status,
        "created_at": placed,
        "updated_at": placed,
        "remote_ip": f"198.51.100.{demo.person + 10}",
        "is_virtual": int(not shipped),
        **_people(demo),
        **sums,
        "payment": {
            "method": "checkmo",
            "entity_id": int(demo.number),
            "amount_ordered": sums["grand_total"],
        },
        "items": rows,
    }
    if demo.rebate:
        order["coupon_code"] = order["discount_description"] = "AUTUMN"
    if shipped:
        to = {**_address(demo), "address_type": "shipping", "entity_id": int(demo.number) * 2 + 1}
        method = {"address": to, "method": "flatrate_flatrate"}
        order["extension_attributes"] = {"shipping_assignments": [{"shipping": method}]}
    return order


def _people(demo: DemoOrder) -> dict[str, Any]:
    address = _address(demo)
    return {
        "customer_is_guest": int(demo.guest),
        "customer_email": address["email"],
        "customer_firstname": address["firstname"],
        "customer_lastname": address["lastname"],
        **({} if demo.guest else {"customer_id": demo.person + 1}),
        "billing_address": {**address, "address_type": "billing", "entity_id": int(demo.number) * 2},
    }


def _sums(demo: DemoOrder, rows: Sequence[dict[str, Any]], shipping: Decimal) -> dict[str, Any]:
    own = [row for row in rows if "parent_item_id" not in row]
    subtotal, row_tax, discount = (
        sum((row[field] for row in own), Decimal(0))
        for field in ("row_total", "tax_amount", "discount_amount")
    )
    shipping_tax = _cents(shipping * TAX_PERCENT / 100)
    tax = row_tax + shipping_tax
    return {
        "order_currency_code": "EUR",
        "base_currency_code": "EUR",
        "subtotal": subtotal,
        "discount_amount": -discount,
        "tax_amount": tax,
        "shipping_amount": shipping,
        "shipping_tax_amount": shipping_tax,
        "shipping_incl_tax": shipping + shipping_tax,
        "shipping_description": "Parcel service",
        "grand_total": subtotal - discount + tax + shipping + demo.surcharge,
    }


def _rows(demo: DemoOrder) -> Iterator[dict[str, Any]]:
    item_id = int(demo.number) * 100
    for sku, quantity in demo.bought:
        item = ITEMS[sku]
        item_id += 1
        parent = item_id
        if item.kind == "bundle":
            children = []
            for name, child_sku, price in item.children:
                item_id += 1
                child = _row(demo, item_id, DemoItem(child_sku, name, price), quantity)
                children.append({**child, "parent_item_id": parent})
            yield _bundle_row(demo, parent, item, quantity, children)
            yield from children
            continue
        yield _row(demo, parent, replace(item, sku=item.variant or item.sku), quantity)
        if item.kind == "configurable":
            item_id += 1
            variant = DemoItem(item.variant, f"{item.name}-M-Moss", Decimal(0))
            child = _row(demo, item_id, variant, quantity)
            yield {**child, "parent_item_id": parent}


def _row(demo: DemoOrder, item_id: int, sold: DemoItem, quantity: int) -> dict[str, Any]:
    total = sold.price * quantity
    discount = _cents(total * demo.rebate / 100)
    tax = _cents((total - discount) * TAX_PERCENT / 100)
    return {
        "item_id": item_id,
        "product_id": product_id_of(sold.sku),
        "product_type": sold.kind,
        "sku": sold.sku,
        "name": sold.name,
        "is_virtual": int(sold.kind in ("virtual", "downloadable")),
        "qty_ordered": quantity,
        "price": sold.price,
        "base_price": sold.price,
        "original_price": sold.price,
        "price_incl_tax": _cents(sold.price * (100 + TAX_PERCENT) / 100),
        "row_total": total,
        "row_total_incl_tax": total - discount + tax,
        "discount_amount": discount,
        "discount_percent": demo.rebate,
        "tax_amount": tax,
        "tax_percent": TAX_PERCENT if sold.price else 0,
        **({"applied_rule_ids": "7"} if discount else {}),
    }


def _bundle_row(
    demo: DemoOrder, item_id: int, item: DemoItem, quantity: int, children: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    row = _row(demo, item_id, item, quantity)
    for field in ("row_total", "row_total_incl_tax", "discount_amount", "tax_amount"):
        row[field] = sum((child[field] for child in children), Decimal(0))
    return row


def product_id_of(sku: str) -> int:
    """A product id that stays the same from run to run."""
    return sum(place * ord(letter) for place, letter in enumerate(sku, start=1)) % 100_000


def _address(demo: DemoOrder) -> dict[str, Any]:
    first, last, street, city, postcode, country, region = PEOPLE[demo.person % len(PEOPLE)]
    email = f"{first}.{last}@example.com".lower().replace("é", "e")
    address = {
        "firstname": first,
        "lastname": last,
        "street": [street],
        "city": city,
        "postcode": postcode,
        "country_id": country,
        "telephone": "+49 40 5550100",
        "email": email,
    }
    return {**address, "region_code": region} if region else address


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)
