"""After the trigger statuses were changed: the orders they now cover are exported (F15)."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.domain.refusals import Refused
from webapp.domain.settings import Settings
from webapp.extensions import transaction
from webapp.flows.export_kept import export_kept
from webapp.models.accounts import AuditEntry
from webapp.models.locks import lock_orders
from webapp.models.orders import Order
from webapp.models.stored_settings import read_settings
from webapp.queries.integration import is_covered

BATCH = 50
# Nobody waits longer than this on one press of a button; what is left is for the next.
PRESS_SECONDS = 10.0


@dataclass(slots=True)
class Covered:
    """What became of the orders: exported, held for review, or left since they can't be composed."""

    exported: int = 0
    held: int = 0
    left: int = 0
    more: bool = False


def export_covered(actor: str) -> Covered:
    """Export every order that waits in a status that exports, in batches, oldest first."""
    told, last = Covered(), 0
    ends = clock.monotonic() + PRESS_SECONDS
    while clock.monotonic() < ends:
        with transaction() as session:
            settings = read_settings(session)
            some = select(Order.id, Order.increment_id).where(*is_covered(settings), Order.id > last)
            found = session.execute(some.order_by(Order.id).limit(BATCH)).all()
            if not found:
                return told
            _export(session, settings, [row.increment_id for row in found], actor, told)
        last = found[-1].id
    told.more = True
    return told


def _export(session: Session, settings: Settings, numbers: list[str], actor: str, told: Covered) -> None:
    statuses = settings.codes("orders.export_statuses")
    exported = 0
    lock_orders(session, numbers)
    # Looked at again under the locks: the store may have moved one on meanwhile.
    for here in session.scalars(
        select(Order).where(Order.increment_id.in_(numbers), *is_covered(settings)).order_by(Order.id)
    ):
        try:
            written = export_kept(session, here, settings, actor)
        # Failure policy: one that can't be composed stays, with the reason; the others go.
        except Refused as refusal:
            here.export_reason = f"It cannot be broken down into lines: {refusal}."
            told.left += 1
            continue
        exported += bool(written)
        told.held += not written
    told.exported += exported
    if exported:
        subject = f"{exported} orders in {', '.join(statuses)}"[:200]
        session.add(
            AuditEntry(at=clock.now(), actor=actor, action="covered orders exported", subject=subject)
        )
