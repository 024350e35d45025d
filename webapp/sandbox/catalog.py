"""The OMS's catalog: products as they are told, and which SKUs an order may name (F08, F11)."""

from webapp.sandbox import wire
from webapp.sandbox.orders import BUNDLE_RULE, BUNDLE_RULES
from webapp.sandbox.refusal import Refusal, wrong
from webapp.sandbox.state import Database, setting
from webapp.sandbox.wire import Json


def keep_product(db: Database, params: Json) -> bool:
    """`magento.catalog.product_management.updated`: check it beyond its table and keep it by its SKU."""
    product = params["product"]
    check_product(product)
    db.execute("INSERT OR REPLACE INTO products VALUES (?, ?)", (product["sku"], wire.write(product)))
    return True


def check_product(product: Json) -> None:
    """Raise unless the product is one this OMS takes."""
    for name in ("id", "sku"):
        if not product[name]:
            raise wrong(f"product.{name}", "a string that is not empty", "")
    if product["status"] not in ("ACTIVE", "INACTIVE"):
        raise wrong("product.status", "ACTIVE or INACTIVE", product["status"])
    unscoped = [name for name in product["name"] if not name.get("locale") and not name.get("channel")]
    if len(unscoped) != 1:
        raise wrong("product.name", "exactly one name without locale and channel", product["name"])
    if product.get("price") is not None and product["price"]["amount"] < 0:
        raise wrong("product.price.amount", "a number not below 0", product["price"]["amount"])
    for index, attribute in enumerate(product["custom_attributes"]):
        path = f"product.custom_attributes[{index}]"
        if attribute.get("attribute_code") not in (None, attribute["name"]):
            raise wrong(f"{path}.attribute_code", "the same as its name", attribute["attribute_code"])
        if attribute["name"] == BUNDLE_RULE and attribute["value"] not in BUNDLE_RULES:
            raise wrong(f"{path}.value", "one of " + ", ".join(BUNDLE_RULES), attribute["value"])


def check_skus(db: Database, lines: list[Json]) -> None:
    """Refuse the first line whose SKU was never told of, unless that is switched off."""
    if not setting(db, "refuse_unknown_skus", True):
        return
    for index, line in enumerate(lines):
        if db.execute("SELECT 1 FROM products WHERE sku = ?", (line["sku"],)).fetchone() is None:
            field = f"order.lines[{index}].sku"
            raise Refusal(
                f'Unknown SKU "{line["sku"]}": it is not in the catalog ({field})',
                field=field,
                expected="a SKU that is in the catalog",
            )


def count_products(db: Database) -> int:
    """How many are known."""
    count: int = db.execute("SELECT count(*) FROM products").fetchone()[0]
    return count
