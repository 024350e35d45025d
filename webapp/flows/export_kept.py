"""Exporting an order that is kept here, from its content as the store last gave it (F15, F17)."""

from sqlalchemy.orm import Session

from webapp.domain.refusals import Refused
from webapp.domain.settings import Settings
from webapp.flows.compose_order import Composed, compose_order
from webapp.flows.export_order import export_order, hold_for_review, write_lines
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
    return _export(session, here, composed, here.content, actor)


def export_noted(session: Session, here: Order) -> bool:
    """After a refusal, send what the store has said since instead (F15); False where it said nothing.

    The refused create is superseded, in its place.
    """
    content, here.noted_content = here.noted_content, None
    if content is None:
        return False
    try:
        composed = compose_order(read_order(decode(content)), read_settings(session))
    except Refused as refusal:
        # Failure policy: what cannot be composed must not stop the refusal from being settled.
        note(session, here, f"The store's newer content cannot be sent: {refusal}.", kind="export")
        return False
    words = "The OMS refused what was sent before; the store's newer content is sent."
    note(session, here, words, kind="export")
    _export(session, here, composed, content, "connector")
    return True


def _export(session: Session, here: Order, composed: Composed, content: bytes, actor: str) -> list[int]:
    take_over(here, composed, content)
    write_lines(session, here, composed.breakdown.lines)
    if composed.breakdown.hold:
        hold_for_review(session, here, composed.breakdown.hold, actor)
        return []
    return export_order(session, here, composed, actor)
