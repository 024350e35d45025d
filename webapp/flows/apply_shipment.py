"""Shipment callback → shipments: one per package, each piece once (F21)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from webapp import clock
from webapp.domain.refusals import Inapplicable
from webapp.flows.record_order import find_told_order, note
from webapp.messaging.claims import Claimed
from webapp.models.fulfilment import Shipment, ShipmentLine, Track
from webapp.models.orders import Order, OrderEvent, OrderLine
from webapp.oms.parcels import Parcel, ShippedItem
from webapp.oms.topics.customer_shipment_done import Shipment as Told

GOODS = ("PHYSICAL", "VIRTUAL")
ALONG_WITH_THE_FIRST = ("SHIPPING", "SERVICE")
SHIPPED, CANCELLED = "SHIPPED", "CANCELLED"
THROUGH = ("LOGISTICSCOMPLETE", "COMPLETE")


@dataclass(frozen=True, slots=True)
class _Event:
    """What all parcels of one message have in common."""

    order: Order
    request_id: str | None
    at: datetime
    message_id: int


def apply_shipment(session: Session, told: Told, claimed: Claimed) -> str:
    """Create what shipments are new; raises `Refused` naming the line that can't ship, changing nothing."""
    order = find_told_order(session, told.order_id, "shipment.order_id")
    lines = {line.line_number: line for line in order.lines}
    check_items(lines, told.items, "shipment.items")
    event = _Event(
        order, told.shipment_request_id or told.shipment_id, told.shipment_date or clock.now(), claimed.id
    )
    done = ship_parcels(session, event, lines, told.parcels)
    finish_lines(order)
    return done


def check_items(lines: Mapping[int, OrderLine], items: Iterable[ShippedItem], path: str) -> None:
    """Each line must be the order's, be what the message says it is, and not be cancelled."""
    for index, item in enumerate(items):
        number, at = item.order_line_number, f"{path}[{index}]"
        line = lines.get(number)
        if line is None:
            raise Inapplicable(
                f"{at}.order_line_number",
                f"a line from 1 to {len(lines)}",
                number,
                reason=f"Line {number} is not in this order, which has lines 1 to {len(lines)}.",
                cause="line.unknown",
            )
        for field, given, ours in (
            ("order_line_id", item.order_line_id, line.item_id),
            ("sku", item.sku, line.sku),
        ):
            if given is not None and given != ours:
                raise Inapplicable(
                    f"{at}.{field}",
                    f'"{ours}", as line {number} has it',
                    given,
                    reason=f"Line {number} is {field} {ours} here, but the message says {given}.",
                    cause="line.contradiction",
                )


def ship_parcels(
    session: Session, event: _Event, lines: Mapping[int, OrderLine], parcels: Sequence[Parcel]
) -> str:
    """One shipment for each parcel that has something new; gives what was done, in a sentence."""
    told: list[str] = []
    last: Shipment | None = None
    for parcel in parcels:
        goods = [_shippable(lines, number) for number in parcel.line_numbers]
        new = [line for line in goods if line.product_type in GOODS and not line.shipped]
        known = [line for line in goods if line.product_type in GOODS and line.shipped]
        if new:
            last = _open_shipment(session, event, parcel)
            _add_lines(session, last, new)
            told.append(f"Shipment {last.increment_id}: {_in_words(new)}{_track_in_words(parcel)}.")
        elif known:
            last = _shipment_of(session, known[0])
        if last is not None and _add_track(session, last, parcel) and not new:
            told.append(f"Tracking for shipment {last.increment_id}{_track_in_words(parcel)}.")
    words = " ".join(told) or "These pieces had been shipped already; nothing new."
    if told:
        note(session, event.order, words, kind="shipment", message_id=event.message_id, oms_date=event.at)
    return words


def _shippable(lines: Mapping[int, OrderLine], number: int) -> OrderLine:
    line = lines.get(number)
    if line is None:
        raise Inapplicable(
            "shipment.packages",
            f"lines from 1 to {len(lines)}",
            number,
            reason=f"A package names line {number}, which is not in this order.",
            cause="line.unknown",
        )
    if line.status == CANCELLED and line.product_type in GOODS:
        raise Inapplicable(
            "shipment.items",
            "lines that are not cancelled",
            number,
            reason=f"Line {number} ({line.sku}) was cancelled by the OMS, so it cannot ship.",
            cause="line.cancelled",
        )
    return line


