"""The sandbox's own time: aware UTC."""

from datetime import UTC, datetime


def now() -> datetime:
    """The current time, aware, in UTC."""
    return datetime.now(UTC)


def timestamp() -> float:
    """Seconds since 1970, for due times kept in the database."""
    return now().timestamp()


def rfc3339(moment: datetime) -> str:
    """`2024-01-05T10:00:00+00:00`, to the microsecond where there are any."""
    return moment.astimezone(UTC).isoformat()
