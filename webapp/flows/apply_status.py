"""Order status callback → state, status, line fates and comments (F18, F19, F20)."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.domain.line_fate import Fate
from webapp.domain.oms_codes import normalise
from webapp.domain.states import ExportState
from webapp.domain.status_flow import StatusEvent, is_known, standing
from webapp.flows.count_shipped import count_shipped, tell_line
from webapp.flows.hear_oms import event_of, hear, is_said_anew, said_hash
from webapp.flows.record_order import find_told_order, note
from webapp.flows.told_lines import Told, find_line
from webapp.messaging.claims import Claimed
from webapp.models.orders import Order, OrderEvent, OrderLine
from webapp.models.stored_settings import read_settings
from webapp.oms.topics.order_created import CreatedOrder
from webapp.oms.topics.order_updated import LineStatus, OrderStatus

CREATED, STATUS, LINE = "created", "status", "line"
NOTHING_NEW = "The OMS had said this already; nothing new."


def apply_created(session: Session, told: CreatedOrder, claimed: Claimed) -> str:
    """The OMS has loaded the order: said once, whatever its messages."""
    order = find_told_order(session, told.id, "order.id")
    if not hear(session, [event_of(order, CREATED, "created", claimed)]):
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
    if not is_said_anew(session, order, claimed):
        return NOTHING_NEW
    said = [_apply_order_status(session, order, told, claimed) if told.status else ""]
    new = _apply_lines(session, order, lines, told, claimed)
    if new:
        said.append(_lines_in_words(new))
    count_shipped(session, order)
    words = " ".join(part for part in said if part) or NOTHING_NEW
    date = told.status_date or next((line.status_date for line in new if line.status_date), None)
    note(session, order, words, kind="oms", message_id=claimed.id, oms_date=date)
    return words


def _apply_order_status(session: Session, order: Order, told: OrderStatus, claimed: Claimed) -> str:
    status, reason = normalise(told.status or ""), normalise(told.status_reason or "")
    event = event_of(order, STATUS, _once_key(status, reason, told.status_date, claimed), claimed)
    if not hear(session, [event | {"status": status, "reason": reason, "date": told.status_date}]):
        return ""
    before = _in_words(order.oms_status, order.oms_status_reason)
    _stand_anew(session, order)
    after = _in_words(order.oms_status, order.oms_status_reason)
    return _status_in_words(_in_words(status, reason), before, after, known=is_known(status))


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


def _apply_lines(
    session: Session, order: Order, lines: dict[int, OrderLine], told: OrderStatus, claimed: Claimed
) -> list[LineStatus]:
    """Let each line stand where it does now; gives what was said of one for the first time."""
    heard: dict[str, LineStatus] = {}
    rows = []
    for line in told.lines:
        if line.status is None:
            continue
        status, reason = normalise(line.status), normalise(line.status_reason or "")
        once = f"{line.line_number}/{_once_key(status, reason, line.status_date, claimed)}"
        heard[once] = line
        event = event_of(order, LINE, once, claimed)
        rows.append(event | {"status": status, "reason": reason, "date": line.status_date})
    new = hear(session, rows)
    for row in rows:
        if row["once"] in new:
            at = row["date"] or claimed.created_at
            tell_line(lines[heard[row["once"]].line_number or 0], Fate(row["status"], row["reason"], at))
    return [line for once, line in heard.items() if once in new]


def _check_lines(lines: dict[int, OrderLine], told: Iterable[LineStatus]) -> None:
    for index, one in enumerate(told):
        if one.status is not None:
            find_line(lines, Told(one.line_number or 0, one.id, one.sku), f"order.lines[{index}]")


def _once_key(status: str, reason: str, date: datetime | None, claimed: Claimed) -> str:
    """Status + reason + date; where there is no date, the hash of what the message says stands for it."""
    return f"{status}/{reason}/{date.isoformat() if date else said_hash(claimed)}"


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
