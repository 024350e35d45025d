"""What stands around every page: navigation, the integration's state in a sentence, banners."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Literal

from flask import current_app, url_for

from webapp import clock
from webapp.extensions import current_config, read
from webapp.pages.sight import discreet
from webapp.pages.words.holds import held_thing
from webapp.pages.words.integration import state_of
from webapp.pages.words.statuses import Badge
from webapp.queries.frame import Standing, read_standing

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


def page_frame() -> Frame:
    """The frame of the page being shown; every template's `page_frame()`."""
    with read() as session:
        standing = read_standing(session)
    needs = {"orders.listing": standing.orders_in_need, "journal.listing": standing.messages_in_need}
    return Frame(
        navigation(current_app.view_functions, needs),
        state_of(standing, clock.now()),
        banners_of(standing, current_config().sandbox_url),
    )


def banners_of(standing: Standing, sandbox_url: str | None) -> tuple[Banner, ...]:
    """What every page says until it is over: what is held, what is not safe, what is not real."""
    integration = url_for("integration.show")
    banners = []
    if standing.disabled:
        words = f"{standing.disabled} Messages to the OMS are held, its calls are turned away."
        banners.append(Banner(words, "held", "held", "Enable it", integration))
    for scope, name, why in standing.holds_by_hand:
        words = f"Held by hand: {held_thing(scope, name)}. {discreet(why)}"
        banners.append(Banner(words, "held", "held", "Let it go", f"{integration}#holds"))
    if not standing.url:
        words = "No OMS address is set, so messages to it are held."
        banners.append(Banner(words, "held", "held", "Set it", f"{integration}#address"))
    secrets = f"{integration}#secrets"
    if not standing.requires_signature:
        words = (
            "Calls from the OMS are taken without a signature: anyone who reaches this server can send them."
        )
        banners.append(Banner(words, "warning", link="Require signatures", href=secrets))
    elif not standing.has_secret:
        words = "No secret is set, so every call from the OMS is refused."
        banners.append(Banner(words, "warning", link="Set a secret", href=secrets))
    if sandbox_url and standing.url == sandbox_url:
        words = "Connected to the sandbox OMS on this machine. Nothing here reaches a real one."
        banners.append(Banner(words, "info", "info", link="Set a real one", href=f"{integration}#address"))
    return tuple(banners)
