"""When a message that was not delivered is tried again, and when no more (F05).

A message has 48 hours of time in which it could be sent; whoever keeps the journal lets them run and
stand still, and knows by `expires_at` when they end. One attempt that starts at that end or later is
owed, however late; when that one fails too, the message has expired.
"""

from datetime import datetime, timedelta
from typing import Final

BASE_SECONDS: Final = 10.0
CAP_SECONDS: Final = 1800.0
SPREAD: Final = 0.2
# A far side's Retry-After is honoured up to here; a larger one would park a message for good.
LONGEST_WAIT_ASKED_FOR: Final = 86_400.0
# From here on the doubled base is above every cap; larger powers of two only overflow.
_DOUBLINGS: Final = 60


def backoff(tries: int, *, jitter: float, base: float = BASE_SECONDS, cap: float = CAP_SECONDS) -> float:
    """Seconds to wait after the `tries`-th try failed: `base` doubling up to `cap`, ±20 %.

    `tries` counts from 1; `jitter` in [0, 1) says where in the spread, 0.5 being the middle.
    """
    if tries < 1:
        raise ValueError(f"tries: expected a number of at least 1, got {tries}")
    if not 0 <= jitter < 1:
        raise ValueError(f"jitter: expected a number from 0 to below 1, got {jitter}")
    doubled = base * 2.0 ** min(tries - 1, _DOUBLINGS)
    return min(doubled, cap) * (1 - SPREAD + 2 * SPREAD * jitter)


def next_try(  # noqa: PLR0913 - the figures of one try, each named by its caller
    *,
    started_at: datetime,
    ended_at: datetime,
    tries: int,
    expires_at: datetime,
    jitter: float,
    base: float = BASE_SECONDS,
    retry_after: float | None = None,
) -> datetime | None:
    """When to try again after the try from `started_at` to `ended_at` failed; None when it has expired.

    Backoff never reaches past the window's end: the last attempt is made right there, not up to half an
    hour later. Where the far side asked for more patience than that (`retry_after`, seconds), the last
    attempt waits for as long as it asked.
    """
    if started_at >= expires_at:
        return None
    wait = ended_at + timedelta(seconds=backoff(tries, jitter=jitter, base=base))
    again = max(ended_at, min(wait, expires_at))
    if retry_after is None or retry_after <= 0:
        return again
    return max(again, ended_at + timedelta(seconds=min(retry_after, LONGEST_WAIT_ASKED_FOR)))
