"""Exporting an order that is kept here, from its content as the store last gave it (F15, F17)."""

from sqlalchemy.orm import Session

from webapp.domain.settings import Settings
from webapp.domain.states import ExportState
from webapp.flows.compose_order import compose_order
from webapp.flows.export_order import export_order, write_lines
from webapp.flows.record_order import note, take_over
from webapp.models.orders import Order
from webapp.models.stored_settings import read_settings
from webapp.oms.wire import decode
from webapp.store.magento_order import read_order


def export_kept(
    session: Session, here: Order, settings: Settings, actor: str, *, reviewed: bool = False
) -> list[int]:
    """Compose the order anew by the settings in force and write its messages; gives their ids.

    The caller holds the order's lock. None are written where a residual holds the order for review, which
    then is its export reason. Raises `Refused` naming what of the content can't be.
    """
    composed = compose_order(read_order(decode(here.content)), settings, reviewed=reviewed)
    take_over(here, composed, here.content)
    write_lines(session, here, composed.breakdown.lines)
    if composed.breakdown.hold:
        here.export_state, here.export_reason = ExportState.QUEUED, composed.breakdown.hold
        return []
    return export_order(session, here, composed, actor)


def export_noted(session: Session, here: Order) -> bool:
    """After a refusal, send what the store has said since instead (F15); False where it said nothing.

    The refused create is superseded, in its place.
    """
    if here.noted_content is None:
        return False
    here.content, here.noted_content = here.noted_content, None
    note(
        session,
        here,
        "The OMS refused what was sent before; the store's newer content is sent.",
        kind="export",
    )
    export_kept(session, here, read_settings(session), "connector")
    return True
