"""The topics this OMS takes, and what each does. All checks come before the first change."""

from collections.abc import Callable
from typing import Any

from webapp.sandbox.catalog import check_skus, keep_product
from webapp.sandbox.fulfilment import cancel_order, refuse_if_in_logistics, tell_created
from webapp.sandbox.order_book import HeldOrder, add_order, find_order, keep_order
from webapp.sandbox.orders import check_order
from webapp.sandbox.postsales import authorize_return, tell_history
from webapp.sandbox.refusal import Refusal, wrong
from webapp.sandbox.registration import register, unregister
from webapp.sandbox.state import Database, setting
from webapp.sandbox.stock import search_stock
from webapp.sandbox.wire import Json

REGISTER = "magento.service_bus.remote.register"
CREATE = "magento.sales.order_management.create"


def create_order(db: Database, params: Json) -> bool:
    """`order_management.create`: take the order, or refuse it for the first thing wrong."""
    order = params["order"]
    if find_order(db, order["id"]) is not None:
        raise Refusal(
            f"Order {order['id']} already exists", field="order.id", expected="an id that does not exist yet"
        )
    check_order(order)
    check_skus(db, order["lines"])
    held = add_order(db, order)
    if setting(db, "call_back_first", False):
        tell_created(db, held)
        keep_order(db, held)
    return True


def cancel(db: Database, params: Json) -> Json:
    """`order_management.cancel`: all that is open is cancelled; answers with the order."""
    held = _known_order(db, "order_id", params["order_id"], params.get("sales_channel_id"))
    if held.order["status"] != "CANCELLED":
        refuse_if_in_logistics(held)
        cancel_order(db, held, "CUSTOMERREQ")
        keep_order(db, held)
    return held.order


def find(db: Database, params: Json) -> Json | None:
    """`order_repository.find`: the order, or null where there is none."""
    held = find_order(db, params["id"])
    return held.order if held is not None and held.store == params["sales_channel_id"] else None


def report_history(db: Database, params: Json) -> bool:
    """`order_management.report_history`: what is known of the order is told again."""
    tell_history(db, _known_order(db, "order_id", params["order_id"], params["sales_channel_id"]))
    return True


def authorize(db: Database, params: Json) -> bool:
    """`return_management.authorize`: a return begun in the store."""
    asked = params["return"]
    held = _known_order(db, "return.order_id", asked["order_id"], asked["sales_channel_id"])
    authorize_return(db, held, asked)
    keep_order(db, held)
    return True


def _known_order(db: Database, field: str, order_id: str, store: str | None) -> HeldOrder:
    held = find_order(db, order_id)
    if held is None:
        raise Refusal(
            f"Unknown order {order_id}",
            field=field,
            expected="the id of an order that was created",
            not_there=True,
        )
    if store is not None and store != held.store:
        raise wrong("sales_channel_id", f"the order's sales channel, {held.store}", store)
    return held


PERFORM: dict[str, Callable[[Database, Json], Any]] = {
    REGISTER: register,
    "magento.service_bus.remote.unregister": unregister,
    "magento.catalog.product_management.updated": keep_product,
    CREATE: create_order,
    "magento.sales.order_management.cancel": cancel,
    "magento.sales.order_management.report_history": report_history,
    "magento.sales.order_repository.find": find,
    "magento.inventory.aggregate_stock_repository.search": search_stock,
    "magento.postsales.return_management.authorize": authorize,
}
