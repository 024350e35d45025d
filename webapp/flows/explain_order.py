"""How an order's unit lines were arrived at: a dry run before export, a record after it (F17, F27, F29)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from webapp.domain.lines import EntrySum, ReadingSum, UnitLine
from webapp.domain.refusals import Refused
from webapp.flows.compose_order import Composed, compose_order
from webapp.models.messages import Message
from webapp.models.orders import Order, OrderLine
from webapp.models.stored_settings import read_settings
from webapp.oms.envelope import encode_call
from webapp.oms.topics import order_create
from webapp.oms.wire import decode
from webapp.store.magento_order import read_order

# The id the call gets when it is written down.
NOT_YET = "given when it is written down"


@dataclass(frozen=True, slots=True)
class ExplainedLine:
    """A unit line's money; `promotions` is what took `original` down to `gross`, by name."""

    number: int
    parent: int | None
    kind: str
    sku: str
    name: str
    net: Decimal
    tax: Decimal
    gross: Decimal
    original: Decimal
    promotions: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """The sums of an order.

    `total` is the order's grand total less what was cancelled, which Σ gross of `lines` must be. `payload`
    is the call as it went out or would go out. `sent` says which: with it, `lines` are those that were sent.
    `as_sent`: today's settings give the same content, so readings, entries and promotions are those of the
    lines. `refusal` is why the order can't be broken down, "" where it can.
    """

    currency: str
    total: Decimal
    unit: Decimal
    reading: str
    residual: Decimal
    lines: tuple[ExplainedLine, ...]
    readings: tuple[ReadingSum, ...]
    entries: tuple[EntrySum, ...]
    paid_by_cards: Decimal
    warnings: tuple[str, ...]
    hold: str
    sent: bool
    as_sent: bool
    message_uid: str | None
    payload: bytes
    refusal: str = ""

    def sum_of(self, name: str) -> Decimal:
        """Σ of one amount over all lines."""
        return sum((getattr(line, name) for line in self.lines), Decimal(0))


def explain_order(session: Session, increment_id: str) -> Explained | None:
    """The sums of the order with this number, or None where there is none."""
    order = session.scalar(
        select(Order).where(Order.increment_id == increment_id).options(selectinload(Order.lines))
    )
    if order is None:
        return None
    message = session.get(Message, order.export_message_id) if order.export_message_id else None
    try:
        composed = compose_order(read_order(decode(order.content)), read_settings(session), show_sums=True)
    except Refused as refusal:
        return _as_kept(order, message, str(refusal))
    return _explained(order, message, composed)


def _explained(order: Order, message: Message | None, composed: Composed) -> Explained:
    breakdown, sums = composed.breakdown, composed.breakdown.sums
    as_sent = message is None or composed.content_hash == order.content_hash
    return Explained(
        currency=order.currency,
        total=breakdown.total if as_sent else order.grand_total,
        unit=breakdown.unit,
        reading=breakdown.reading if as_sent else order.reading,
        residual=breakdown.residual,
        lines=_composed_lines(breakdown.lines) if as_sent else _kept_lines(order.lines),
        readings=sums.readings if sums else (),
        entries=sums.entries if sums else (),
        paid_by_cards=sums.paid_by_cards if sums else Decimal(0),
        warnings=composed.warnings if message is None else tuple(order.warnings.splitlines()),
        hold=breakdown.hold or "" if message is None else "",
        sent=message is not None,
        as_sent=as_sent,
        message_uid=message.uid if message is not None else None,
        payload=_payload(message, composed),
    )


def _as_kept(order: Order, message: Message | None, refusal: str) -> Explained:
    return Explained(
        currency=order.currency,
        total=order.grand_total,
        unit=Decimal("0.01"),
        reading=order.reading,
        residual=Decimal(0),
        lines=_kept_lines(order.lines),
        readings=(),
        entries=(),
        paid_by_cards=Decimal(0),
        warnings=tuple(order.warnings.splitlines()),
        hold="",
        sent=message is not None,
        as_sent=False,
        message_uid=message.uid if message is not None else None,
        payload=message.payload if message is not None else b"",
        refusal=refusal,
    )


def _payload(message: Message | None, composed: Composed) -> bytes:
    if message is not None:
        return message.payload
    return encode_call(order_create.TOPIC, composed.params, NOT_YET)


def _composed_lines(lines: Iterable[UnitLine]) -> tuple[ExplainedLine, ...]:
    return tuple(
        ExplainedLine(
            number=line.line_number,
            parent=line.parent_line_number,
            kind=line.product_type,
            sku=line.sku,
            name=line.product_name,
            net=line.net,
            tax=line.tax,
            gross=line.gross,
            original=line.original_price,
            promotions=tuple((one.name, one.discount) for one in line.promotions),
        )
        for line in lines
    )


def _kept_lines(lines: Iterable[OrderLine]) -> tuple[ExplainedLine, ...]:
    """Lines as the record has them, which keeps their promotions as one sum."""
    return tuple(
        ExplainedLine(
            number=line.line_number,
            parent=line.parent_line_number,
            kind=line.product_type,
            sku=line.sku,
            name=line.name,
            net=line.net_amount,
            tax=line.tax_amount,
            gross=line.gross_amount,
            original=line.original_price,
            promotions=(("Promotions", line.original_price - line.gross_amount),)
            if line.original_price != line.gross_amount
            else (),
        )
        for line in lines
    )
