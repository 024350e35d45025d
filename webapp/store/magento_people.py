"""Who bought and how they paid: addresses, customer and payment of a Magento order."""

from webapp.domain.order import Address, Customer, Payment
from webapp.store.fields import Fields

ANONYMOUS = "anonymous"


def read_address(fields: Fields, *, otherwise: str, email: str) -> Address:
    """One address; `otherwise` is its reference where the store gives it no id, `email` the order's."""
    return Address(
        reference=fields.identity("entity_id") or otherwise,
        first_name=fields.text("firstname"),
        last_name=fields.text("lastname"),
        street=fields.texts("street"),
        city=fields.text("city"),
        region=fields.text("region_code") or fields.text("region"),
        postcode=fields.text("postcode"),
        country=fields.text("country_id", longest=3),
        phone=fields.text("telephone"),
        email=fields.text("email") or email,
    )


def read_addresses(
    order: Fields, shipping: Fields, *, is_virtual: bool
) -> tuple[Address, Address | None, tuple[str, ...]]:
    """The billing address, where the order ships to (None: the billing address), and warnings."""
    if not order.has("billing_address"):
        raise order.refuse("billing_address", "an address")
    email = order.text("customer_email")
    billing = read_address(order.part("billing_address"), otherwise="billing", email=email)
    warnings = list(_gaps(billing, "billing_address"))
    if is_virtual:
        return billing, None, tuple(warnings)
    if not shipping.has("address"):
        warnings.append("The order has no shipping address; its billing address stands for it.")
        return billing, None, tuple(warnings)
    ship_to = read_address(shipping.part("address"), otherwise="shipping", email=email)
    warnings += _gaps(ship_to, shipping.at("address"))
    return billing, ship_to, tuple(warnings)


def read_customer(order: Fields, extension: Fields, billing: Address) -> Customer:
    """The customer: registered, or a guest of whom only the billing address is known."""
    customer_id = order.identity("customer_id")
    guest = order.flag("customer_is_guest") or customer_id in ("", "0")
    company = extension.part("company_order_attributes").identity("company_id")
    first = order.text("customer_firstname") or billing.first_name
    last = order.text("customer_lastname") or billing.last_name
    return Customer(
        id=ANONYMOUS if guest else customer_id,
        type="GUEST" if guest else "REGISTERED",
        segment="B2B" if company not in ("", "0") else "B2C",
        email=order.text("customer_email") or billing.email,
        name=f"{first} {last}".strip(),
    )


def read_payment(order: Fields) -> Payment:
    """How the order was paid; texts are "" where the method tells nothing."""
    payment = order.part("payment")
    method = payment.text("method")
    return Payment(
        reference=payment.identity("entity_id") or order.text("increment_id"),
        method=method,
        gateway_id=method,
        account=payment.text("cc_last4"),
        transaction_id=payment.text("last_trans_id") or payment.text("cc_trans_id"),
        authorization_status=payment.text("cc_status"),
    )


def _gaps(address: Address, path: str) -> list[str]:
    parts = {
        "firstname": address.first_name,
        "lastname": address.last_name,
        "street": address.street,
        "city": address.city,
        "country_id": address.country,
    }
    return [f"{path}.{name} is missing." for name, value in parts.items() if not value]
