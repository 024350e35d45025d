"""Topic → what it is in a merchant's words (protocol: To the OMS, From the OMS)."""

_WORDS = {
    "store.order": "Order from the store",
    "magento.service_bus.remote.register": "Registration with the OMS",
    "magento.service_bus.remote.unregister": "Registration with the OMS ended",
    "oms_connector.self_test": "Self-test: a callback to ourselves",
    "magento.catalog.product_management.updated": "Product sent to the OMS",
    "magento.sales.order_management.create": "Order sent to the OMS",
    "magento.sales.order_management.cancel": "Cancellation sent to the OMS",
    "magento.sales.order_management.report_history": "Order's history asked of the OMS",
    "magento.sales.order_repository.find": "Order looked up in the OMS",
    "magento.inventory.aggregate_stock_repository.search": "Stock looked up in the OMS",
    "magento.postsales.return_management.authorize": "Return sent to the OMS",
    "magento.sales.order_management.created": "Order loaded by the OMS",
    "magento.sales.order_management.updated": "Order status from the OMS",
    "magento.sales.order_management.line_cancelled": "Line cancelled by the OMS",
    "magento.sales.order_management.reported": "Order reported by the OMS",
    "magento.logistics.fulfillment_management.customer_shipment_done": "Shipment from the OMS",
    "magento.logistics.warehouse_management.lines_shipped": "Shipment from the warehouse",
    "magento.postsales.return_management.updated": "Return from the OMS",
    "magento.postsales.return_management.received": "Return received by the OMS",
    "magento.postsales.return_management.reported": "Return reported by the OMS",
    "magento.postsales.refund_management.updated": "Refund from the OMS",
    "magento.postsales.refund_management.reported": "Refund reported by the OMS",
    "magento.inventory.aggregate_stock_management.updated": "Stock from the OMS",
    "magento.inventory.aggregate_management.created": "Aggregate created in the OMS",
    "magento.inventory.aggregate_management.updated": "Aggregate changed in the OMS",
    "magento.inventory.aggregate_management.deleted": "Aggregate deleted in the OMS",
}
UNKNOWN = "Message of an unknown topic"


def topic_words(topic: str) -> str:
    """What a topic is called; its code belongs beneath."""
    return _WORDS.get(topic, UNKNOWN)


def topic_choices() -> list[tuple[str, str]]:
    """All known topics as (code, words), by their words: the choices of a filter."""
    return sorted(_WORDS.items(), key=lambda pair: pair[1])
