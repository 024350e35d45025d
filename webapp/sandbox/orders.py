"""What an order must hold to beyond its field table; raises Refusal, naming the field.

One payment with one transaction, references that lead somewhere, one line a piece numbered 1 to N,
sums that add up, bundles before their children, shipping last, every SKU known.
"""

import ipaddress
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from webapp.sandbox.refusal import missing, wrong
from webapp.sandbox.wire import Json

PRODUCT_TYPES = ("PHYSICAL", "VIRTUAL", "BUNDLE", "SERVICE", "SHIPPING")
BUNDLE_RULE = "mom_srcrr_FilterSourceBundleFromOneSource"
BUNDLE_RULES = ("SHIPTOGETHER", "SHIPSIMULTANEOUSLY", "SHIPSEPARATELY")

_NOT_EMPTY = ("id", "store", "origin")
_COUNTRY = re.compile(r"[A-Z]{2}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z][a-z]{3})?_[A-Z]{2}")
_ALL_OF_IT = 100
_RANK = {"PHYSICAL": 0, "VIRTUAL": 0, "BUNDLE": 0, "SERVICE": 1, "SHIPPING": 2}


def check_order(order: Json) -> None:
    """All but the SKUs and whether the id exists, which need the state."""
    _check_header(order)
    references = _check_addresses(order["addresses"])
    payment = _check_payment(order.get("payments") or [], references)
    lines = order.get("lines") or []
    if not lines:
        raise missing("order.lines", "at least one line")
    for index, line in enumerate(lines):
        _check_line(f"order.lines[{index}]", index, line, references, payment)
    check_families(lines)
    paid = payment["transactions"][0]["amount"]
    gross = _sum(line["amount"]["gross_amount"] for line in lines)
    if gross != paid:
        raise wrong(
            "order.payments[0].transactions[0].amount",
            f"the sum of the lines' gross amounts, {gross:f}",
            paid,
        )


def _check_header(order: Json) -> None:
    for name in _NOT_EMPTY:
        if not order[name]:
            raise wrong(f"order.{name}", "a string that is not empty", "")
    for name in ("status", "status_reason"):
        if order.get(name) is not None:
            raise wrong(f"order.{name}", "null in a new order", order[name])
    try:
        ipaddress.ip_address(order["ip"])
    except ValueError:
        raise wrong("order.ip", "an IP address", order["ip"]) from None
    if order.get("language") is not None:
        _match(_LANGUAGE, "order.language", "a locale such as en_US", order["language"])
    _match(_COUNTRY, "order.vat_country", "a country of two capital letters", order["vat_country"])
    customer = order["customer"]
    _one_of("order.customer.type", ("GUEST", "REGISTERED"), customer.get("type"))
    _one_of("order.customer.segment", ("B2C", "B2B"), customer.get("segment"))


def _check_addresses(addresses: list[Json]) -> set[str]:
    if not addresses:
        raise missing("order.addresses", "at least one address")
    references: set[str] = set()
    for index, address in enumerate(addresses):
        path = f"order.addresses[{index}]"
        if not address["reference"] or address["reference"] in references:
            raise wrong(f"{path}.reference", "a reference no other address has", address["reference"])
        references.add(address["reference"])
        _match(_COUNTRY, f"{path}.country_code", "a country of two capital letters", address["country_code"])
    return references


def _check_payment(payments: list[Json], references: set[str]) -> Json:
    if len(payments) != 1:
        raise wrong("order.payments", "exactly one payment", payments)
    payment = payments[0]
    transactions = payment.get("transactions") or []
    if len(transactions) != 1:
        raise wrong("order.payments[0].transactions", "exactly one transaction", transactions)
    path = "order.payments[0].transactions[0]"
    _match(
        _CURRENCY, "order.payments[0].currency", "a currency of three capital letters", payment["currency"]
    )
    _known(f"{path}.billing_address_reference", references, transactions[0]["billing_address_reference"])
    _at_least_0(f"{path}.amount", transactions[0]["amount"])
    return payment


def _check_line(path: str, index: int, line: Json, references: set[str], payment: Json) -> None:
    if line["line_number"] != index + 1:
        raise wrong(
            f"{path}.line_number",
            f"{index + 1}: lines are numbered 1 to N as they stand",
            line["line_number"],
        )
    for name in ("id", "sku"):
        if not line[name]:
            raise wrong(f"{path}.{name}", "a string that is not empty", "")
    if line["product_type"] not in PRODUCT_TYPES:
        raise wrong(f"{path}.product_type", "one of " + ", ".join(PRODUCT_TYPES), line["product_type"])
    if line.get("quantity") is not None:
        raise wrong(f"{path}.quantity", "no quantity: a line is one piece", line["quantity"])
    _known(f"{path}.shipping_address_reference", references, line["shipping_address_reference"])
    _known(f"{path}.payment_reference", {payment["reference"]}, line["payment_reference"])
    _check_amount(f"{path}.amount", line["amount"], payment["currency"])
    _check_promotions(path, line)
    if line["product_type"] == "BUNDLE":
        _check_bundle(path, line)
    if line["product_type"] == "SHIPPING" and line["id"] != "SHIPPING":
        raise wrong(f"{path}.id", "SHIPPING, as on every shipping line", line["id"])
    if line["product_type"] == "SERVICE" and line["id"] != line["sku"]:
        raise wrong(f"{path}.id", f"the SKU of the service, {line['sku']}", line["id"])
    if line.get("image_url") is None:
        raise missing(f"{path}.image_url", 'a string, "" where there is no image')


