"""What stands around every page: navigation, the integration's state in a sentence, banners."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Literal

from webapp.pages.words.statuses import Badge

THEMES = ("auto", "light", "dark")
THEME_COOKIE = "theme"


@dataclass(frozen=True, slots=True)
class NavItem:
    """An entry of the sidebar; `needs` is how much of it waits for a person."""

    label: str
    icon: str
    endpoint: str
    needs: int = 0


NAVIGATION = (
    NavItem("Overview", "overview", "overview.show"),
    NavItem("Orders", "orders", "orders.listing"),
    NavItem("Catalog", "catalog", "catalog.show"),
    NavItem("Stock", "stock", "stock.show"),
    NavItem("API Journal", "journal", "journal.listing"),
    NavItem("Integration", "integration", "integration.show"),
    NavItem("People", "people", "people.show"),
)


@dataclass(frozen=True, slots=True)
class Banner:
    """A sentence that stands on every page until what it says is over; `href` is where that is done."""

    text: str
    tone: Literal["info", "warning", "error", "held"]
    icon: str = "warning"
    link: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """`state` is the integration's: shape and tone by its badge, the sentence as the badge's word."""

    navigation: tuple[NavItem, ...]
    state: Badge | None = None
    banners: tuple[Banner, ...] = field(default=())


def navigation(existing: Container[str], needs: Mapping[str, int]) -> tuple[NavItem, ...]:
    """The entries whose endpoint exists, each with what `needs` says of it by endpoint."""
    return tuple(
        NavItem(item.label, item.icon, item.endpoint, needs.get(item.endpoint, 0))
        for item in NAVIGATION
        if item.endpoint in existing
    )


def theme_of(cookies: Mapping[str, str]) -> str:
    """The theme a browser asked for; `auto` follows its own setting."""
    chosen = cookies.get(THEME_COOKIE, "auto")
    return chosen if chosen in THEMES else "auto"
