"""When a page looks again at what may still change: often while it moves, seldom while it rests, never after.

Each answer carries its own interval, and what was seen; where that is still the same, the answer is 204 and
nothing on the page is touched.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from flask import request

from webapp import clock
from webapp.pages.htmx import wants_fragment

# How long nothing has happened, and the seconds between two looks then.
PACES: Final = ((timedelta(minutes=1), 2), (timedelta(minutes=10), 5), (timedelta(hours=1), 15))
SLOWEST: Final = 60
# A server that is slow to answer is asked less often: for a fifth of its time at most.
REST: Final = 5


@dataclass(frozen=True, slots=True)
class Poll:
    """Look again in `seconds`; `seen` stands for what is shown now."""

    seconds: int
    seen: str


def fingerprint(*facts: object) -> str:
    """A few signs for all that a page shows: the same as long as nothing of it changed."""
    return sha256(repr(facts).encode()).hexdigest()[:16]


def nothing_new(seen: str) -> bool:
    """Whether this request is a poll that has seen all there is."""
    return wants_fragment() and request.args.get("seen") == seen


def poll_after(latest: datetime, began: float, seen: str) -> Poll:
    """The next look at something that last changed at `latest`, for a page begun at `began` (monotonic)."""
    quiet = clock.now() - latest
    seconds = next((pace for age, pace in PACES if quiet < age), SLOWEST)
    return Poll(max(seconds, math.ceil((clock.monotonic() - began) * REST)), seen)
