"""The SKU under which a shipping method is known to the OMS (F14)."""

from typing import Final

_NAMED: Final = {"flatrate_flatrate": "STANDARD"}


def shipping_sku(method: str) -> str:
    """`tablerate_bestway` → `TABLERATE-Bestway`, `ups_03` → `UPS-03`, `flatrate_flatrate` → `STANDARD`."""
    if method in _NAMED:
        return _NAMED[method]
    carrier, underscore, rest = method.partition("_")
    if not underscore:
        return carrier.upper()
    return f"{carrier.upper()}-{rest[:1].upper()}{rest[1:]}"