def _check_amount(path: str, amount: Json, currency: str) -> None:
    for name in ("net_amount", "tax_amount", "gross_amount", "tax_rate"):
        _at_least_0(f"{path}.{name}", amount[name])
    if amount["currency"] != currency:
        raise wrong(f"{path}.currency", f"the payment's currency, {currency}", amount["currency"])
    whole = _sum((amount["net_amount"], amount["tax_amount"]))
    if whole != amount["gross_amount"]:
        raise wrong(f"{path}.gross_amount", f"net_amount + tax_amount, {whole:f}", amount["gross_amount"])
    if not amount["taxes"]:
        raise wrong(f"{path}.taxes", "at least one tax (an untaxed line has one of type NO TAX)", [])
    for index, tax in enumerate(amount["taxes"]):
        if tax["type"] == "NO TAX" and (tax["amount"], tax["rate"]) != (0, 0):
            raise wrong(f"{path}.taxes[{index}]", "amount 0 and rate 0 where there is NO TAX", tax)
    taxed = _sum(tax["amount"] for tax in amount["taxes"])
    if taxed != amount["tax_amount"]:
        raise wrong(f"{path}.tax_amount", f"the sum of its taxes, {taxed:f}", amount["tax_amount"])


def _check_promotions(path: str, line: Json) -> None:
    told = line.get("promotions_info")
    if told is None:
        return
    for index, promotion in enumerate(told["promotions"]):
        for name in ("discount", "percentage"):
            _at_least_0(f"{path}.promotions_info.promotions[{index}].{name}", promotion[name])
        if promotion["percentage"] > _ALL_OF_IT:
            field = f"{path}.promotions_info.promotions[{index}].percentage"
            raise wrong(field, "at most 100", promotion["percentage"])
    left = _sum((told["original_price"], *(-promotion["discount"] for promotion in told["promotions"])))
    gross = line["amount"]["gross_amount"]
    if left != gross:
        raise wrong(
            f"{path}.promotions_info.original_price",
            f"gross_amount plus the promotions, {gross - left + told['original_price']:f}",
            told["original_price"],
        )


def _check_bundle(path: str, line: Json) -> None:
    if line["amount"]["gross_amount"] != 0:
        raise wrong(f"{path}.amount.gross_amount", "0 on a BUNDLE line", line["amount"]["gross_amount"])
    for index, attribute in enumerate(line.get("custom_attributes") or []):
        if attribute["name"] == BUNDLE_RULE and attribute["value"] not in BUNDLE_RULES:
            field = f"{path}.custom_attributes[{index}].value"
            raise wrong(field, "one of " + ", ".join(BUNDLE_RULES), attribute["value"])


def check_families(lines: list[Json]) -> None:
    """Each BUNDLE directly followed by its own children; goods, then SERVICE, then one SHIPPING at most."""
    bundle: Json | None = None
    childless = False
    rank = 0
    for index, line in enumerate(lines):
        path = f"order.lines[{index}]"
        if line.get("parent_line_number") is not None or line.get("parent_line_id") is not None:
            _check_child(path, line, bundle)
            childless = False
            continue
        if bundle is not None and childless:
            raise wrong(
                f"{path}.parent_line_number", "the BUNDLE line before it, which has no child yet", None
            )
        bundle = line if line["product_type"] == "BUNDLE" else None
        childless = bundle is not None
        if _RANK[line["product_type"]] < rank or (rank == 2):
            raise wrong(
                f"{path}.product_type",
                "goods first, then SERVICE, then one SHIPPING line at the end",
                line["product_type"],
            )
        rank = _RANK[line["product_type"]]
    if childless:
        raise wrong(
            f"order.lines[{len(lines) - 1}].product_type", "a BUNDLE followed by its children", "BUNDLE"
        )


def _check_child(path: str, line: Json, bundle: Json | None) -> None:
    if bundle is None or line.get("parent_line_number") != bundle["line_number"]:
        raise wrong(
            f"{path}.parent_line_number",
            "the number of the BUNDLE line it stands behind",
            line.get("parent_line_number"),
        )
    if line.get("parent_line_id") != bundle["id"]:
        raise wrong(
            f"{path}.parent_line_id",
            f"the id of that BUNDLE line, {bundle['id']}",
            line.get("parent_line_id"),
        )
    if line["product_type"] not in ("PHYSICAL", "VIRTUAL"):
        raise wrong(f"{path}.product_type", "PHYSICAL or VIRTUAL inside a bundle", line["product_type"])


def _sum(amounts: Iterable[Any]) -> Decimal:
    return sum((Decimal(amount) for amount in amounts), Decimal(0))


def _at_least_0(field: str, amount: Any) -> None:
    if amount < 0:
        raise wrong(field, "a number not below 0", amount)


def _known(field: str, references: set[str], value: str) -> None:
    if value not in references:
        raise wrong(field, "a reference that is in this order", value)


def _one_of(field: str, words: tuple[str, ...], value: str | None) -> None:
    if value is not None and value not in words:
        raise wrong(field, "one of " + ", ".join(words), value)


def _match(pattern: re.Pattern[str], field: str, expected: str, value: str) -> None:
    if not pattern.fullmatch(value):
        raise wrong(field, expected, value)
