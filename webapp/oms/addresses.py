"""Which network addresses are never called unless a setting allows them (setting `oms.allow_addresses`).

Link-local addresses and those under which clouds hand their machines' credentials to whoever asks.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

_METADATA: Final = tuple(
    ip_network(network)
    for network in (
        "100.100.100.200/32",
        "168.63.129.16/32",
        "169.254.0.0/16",
        "192.0.0.192/32",
        "fd00:ec2::/32",
        "fd20:ce::/32",
        "fe80::/10",
    )
)
_NAT64: Final = ip_network("64:ff9b::/96")


def is_refused(address: str, allowed: Sequence[str]) -> bool:
    """Whether `address` (as resolved, never a name) is link-local or a cloud's, and in no allowed network.

    Raises `ValueError` where an entry of `allowed` is no network.
    """
    forms = _forms_of(address)
    permitted = [ip_network(network.strip(), strict=False) for network in allowed if network.strip()]
    if any(form in network for form in forms for network in permitted):
        return False
    return any(form in network for form in forms for network in _METADATA)


def _forms_of(address: str) -> list[IPv4Address | IPv6Address]:
    """The address and the IPv4 address inside it, if it carries one."""
    plain = ip_address(address.partition("%")[0])
    forms = [plain]
    if isinstance(plain, IPv6Address):
        inside = plain.ipv4_mapped or plain.sixtofour
        if inside is None and plain in _NAT64:
            inside = IPv4Address(int(plain) & 0xFFFFFFFF)
        if inside is not None:
            forms.append(inside)
    return forms
