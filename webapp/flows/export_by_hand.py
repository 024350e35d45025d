"""Someone sends an order that waits for its status, or was held for review, to the OMS now (F15, F17)."""

from sqlalchemy.orm import Session

from webapp import clock
from webapp.domain.refusals import Refused
from webapp.domain.states import ExportState
from webapp.extensions import transaction
from webapp.flows.export_kept import export_kept
from webapp.flows.record_order import note
from webapp.models.accounts import AuditEntry
from webapp.models.locks import lock_order
from webapp.models.orders import Order
from webapp.models.stored_settings import read_settings

_ALREADY = {
    ExportState.QUEUED: "It is on its way to the OMS already; its message is in the journal.",
    ExportState.SENT: "It was sent to the OMS already.",
    ExportState.LOADED: "The OMS has it already.",
    ExportState.FAILED: "It was sent before and failed: send its message again instead.",
    ExportState.NOT_EXPORTED: "It is not for the OMS, so it cannot be exported.",
}


def export_by_hand(session: Session | None, increment_id: str, actor: str) -> str | None:
    """Export an order now, whatever its status; None when done, else why it can't be.

    A residual goes out as a service line: whoever presses the button has looked at it. Without `session`
    it is a transaction of its own.
    """
    if session is None:
        with transaction() as own:
            return export_by_hand(own, increment_id, actor)
    here = lock_order(session, increment_id)
    if here is None:
        return f"There is no order {increment_id[:64]} here."
    if not may_export(here):
        return _ALREADY.get(here.export_state, "It was cancelled in the store before it was exported.")
    waited = here.export_reason
    try:
        export_kept(session, here, read_settings(session), actor, reviewed=True)
    except Refused as refusal:
        return f"It cannot be broken down into lines: {refusal}."
    note(session, here, f"Exported by hand ({actor}).", kind="export", message_id=here.export_message_id)
    session.add(
        AuditEntry(
            at=clock.now(),
            actor=actor,
            action="order exported by hand",
            subject=f"order {here.increment_id}",
            before=waited,
        )
    )
    return None


def may_export(here: Order) -> bool:
    """Whether an order is kept here for its status, or for someone to look at it."""
    if here.export_message_id is not None or here.state == "canceled":
        return False
    return here.export_state in (ExportState.WAITING, ExportState.QUEUED)
