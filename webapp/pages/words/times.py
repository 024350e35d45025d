"""Times as people say them: “4 min ago”, “in 20 s”, “2 h 5 min”; and exact, in UTC.

static/js/app.js counts relative times on with the same steps; change both together.
"""

from datetime import UTC, datetime, timedelta

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
# Beyond this a date says more than a number of days.
_DAYS_AS_WORDS = 14


def _span(seconds: int) -> str:
    if seconds < _MINUTE:
        return f"{seconds} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min"
    if seconds < 2 * _DAY:
        return f"{seconds // _HOUR} h"
    return f"{seconds // _DAY} days"


def relative(when: datetime, now: datetime) -> str:
    """How long ago or how far ahead `when` is (both aware); a date where that is further than 14 days."""
    seconds = round((now - when).total_seconds())
    if abs(seconds) < 1:
        return "now"
    if abs(seconds) >= _DAYS_AS_WORDS * _DAY:
        return day(when)
    return f"{_span(seconds)} ago" if seconds > 0 else f"in {_span(-seconds)}"


def day(when: datetime) -> str:
    """`1 Jul 2026`, in UTC."""
    utc = when.astimezone(UTC)
    return f"{utc.day} {utc:%b %Y}"


def exact(when: datetime) -> str:
    """`1 Jul 2026, 14:03:22 UTC`."""
    return f"{day(when)}, {when.astimezone(UTC):%H:%M:%S} UTC"


def clock_time(when: datetime, now: datetime) -> str:
    """`14:03 UTC`, with the day before it where that is not today's."""
    utc = when.astimezone(UTC)
    time = f"{utc:%H:%M} UTC"
    return time if utc.date() == now.astimezone(UTC).date() else f"{day(when)}, {time}"


def told_and_received(told: datetime, received: datetime) -> str:
    """`OMS time 14:03:22, received 14:03:25 UTC, 1 Jul 2026`; two days where it was received on another."""
    one, other = told.astimezone(UTC), received.astimezone(UTC)
    if one.date() != other.date():
        return f"OMS time {exact(one)}, received {exact(other)}"
    return f"OMS time {one:%H:%M:%S}, received {other:%H:%M:%S} UTC, {day(other)}"


def iso(when: datetime) -> str:
    """RFC 3339 in UTC, for the `datetime` attribute."""
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def duration(length: timedelta) -> str:
    """How long something took or waited: `85 ms`, `1.2 s`, `2 min 5 s`, `2 h 5 min`, `3 days 4 h`."""
    seconds = max(length.total_seconds(), 0.0)
    if seconds < 1:
        return f"{round(seconds * 1000)} ms"
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    for size, unit, smaller, smaller_unit in (
        (_DAY, "days", _HOUR, "h"),
        (_HOUR, "h", _MINUTE, "min"),
        (_MINUTE, "min", 1, "s"),
    ):
        if whole >= size * (2 if unit == "days" else 1):
            rest = whole % size // smaller
            return f"{whole // size} {unit}" + (f" {rest} {smaller_unit}" if rest else "")
    return f"{whole} s"
