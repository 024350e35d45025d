"""Registering with the service bus and leaving it (F01, F02; protocol: To the OMS)."""

from collections.abc import Sequence
from typing import Final

REGISTER: Final = "magento.service_bus.remote.register"
UNREGISTER: Final = "magento.service_bus.remote.unregister"
PRODUCT: Final = "oms-connector"


def write_register(
    *, application_id: str, callback_url: str, secret: str, subscribes: Sequence[str], version: str
) -> dict[str, object]:
    """The params of `register`: who we are, where callbacks go, which topics we take, which version we are.

    `secret` is what callbacks are to be signed with ("" where none is set).
    """
    return {
        "id": application_id,
        "url": callback_url,
        "secret": secret,
        "contracts": [],
        "subscribes": list(subscribes),
        "labels": {"version": version, "product": PRODUCT},
    }


def write_unregister(*, application_id: str) -> dict[str, object]:
    """The params of `unregister`."""
    return {"id": application_id}
