"""A browser is sent to pages of this server only (R6)."""

import pytest

from webapp.pages.redirects import local_path


@pytest.mark.parametrize(
    "address", ["/", "/orders", "/journal?status=failed&q=a%2Fb", "/orders/000000042#shipments"]
)
def test_own_pages_are_followed(address: str) -> None:
    assert local_path(address, "/x") == address.partition("#")[0]


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "orders",
        "https://evil.example/",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "javascript:alert(1)",
        "http:/evil",
        "http://[::1",
    ],
)
def test_everything_else_is_not(address: str | None) -> None:
    assert local_path(address, "/fallback") == "/fallback"
