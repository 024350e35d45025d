"""Times as the API writes them (contract: HTTP)."""

from datetime import datetime
from typing import Annotated, overload

from msgspec import Meta

# RFC 3339, in UTC.
Moment = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
# As Magento writes a time: in UTC, without a zone.
MagentoTime = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")]


@overload
def rfc3339(at: datetime) -> Moment: ...
@overload
def rfc3339(at: datetime | None) -> Moment | None: ...
def rfc3339(at: datetime | None) -> Moment | None:
    """A time as RFC 3339 in UTC, None where there is none."""
    return at.isoformat().replace("+00:00", "Z") if at else None


def magento_time(at: datetime) -> MagentoTime:
    """A time as Magento writes it: UTC, without a zone."""
    return at.replace(tzinfo=None).isoformat(" ", "seconds")
