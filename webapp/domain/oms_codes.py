"""The OMS's status and reason codes in their one spelling, whatever a peer makes of them."""

import re
from typing import Final

_WITH_UNDERSCORES: Final = (
    "NEW_ORDER",
    "PARTIALLY_COMPLETE",
    "PRE_CANCELLATION",
    "PENDING_REMORSE_TIME",
    "PENDING_RISKASSESSMENT_REPLY",
    "PENDING_FIRST_SHIPMENT",
    "ITEM_PENDING_PICKING",
)
_SPELLINGS: Final = {code.replace("_", ""): code for code in _WITH_UNDERSCORES} | {"CANCELED": "CANCELLED"}
_BETWEEN_WORDS: Final = re.compile(r"[\s_-]+")


def normalise(code: str) -> str:
    """A code in capitals with the underscores it is documented with: `pendingremorsetime` and
    `Pending-Remorse-Time` are PENDING_REMORSE_TIME; one that is not known keeps its own.
    """
    capitals = _BETWEEN_WORDS.sub("_", code.strip()).upper()
    return _SPELLINGS.get(capitals.replace("_", ""), capitals)
