"""OMS Connector: between a Magento store and its Order Management System.

`create_app` is loaded when it is asked for (`webapp/wiring.py`): the supervisor, and the sandbox, an app of
its own, do without the product.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from webapp.wiring import create_app

__all__ = ["create_app"]


def __getattr__(name: str) -> object:
    if name != "create_app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from webapp.wiring import create_app

    return create_app
