"""A store hands in one order and, in sync mode, waits for the OMS's verdict (F16)."""

from dataclasses import replace

from webapp.extensions import read
from webapp.flows.accept_order import Accepted, accept_order, accepted_now
from webapp.flows.export_now import export_now
from webapp.models.stored_settings import read_settings


def hand_in_order(data: object, body: bytes, actor: str) -> Accepted:
    """Take an order in; where orders are exported synchronously, say how its export ended.

    Raises `Refused` naming the field, as `accept_order` does.
    """
    accepted = accept_order(data, body, actor)
    with read() as session:
        settings = read_settings(session)
    if settings.text("orders.export_mode") != "sync" or not accepted.message_ids:
        return accepted
    export_now(accepted.message_ids, settings)
    return replace(accepted_now(accepted), awaited=True)
