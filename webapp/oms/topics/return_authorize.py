"""A return begun in the store (protocol: To the OMS, return_management.authorize; F23)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from webapp.oms.dates import write_time

TOPIC: Final = "magento.postsales.return_management.authorize"


@dataclass(frozen=True, slots=True)
class LineToReturn:
    """One shipped unit line that is to come back, and why."""

    line_number: int
    id: str
    sku: str
    reason: str
    reason_description: str


def write(
    *,
    order_id: str,
    sales_channel_id: str,
    user: str,
    rma: str | None,
    begun_at: datetime,
    lines: Sequence[LineToReturn],
) -> dict[str, object]:
    """The params of `authorize`; `rma` None lets the OMS number the return."""
    authorize: dict[str, object] = {
        "sales_channel_id": sales_channel_id,
        "order_id": order_id,
        "user": user,
        "origin_date": write_time(begun_at),
        "lines": [
            {
                "id": line.id,
                "line_number": line.line_number,
                "sku": line.sku,
                "reason": line.reason,
                "reason_description": line.reason_description,
            }
            for line in lines
        ],
    }
    if rma is not None:
        authorize["rma"] = rma
    return {"return": authorize}
