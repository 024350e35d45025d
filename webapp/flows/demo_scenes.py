"""Which orders the demo store has, and where each should stand in the end (F20's six values, every state)."""

from dataclasses import dataclass
from decimal import Decimal

from webapp.store.demo_orders import DemoOrder


@dataclass(frozen=True, slots=True)
class Scene:
    """An order, and how far the OMS takes it.

    `export` and `state` are where it should stand in the end. `stop_after` is the sandbox's last step
    with it ("" for all of them), `then` a control of it to use after that. `held`: taken in while orders
    with a residual are held; `refused`: the OMS refuses it.
    """

    order: DemoOrder
    export: str
    state: str
    stop_after: str = ""
    then: str = ""
    reason: str = ""
    held: bool = False
    refused: bool = False
    already_in_oms: bool = False


def _paid(
    number: int, *bought: tuple[str, int], hours: float, guest: bool = False, rebate: int = 0
) -> DemoOrder:
    return DemoOrder(
        f"1000000{number:02}", "processing", "processing", bought, hours, number, guest=guest, rebate=rebate
    )


def _early(number: int, state: str, status: str, *bought: tuple[str, int], hours: float) -> DemoOrder:
    return DemoOrder(f"1000000{number:02}", state, status, bought, hours, number)


SCENES = (
    Scene(_early(1, "closed", "closed", ("FLA-0750", 2), hours=190), "loaded", "closed", already_in_oms=True),
    Scene(
        _early(2, "complete", "complete", ("TEN-0220", 1), hours=170),
        "loaded",
        "complete",
        already_in_oms=True,
    ),
    Scene(_paid(3, ("ALP-2041", 1), ("SOC-4410", 3), hours=52), "loaded", "complete"),
    Scene(_paid(4, ("RID-1107", 2), ("LUM-3300", 1), hours=49, rebate=10), "loaded", "complete"),
    Scene(_paid(5, ("KIT-CAMP", 1), ("FLA-0750", 1), hours=31), "loaded", "complete"),
    Scene(_paid(6, ("CRS-NAV2", 1), ("MAP-GPX1", 2), hours=30, guest=True), "loaded", "complete"),
    Scene(_paid(7, ("TEN-0220", 1), ("LUM-3300", 2), hours=22), "loaded", "processing", "PICKREADY"),
    Scene(_paid(8, ("ALP-2041", 2), hours=20, rebate=15), "loaded", "processing", "SHIPPED"),
    Scene(
        _paid(9, ("RID-1107", 1), ("SOC-4410", 2), hours=12, guest=True), "loaded", "processing", "LOGISTICS"
    ),
    Scene(
        _paid(10, ("LUM-3300", 1), hours=9),
        "loaded",
        "holded",
        "RECEIVED",
        "status ONHOLD",
        "PENDING_REMORSE_TIME",
    ),
    Scene(_paid(11, ("FLA-0750", 4), hours=8), "loaded", "canceled", "RECEIVED", "cancel"),
    Scene(_paid(12, ("KIT-CAMP", 2), ("SOC-4410", 1), hours=5), "loaded", "processing", "APPROVED"),
    Scene(_paid(13, ("ALP-2041", 1), ("MAP-GPX1", 1), hours=3), "loaded", "processing", "created"),
    Scene(
        _early(14, "pending_payment", "pending_payment", ("TEN-0220", 1), hours=2.5),
        "waiting",
        "pending_payment",
    ),
    Scene(_early(15, "new", "pending", ("SOC-4410", 6), hours=2), "waiting", "new"),
    Scene(_early(16, "payment_review", "fraud", ("LUM-3300", 5), hours=1.5), "waiting", "payment_review"),
    Scene(_early(17, "canceled", "canceled", ("FLA-0750", 1), hours=1.4), "not_exported", "canceled"),
    Scene(_paid(18, ("RID-1107", 1), hours=1), "sent", "processing", "accepted"),
    Scene(
        DemoOrder(
            "100000019", "processing", "processing", (("ALP-2041", 1),), 0.6, 19, surcharge=Decimal("4.90")
        ),
        "queued",
        "processing",
        held=True,
    ),
)
# Refused by the OMS: played last, so that the refusal meets this order and no other.
LAST_SCENES = (
    Scene(_paid(20, ("LUM-3300", 2), ("SOC-4410", 1), hours=0.3), "failed", "processing", refused=True),
)
