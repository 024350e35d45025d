"""Shipment callback → shipments: one per package, each piece once (F21)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.domain.line_fate import CANCELLED, SHIPPED, Fate
from webapp.domain.refusals import Inapplicable
from webapp.flows.count_shipped import GOODS, count_shipped, shipments_by_line, tell_line
from webapp.flows.hear_oms import is_said_anew
from webapp.flows.record_order import find_told_order, note
from webapp.flows.told_lines import Told as ToldLine
from webapp.flows.told_lines import find_line
from webapp.messaging.claims import Claimed
from webapp.models.fulfilment import Shipment, ShipmentLine, Track
from webapp.models.orders import Order, OrderLine
from webapp.oms.parcels import Parcel, ShippedItem
from webapp.oms.topics.customer_shipment_done import Shipment as Told

NOTHING_NEW = "These pieces had been shipped already; nothing new."
LONGEST_NUMBER = 200
LONGEST_CARRIER = 120


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
    if not is_said_anew(session, order, claimed):
        return NOTHING_NEW
    request_id = told.shipment_request_id or told.shipment_id
    event = _Event(order, request_id, told.shipment_date or claimed.created_at, claimed.id)
    done = ship_parcels(session, event, lines, told.parcels)
    count_shipped(session, order)
    return done


def check_items(lines: Mapping[int, OrderLine], items: Iterable[ShippedItem], path: str) -> None:
    """Each line must be the order's, be what the message says it is, and not be cancelled."""
    for index, item in enumerate(items):
        told = ToldLine(
            item.order_line_number, item.order_line_id, item.sku, "order_line_number", "order_line_id"
        )
        find_line(lines, told, f"{path}[{index}]")


def ship_parcels(
    session: Session, event: _Event, lines: Mapping[int, OrderLine], parcels: Sequence[Parcel]
) -> str:
    """One shipment for each parcel that has something new; gives what was done, in a sentence."""
    told: list[str] = []
    packed = shipments_by_line(session, event.order)
    homes: list[Shipment] = []
    for parcel in parcels:
        goods = [line for line in _shippable(lines, parcel.line_numbers) if line.product_type in GOODS]
        new = [line for line in goods if line.id not in packed]
        if goods:
            known = sorted({packed[line.id] for line in goods if line.id in packed})
            homes = [session.get_one(Shipment, shipment_id) for shipment_id in known]
        tracked = [shipment.increment_id for shipment in homes if _add_track(session, shipment, parcel)]
        told += [f"Tracking for shipment {number}{_track_in_words(parcel)}." for number in tracked]
        if new:
            shipment = _open_shipment(session, event, parcel)
            _add_lines(session, shipment, new, event.at)
            _add_track(session, shipment, parcel)
            packed |= {line.id: shipment.id for line in new}
            homes = [shipment]
            told.append(f"Shipment {shipment.increment_id}: {_in_words(new)}{_track_in_words(parcel)}.")
    words = " ".join(told) or NOTHING_NEW
    note(session, event.order, words, kind="shipment", message_id=event.message_id, oms_date=event.at)
    return words


def _shippable(lines: Mapping[int, OrderLine], numbers: Iterable[int]) -> list[OrderLine]:
    """The lines of these numbers; raises `Refused` naming one that can't ship."""
    found = []
    for number in numbers:
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
        found.append(line)
    return found


def _open_shipment(session: Session, event: _Event, parcel: Parcel) -> Shipment:
    """A new shipment; the one that has this package already, where a later message names more of it."""
    key = f"{event.request_id}/{parcel.package_id}" if event.request_id and parcel.package_id else None
    shipments = session.scalars(select(Shipment).where(Shipment.order_id == event.order.id)).all()
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


def _add_lines(session: Session, shipment: Shipment, new: Iterable[OrderLine], at: datetime) -> None:
    for line in new:
        session.add(ShipmentLine(shipment_id=shipment.id, order_line_id=line.id))
        tell_line(line, Fate(SHIPPED, "", at))
    session.flush()


def _add_track(session: Session, shipment: Shipment, parcel: Parcel) -> bool:
    """Add the parcel's track, or what the shipment's own does not have of it yet; True if it was new."""
    number, carrier = parcel.tracking_number[:LONGEST_NUMBER], parcel.carrier[:LONGEST_CARRIER]
    if not (number or parcel.tracking_link or carrier):
        return False
    tracks = session.scalars(select(Track).where(Track.shipment_id == shipment.id).order_by(Track.id)).all()
    for track in tracks:
        if _is_one(track.number, number) and _is_one(track.carrier, carrier):
            before = (track.number, track.carrier, track.url)
            track.number, track.url = track.number or number, track.url or parcel.tracking_link
            track.carrier, track.title = track.carrier or carrier, track.title or carrier
            session.flush()
            return before != (track.number, track.carrier, track.url)
    session.add(
        Track(
            shipment_id=shipment.id,
            carrier=carrier,
            title=carrier,
            number=number,
            url=parcel.tracking_link,
        )
    )
    session.flush()
    return True


def _is_one(known: str, told: str) -> bool:
    """Whether two words on a track can be of the same one: what is not said contradicts nothing."""
    return not known or not told or known == told


def _in_words(lines: Iterable[OrderLine]) -> str:
    counted = Counter(line.sku for line in lines)
    return ", ".join(f"{count} × {sku}" for sku, count in counted.items())


def _track_in_words(parcel: Parcel) -> str:
    named = " ".join(part for part in (parcel.carrier, parcel.tracking_number) if part)
    return f", {named}" if named else ""
