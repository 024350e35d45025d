"""What the OMS would be told of an order: its unit lines and the call, before anything is written (F17)."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from webapp.domain.lines import Breakdown
from webapp.domain.order import StoreOrder
from webapp.domain.settings import Settings
from webapp.domain.unit_lines import break_down
from webapp.oms.topics import order_create
from webapp.oms.wire import encode

DEFAULT_PAYMENT = {"payment_method": "ZEROPAY", "payment_submethod": "OFFLINE"}


@dataclass(frozen=True, slots=True)
class StoreView:
    """Where an order was placed: the store view's website, sales channel and language."""

    website: str
    channel: str
    locale: str
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Composed:
    """An order ready to be told; `content_hash` is over all of it, so the same hash is the same content."""

    order: StoreOrder
    view: StoreView
    breakdown: Breakdown
    params: dict[str, Any]
    content_hash: str

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the journal and the order page point out."""
        view = (self.view.warning,) if self.view.warning else ()
        return (*self.order.warnings, *view, *self.breakdown.warnings)


def compose_order(
    order: StoreOrder, settings: Settings, *, reviewed: bool = False, show_sums: bool = False
) -> Composed:
    """Break an order down and write the call's params; raises `Refused` naming the row that can't be.

    `reviewed`: someone has looked at it, so a residual goes as a service line whatever the setting says.
    `show_sums`: the breakdown tells how it was arrived at.
    """
    view = store_view(order.store_id, settings)
    held = settings.text("orders.residual") == "hold" and not reviewed
    breakdown = break_down(order, residual="hold" if held else "service_line", show_sums=show_sums)
    payments = settings.table("payments.map")
    payment = payments.get(order.payment.method) or payments.get("*") or DEFAULT_PAYMENT
    params = order_create.write(
        order,
        breakdown,
        channel=view.channel,
        language=view.locale,
        vat_country=settings.text("orders.vat_country") or (order.ship_to or order.billing).country,
        payment_method=payment.get("payment_method", "ZEROPAY"),
        payment_submethod=payment.get("payment_submethod", "OFFLINE"),
    )
    return Composed(order, view, breakdown, params, sha256(encode(params)).hexdigest())


def store_view(store_id: str, settings: Settings) -> StoreView:
    """The store view of `stores.map`; one that is not in it is taken for the first, with a warning."""
    stores = settings.table("stores.map")
    entry, warning = stores.get(store_id), ""
    if entry is None:
        first, entry = next(iter(stores.items()))
        warning = f"store_id {store_id or '(none)'} is not in stores.map; it was taken for store {first}."
    website = entry.get("website") or "base"
    return StoreView(website, entry.get("channel") or website, entry.get("locale") or "en_US", warning)