def _open_shipment(session: Session, event: _Event, parcel: Parcel) -> Shipment:
    """A new shipment; the one that has this package already, where a later message names more of it."""
    key = f"{event.request_id}/{parcel.package_id}" if event.request_id and parcel.package_id else None
    shipments = session.scalars(
        select(Shipment).where(Shipment.order_id == event.order.id).options(selectinload(Shipment.tracks))
    ).all()
    for shipment in shipments:
        if key is not None and shipment.package_key == key:
            return shipment
    shipment = Shipment(
        order_id=event.order.id,
        increment_id=f"{event.order.increment_id}-{len(shipments) + 1}",
        request_id=event.request_id,
        package_key=key,
        shipped_at=event.at,
        received_at=clock.now(),
        comment=parcel.tracking_comment,
        message_id=event.message_id,
    )
    session.add(shipment)
    session.flush()
    return shipment


def _add_lines(session: Session, shipment: Shipment, new: Iterable[OrderLine]) -> None:
    for line in new:
        session.add(ShipmentLine(shipment_id=shipment.id, order_line_id=line.id))
        line.shipped = True
        line.status, line.status_date = SHIPPED, shipment.shipped_at
    session.flush()


def _shipment_of(session: Session, line: OrderLine) -> Shipment | None:
    return session.scalar(
        select(Shipment)
        .join(ShipmentLine, ShipmentLine.shipment_id == Shipment.id)
        .where(ShipmentLine.order_line_id == line.id)
    )


def _add_track(session: Session, shipment: Shipment, parcel: Parcel) -> bool:
    """Add the parcel's track, or what the shipment's own does not have of it yet; True if it was new."""
    if not (parcel.tracking_number or parcel.tracking_link or parcel.carrier):
        return False
    tracks = session.scalars(select(Track).where(Track.shipment_id == shipment.id)).all()
    for track in tracks:
        if track.number in ("", parcel.tracking_number) or not parcel.tracking_number:
            before = (track.number, track.carrier, track.url)
            track.number = track.number or parcel.tracking_number[:200]
            track.carrier = track.carrier or parcel.carrier[:120]
            track.title = track.title or parcel.carrier[:200]
            track.url = track.url or parcel.tracking_link
            return before != (track.number, track.carrier, track.url)
    session.add(
        Track(
            shipment_id=shipment.id,
            carrier=parcel.carrier[:120],
            title=parcel.carrier[:200],
            number=parcel.tracking_number[:200],
            url=parcel.tracking_link,
        )
    )
    session.flush()
    return True


def ship_what_needs_no_shipping(session: Session, order: Order) -> None:
    """Count VIRTUAL lines as shipped once the OMS has said so of them, or that the order is through.

    It is through at LOGISTICSCOMPLETE or COMPLETE, whenever that came, but not when FULLYCANCELLED.
    """
    said = session.execute(
        select(OrderEvent.status, OrderEvent.reason).where(
            OrderEvent.order_id == order.id, OrderEvent.kind == "status", OrderEvent.status.in_(THROUGH)
        )
    ).all()
    through = any(row.reason != "FULLYCANCELLED" for row in said)
    for line in order.lines:
        if line.product_type == "VIRTUAL":
            said_so = line.shipped or through or line.status == SHIPPED
            line.shipped = said_so and line.status != CANCELLED
    finish_lines(order)


def finish_lines(order: Order) -> None:
    """What ships along: services and shipping with the first piece, a bundle with its last child."""
    anything = any(line.shipped for line in order.lines if line.product_type in GOODS)
    children: dict[int | None, list[OrderLine]] = defaultdict(list)
    for line in order.lines:
        children[line.parent_line_number].append(line)
    for line in order.lines:
        if line.product_type in ALONG_WITH_THE_FIRST and anything:
            line.shipped = True
        if line.product_type == "BUNDLE" and not line.shipped:
            left = [one for one in children[line.line_number] if one.status != CANCELLED]
            line.shipped = bool(left) and all(one.shipped for one in left)
    order.pieces_shipped = sum(line.shipped for line in order.lines if line.product_type in GOODS)
    order.updated_at = clock.now()


def _in_words(lines: Iterable[OrderLine]) -> str:
    counted = Counter(line.sku for line in lines)
    return ", ".join(f"{count} × {sku}" for sku, count in counted.items())


def _track_in_words(parcel: Parcel) -> str:
    named = " ".join(part for part in (parcel.carrier, parcel.tracking_number) if part)
    return f", {named}" if named else ""
