"""What can be held, in a merchant's words (F04)."""

from collections.abc import Mapping, Sequence

from webapp.pages.words.topics import UNKNOWN, topic_words

_LANES = {
    "orders": "all orders to the OMS",
    "catalog": "all products to the OMS",
    "status_updates": "all order events from the OMS",
    "credit_memos": "all returns and refunds from the OMS",
    "stock": "all stock from the OMS",
}


def held_thing(scope: str, name: str) -> str:
    """What a hold is over: `all orders to the OMS`, `Shipment from the OMS`."""
    if scope == "lane":
        return _LANES.get(name, f"the lane {name}")
    words = topic_words(name) if scope == "topic" else UNKNOWN
    return words if words != UNKNOWN else f"the {scope} {name}"


def hold_choices(names: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """What can be held, as (value, words), lanes first."""
    return [(f"{scope} {name}", held_heading(scope, name)) for scope, some in names.items() for name in some]


def held_heading(scope: str, name: str) -> str:
    """The same where a sentence begins."""
    words = held_thing(scope, name)
    return words[:1].upper() + words[1:]
