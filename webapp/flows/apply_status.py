"""Order status callback → state, status, line fates and comments (F18, F19, F20)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from webapp import clock
from webapp.domain.oms_codes import normalise
from webapp.domain.refusals import Inapplicable
from webapp.domain.states import ExportState
from webapp.domain.status_flow import StatusEvent, is_known, standing
from webapp.flows.apply_shipment import ship_what_needs_no_shipping
from webapp.flows.record_order import find_told_order, note
from webapp.messaging.claims import Claimed
from webapp.models.orders import Order, OrderEvent, OrderLine
from webapp.models.stored_settings import read_settings
from webapp.oms.topics.order_created import CreatedOrder
from webapp.oms.topics.order_updated import LineStatus, OrderStatus

CREATED, STATUS, LINE = "created", "status", "line"
FINAL_LINE = ("SHIPPED", "CANCELLED")


def apply_created(session: Session, told: CreatedOrder, claimed: Claimed) -> str:
    """The OMS has loaded the order: said once, whatever its messages."""
    order = find_told_order(session, told.id, "order.id")
    if not _once(session, order, CREATED, "created", claimed):
        return "The OMS had confirmed this order already; nothing new."
    mark_loaded(order)
    words = "The OMS has loaded the order."
    note(session, order, words, kind="oms", message_id=claimed.id, oms_date=told.status_date)
    return words


def mark_loaded(order: Order) -> None:
    """On the OMS's own word the order is loaded, whatever became of our message."""
    if order.export_state is not ExportState.LOADED:
        order.export_state, order.export_reason = ExportState.LOADED, ""
        order.loaded_at = clock.now()


def apply_status(session: Session, told: OrderStatus, claimed: Claimed) -> str:
    """Take over what is new of the order's status and its lines'; a repeat changes nothing."""
    order = find_told_order(session, told.id, "order.id")
    lines = {line.line_number: line for line in order.lines}
    _check_lines(lines, told.lines)
    mark_loaded(order)
    body = sha256(claimed.payload).hexdigest()
    said = [_apply_order_status(session, order, told, claimed, body)] if told.status else []
    moved = [
        line for line in told.lines if line.status and _apply_line(session, order, lines, line, claimed, body)
    ]
    if moved:
        words = _lines_in_words(moved)
        said.append(words)
        note(session, order, words, kind="oms", message_id=claimed.id, oms_date=moved[0].status_date)
    ship_what_needs_no_shipping(session, order)
    return " ".join(part for part in said if part) or "The OMS had said this already; nothing new."


def _apply_order_status(
    session: Session, order: Order, told: OrderStatus, claimed: Claimed, body: str
) -> str:
    status, reason = normalise(told.status or ""), normalise(told.status_reason or "")
    key = _once_key(status, reason, told.status_date, body)
    if not _once(session, order, STATUS, key, claimed, status=status, reason=reason, date=told.status_date):
        return ""
    before = _in_words(order.oms_status, order.oms_status_reason)
    _stand_anew(session, order)
    after = _in_words(order.oms_status, order.oms_status_reason)
    words = _status_in_words(_in_words(status, reason), before, after, known=is_known(status))
    note(session, order, words, kind="oms", message_id=claimed.id, oms_date=told.status_date)
    return words


def _stand_anew(session: Session, order: Order) -> None:
    """Reckon the order's standing from all the OMS has said of it."""
    rows = session.scalars(
        select(OrderEvent).where(OrderEvent.order_id == order.id, OrderEvent.kind == STATUS)
    )
    now = standing(
        (StatusEvent(row.status, row.reason, row.date, row.received_at) for row in rows),
        overrides=read_settings(session).table("statuses.map"),
    )
    if now is None:
        return
    order.oms_status, order.oms_status_reason, order.oms_status_date = (
        now.status,
        now.reason or None,
        now.date,
    )
    order.attention = "\n".join(now.attention)
    order.state, order.status = now.store.state, now.store.status


def _apply_line(
    session: Session,
    order: Order,
    lines: dict[int, OrderLine],
    told: LineStatus,
    claimed: Claimed,
    body: str,
) -> bool:
    """A line's status is the one with the latest date; SHIPPED and CANCELLED are final. True if it moved."""
    line = lines[told.line_number or 0]
    status, reason = normalise(told.status or ""), normalise(told.status_reason or "")
    key = f"{line.line_number}/{_once_key(status, reason, told.status_date, body)}"
    if not _once(session, order, LINE, key, claimed, status=status, reason=reason, date=told.status_date):
        return False
    at = told.status_date or clock.now()
    if line.status in FINAL_LINE or (
        status not in FINAL_LINE and line.status_date is not None and at < line.status_date
    ):
        return False
    line.status, line.status_reason, line.status_date = status, reason or None, at
    return True


def _check_lines(lines: dict[int, OrderLine], told: Iterable[LineStatus]) -> None:
    for index, one in enumerate(told):
        if one.status is None:
            continue
        path, number = f"order.lines[{index}]", one.line_number
        line = lines.get(number or 0)
        if line is None:
            raise Inapplicable(
                f"{path}.line_number",
                f"a line from 1 to {len(lines)}",
                number,
                reason=f"Line {number} is not in this order, which has lines 1 to {len(lines)}.",
                cause="line.unknown",
            )
        for field, given, ours in (("id", one.id, line.item_id), ("sku", one.sku, line.sku)):
            if given is not None and given != ours:
                raise Inapplicable(
                    f"{path}.{field}",
                    f'"{ours}", as line {number} has it',
                    given,
                    reason=f"Line {number} is {field} {ours} here, but the message says {given}.",
                    cause="line.contradiction",
                )


def _once(session: Session, order: Order, kind: str, key: str, claimed: Claimed, **said: Any) -> bool:
    """Record that the OMS has said this; False where it had, by the database's own word (rule 6)."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    row = {
        "order_id": order.id,
        "kind": kind,
        "once": key,
        "received_at": clock.now(),
        "message_id": claimed.id,
        "status": said.get("status", ""),
        "reason": said.get("reason", ""),
        "date": said.get("date"),
    }
    inserted = session.scalar(
        dialect.insert(OrderEvent).values(row).on_conflict_do_nothing().returning(OrderEvent.id)
    )
    return inserted is not None


def _once_key(status: str, reason: str, date: datetime | None, body: str) -> str:
    """Status + reason + date; where there is no date, the body's hash stands for it."""
    return f"{status}/{reason}/{date.isoformat() if date else body}"


def _in_words(status: str | None, reason: str | None) -> str:
    return f"{status} ({reason})" if status and reason else status or ""


def _status_in_words(said: str, before: str, after: str, *, known: bool) -> str:
    if not known:
        return f"The OMS says {said}, a status there is no rule for; the order stays as it is."
    if before == after:
        return f"The OMS says {said}; the order stays at {after}."
    return f"OMS status: {before or 'none'} → {after}."


def _lines_in_words(moved: Sequence[LineStatus]) -> str:
    by_status: dict[str, list[int]] = {}
    for line in moved:
        words = _in_words(normalise(line.status or ""), normalise(line.status_reason or ""))
        by_status.setdefault(words, []).append(line.line_number or 0)
    told = [f"{words}: {', '.join(map(str, sorted(numbers)))}" for words, numbers in by_status.items()]
    return f"Lines {'; '.join(told)}."
