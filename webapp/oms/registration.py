"""Registering with the service bus and leaving it (F01, F02; protocol: To the OMS)."""

from collections.abc import Sequence
from typing import Final

from webapp.oms.envelope import BadCall, encode_call, read_calls

REGISTER: Final = "magento.service_bus.remote.register"
UNREGISTER: Final = "magento.service_bus.remote.unregister"
PRODUCT: Final = "oms-connector"

# What stands in the journal for the secret, which is put in its place when the call is sent.
NOT_SHOWN: Final = "(the secret is not kept in the journal)"


def write_register(
    *, application_id: str, callback_url: str, secret: str, subscribes: Sequence[str], version: str
) -> dict[str, object]:
    """The params of `register`: who we are, where callbacks go, which topics we take, which version we are.

    `secret` is what callbacks are to be signed with ("" where none is set); in the journal `NOT_SHOWN` stands
    for it, and `with_secret` puts it in when the call is sent.
    """
    return {
        "id": application_id,
        "url": callback_url,
        "secret": secret,
        "contracts": [],
        "subscribes": list(subscribes),
        "labels": {"version": version, "product": PRODUCT},
    }


def write_unregister(application_id: str) -> dict[str, object]:
    """The params of `unregister`: who we were there."""
    return {"id": application_id}


def with_secret(call: bytes, secret: str) -> bytes:
    """A journaled `register` as it is sent; the same bytes for the same secret."""
    told = read_calls(call)[0]
    if isinstance(told, BadCall) or told.params.get("secret") != NOT_SHOWN:
        return call
    return encode_call(REGISTER, {**told.params, "secret": secret}, str(told.raw_id))


def without_secret(answer: bytes | None, secret: str) -> bytes | None:
    """An answer to `register` as it may be kept: an OMS may give back what it was sent."""
    if answer is None or not secret:
        return answer
    return answer.replace(secret.encode(), NOT_SHOWN.encode())
