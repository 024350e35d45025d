"""Where an order stands, in one sentence (F20), and what may be done about it."""

from dataclasses import dataclass
from typing import Protocol

from webapp.pages.words.statuses import Badge, export_badge, oms_badge, oms_reason


class Order(Protocol):
    """An order, as far as it matters here."""

    state: str
    export_reason: str
    export_message_id: int | None
    oms_status: str | None
    oms_status_reason: str | None
    pieces: int
    pieces_shipped: int

    @property
    def export_state(self) -> str:
        """F20's word."""


class Message(Protocol):
    """The message that carries it, as far as it matters here."""

    @property
    def status(self) -> str:
        """Where it stands."""

    @property
    def reason(self) -> str:
        """Why."""


@dataclass(frozen=True, slots=True)
class OrderStanding:
    """The sentence, why, its badge; `again` and `now`: it may be sent again, or exported by hand."""

    sentence: str
    why: str
    badge: Badge
    again: bool = False
    now: bool = False


def standing_of(order: Order, message: Message | None) -> OrderStanding:
    """Where the order stands; `message` is the create that carries it."""
    state, reason = str(order.export_state), order.export_reason
    badge = export_badge(state)
    unwritten = order.export_message_id is None and order.state != "canceled"
    if state == "queued" and unwritten:
        return OrderStanding("Held for review, not yet sent to the OMS.", reason, _held(), now=True)
    if state == "queued" and message is not None and message.status == "held":
        return OrderStanding("Held, not yet sent to the OMS.", message.reason, _held())
    sentences = {
        "waiting": "Kept here until the store says it may go to the OMS.",
        "queued": "On its way to the OMS.",
        "sent": "Sent to the OMS, which has not said yet that it has loaded it.",
        "failed": "The OMS does not have this order.",
        "not_exported": "Not for the OMS.",
    }
    if state in sentences:
        skipped = message is not None and message.status == "skipped"
        again = state == "failed" or (skipped and order.state != "canceled")
        return OrderStanding(
            sentences[state], reason, badge, again=again, now=state == "waiting" and unwritten
        )
    return OrderStanding(_in_the_oms(order), "", _badge_of(order, badge))


def _held() -> Badge:
    return Badge("Held", "held", "held")


def _badge_of(order: Order, loaded: Badge) -> Badge:
    return oms_badge(order.oms_status) if order.oms_status else loaded


def _in_the_oms(order: Order) -> str:
    """`In logistics at the OMS (ready to ship); 2 of 3 pieces shipped.`"""
    said = "Loaded in the OMS"
    if order.oms_status:
        said = f"{oms_badge(order.oms_status).word} in the OMS"
        if order.oms_status_reason:
            said += f" ({oms_reason(order.oms_status_reason)})"
    if not order.pieces:
        return f"{said}."
    if order.pieces_shipped >= order.pieces:
        return f"{said}, all shipped."
    return f"{said}, {order.pieces_shipped or 'none'} of {order.pieces} pieces shipped."
