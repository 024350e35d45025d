"""What has become of a unit line, by all that the OMS has said of it (protocol: From the OMS).

The latest date decides, and SHIPPED and CANCELLED are final; so the fate follows from what was said, not
from the order in which it arrived.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

SHIPPED: Final = "SHIPPED"
CANCELLED: Final = "CANCELLED"
FINAL: Final = frozenset({SHIPPED, CANCELLED})
# At the same date the later in this list stands.
_PLACES: Final = {
    status: place
    for place, status in enumerate(
        (
            *("NEW", "ALLOCATEDSHIP", "RECEIVEDBYLOGISTICS", "ITEM_PENDING_PICKING", "PICKREADY"),
            *("PICKCONFIRMED", "PICKDECLINED", "RESOURCED", SHIPPED, CANCELLED),
        )
    )
}


@dataclass(frozen=True, slots=True)
class Fate:
    """One word of the OMS on a line; `at` is its date, or the time it was received where it had none."""

    status: str
    reason: str
    at: datetime


def stands_above(told: Fate, now: Fate | None) -> bool:
    """Whether what is told takes the place of what stands now.

    Of two final statuses that contradict each other the one that was there stays.
    """
    if now is None:
        return True
    if (told.status in FINAL) != (now.status in FINAL):
        return told.status in FINAL
    if told.status in FINAL and told.status != now.status:
        return False
    return _recency(told) > _recency(now)


def _recency(fate: Fate) -> tuple[datetime, int, str, str]:
    return fate.at, _PLACES.get(fate.status, -1), fate.status, fate.reason
