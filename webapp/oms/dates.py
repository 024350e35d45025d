"""Dates as peers write them (protocol: Envelope, dates)."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from webapp.domain.refusals import Refused

_WRITTEN: Final = re.compile(
    r"""(?P<date>\d{4}-\d{2}-\d{2})
        (?:[Tt\ ](?P<time>\d{2}:\d{2})(?::(?P<second>\d{2})(?P<fraction>\.\d{1,30})?)?
        (?P<zone>\ ?(?:[Zz]|[+-]\d{2}(?::?\d{2})?))?)?""",
    re.ASCII | re.VERBOSE,
)
_EXPECTED: Final = "a date and time with its offset (2030-01-31T15:04:05+00:00)"

# What languages without an absent date write for one.
_NO_DATE: Final = ("", "0000-00-00", "0000-00-00 00:00:00", "0001-01-01T00:00:00Z")


def read_time(value: object, path: str) -> datetime:
    """An aware UTC time from RFC 3339, also with a blank for its `T`, without a zone (= UTC), or a date only.

    Raises `Refused` naming `path`.
    """
    found = _WRITTEN.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise Refused(path, _EXPECTED, value)
    zone = (found["zone"] or "").strip().upper()
    # RFC 3339 knows a 61st second; clocks here go on with the next minute's first.
    leap = found["second"] == "60"
    second, fraction = ("59", "") if leap else (found["second"] or "00", (found["fraction"] or "")[:7])
    text = f"{found['date']}T{found['time'] or '00:00'}:{second}{fraction}{zone or 'Z'}"
    try:
        return datetime.fromisoformat(text).astimezone(UTC) + timedelta(seconds=leap)
    except (ValueError, OverflowError):
        raise Refused(path, _EXPECTED, value) from None


def is_no_date(value: object) -> bool:
    """Whether a peer means by it that there is no date."""
    return value is None or (isinstance(value, str) and value in _NO_DATE)


def write_time(moment: datetime) -> str:
    """RFC 3339 with offset, in UTC, to the second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")
