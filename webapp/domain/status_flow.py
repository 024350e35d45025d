"""Where an order stands, by all that the OMS has said of it (F18; protocol: Order statuses).

The standing follows from the set of events, not from their order of arrival: rank first, date only
within a rank, so that what comes late or twice never moves an order backwards.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from webapp.domain.oms_codes import normalise

PRE_CANCELLATION: Final = "PRE_CANCELLATION"
FINAL_RANK: Final = 8
CANCELLABLE_RANK: Final = 2
RANKS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "NEW": 0,
        "NEW_ORDER": 0,
        "RECEIVED": 1,
        # Within a rank and at the same date, the later in this list stands.
        "APPROVED": 2,
        "AUTHORIZED": 2,
        "INCOMPLETE": 2,
        "ERROR": 2,
        "ONHOLD": 2,
        "LOGISTICS": 3,
        "PICKREADY": 4,
        "PICKCONFIRMED": 5,
        "PARTIALLY_COMPLETE": 6,
        "LOGISTICSCOMPLETE": 7,
        # Of final statuses that contradict each other at the same date, the earlier in this list stands.
        "COMPLETE": 8,
        "CANCELLED": 8,
        "REJECTED": 8,
        "ABORTED": 8,
    }
)
_PLACES: Final = {status: place for place, status in enumerate(RANKS)}
# They say that something is wrong, not where the order stands: the store keeps what stood beside them.
TROUBLED: Final = frozenset({"ERROR", "INCOMPLETE"})


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """A Magento order's state, and a status that belongs to it."""

    state: str
    status: str


_PROCESSING: Final = StoreStatus("processing", "processing")
_CANCELED: Final = StoreStatus("canceled", "canceled")
CLOSED: Final = StoreStatus("closed", "closed")
# What each OMS status, or status/reason, means in the store; the setting `statuses.map` goes on top.
STORE_STATUSES: Final[Mapping[str, StoreStatus]] = MappingProxyType(
    {status: _PROCESSING for status in (*RANKS, PRE_CANCELLATION) if status not in TROUBLED}
    | {
        "ONHOLD": StoreStatus("holded", "holded"),
        "COMPLETE": StoreStatus("complete", "complete"),
        "COMPLETE/FULLYCANCELLED": _CANCELED,
        "CANCELLED": _CANCELED,
        "REJECTED": _CANCELED,
        "ABORTED": _CANCELED,
    }
)


@dataclass(frozen=True, slots=True)
class StatusEvent:
    """One word of the OMS on an order: `date` is the OMS's, None where it gave none."""

    status: str
    reason: str
    date: datetime | None
    received_at: datetime

    @property
    def at(self) -> datetime:
        """Its date; without one, the time it was received."""
        return self.date or self.received_at


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an order stands: the OMS's status, reason and date, and what they are in the store.

    `rank` is that of the highest status heard, None while only PRE_CANCELLATION was. `attention` are
    sentences for whoever has to look at the order, empty where nobody has.
    """

    status: str
    reason: str
    date: datetime
    rank: int | None
    store: StoreStatus
    attention: tuple[str, ...] = ()


def standing(
    events: Iterable[StatusEvent],
    *,
    overrides: Mapping[str, Mapping[str, str]] | None = None,
    refunded_in_full: bool = False,
) -> Standing | None:
    """Where an order stands by all these events, in whatever order they came; None where none is known.

    `overrides` is the setting `statuses.map`; `refunded_in_full` closes a complete order (F30).
    """
    heard = [event for event in events if is_known(event.status)]
    ranked = [event for event in heard if event.status in RANKS]
    meanings = _meanings(overrides)
    ruling = _ruling(ranked)
    store = _store_status(ranked, ruling, meanings)
    if refunded_in_full and store.state == "complete":
        store = CLOSED
    rank = RANKS[ruling.status] if ruling else None
    attention = _attention(ranked, ruling)
    asked = max((event for event in heard if event.status == PRE_CANCELLATION), key=_recency, default=None)
    if asked and rank != FINAL_RANK and (ruling is None or asked.at >= ruling.at):
        shown = _meaning(asked, meanings) or store
        return Standing(asked.status, asked.reason, asked.at, rank, shown, attention)
    if ruling is None:
        return None
    return Standing(ruling.status, ruling.reason, ruling.at, rank, store, attention)


def is_known(status: str) -> bool:
    """Whether a (normalised) status has a place in the flow."""
    return status in RANKS or status == PRE_CANCELLATION


def cancellable(status: str | None) -> bool:
    """Whether an order that stands at this status may be cancelled from here (F22); None: not heard of."""
    return status is None or RANKS.get(status, FINAL_RANK) <= CANCELLABLE_RANK


def _ruling(ranked: Sequence[StatusEvent]) -> StatusEvent | None:
    """The event whose status stands: the first final one, else the newest of the highest rank."""
    finals = [event for event in ranked if RANKS[event.status] == FINAL_RANK]
    if finals:
        first = min(finals, key=_precedence)
        return max((event for event in finals if event.status == first.status), key=_recency)
    return max(ranked, key=lambda event: (RANKS[event.status], *_recency(event)), default=None)


def _precedence(final: StatusEvent) -> tuple[bool, datetime, int]:
    # Undated after dated, and among themselves by their place alone: when they came says nothing.
    if final.date is None:
        return True, datetime.min, _PLACES[final.status]
    return False, final.date, _PLACES[final.status]


def _recency(event: StatusEvent) -> tuple[datetime, int, str]:
    # The reason only decides between two events of one status and date, whichever came first.
    return event.at, _PLACES.get(event.status, 0), event.reason


def _store_status(
    ranked: Sequence[StatusEvent], ruling: StatusEvent | None, meanings: Mapping[str, StoreStatus]
) -> StoreStatus:
    if ruling and (meaning := _meaning(ruling, meanings)):
        return meaning
    beside = _ruling([event for event in ranked if event.status not in TROUBLED])
    return (_meaning(beside, meanings) if beside else None) or _PROCESSING


def _meaning(event: StatusEvent, meanings: Mapping[str, StoreStatus]) -> StoreStatus | None:
    return meanings.get(f"{event.status}/{event.reason}") or meanings.get(event.status)


def _meanings(overrides: Mapping[str, Mapping[str, str]] | None) -> Mapping[str, StoreStatus]:
    if not overrides:
        return STORE_STATUSES
    changed = {
        "/".join(normalise(part) for part in key.split("/")): StoreStatus(entry["state"], entry["status"])
        for key, entry in overrides.items()
    }
    return {**STORE_STATUSES, **changed}


def _attention(ranked: Sequence[StatusEvent], ruling: StatusEvent | None) -> tuple[str, ...]:
    if ruling is None:
        return ()
    if ruling.status in TROUBLED:
        return (f"The OMS says {_in_words(ruling)} of this order.",)
    if RANKS[ruling.status] != FINAL_RANK:
        return ()
    others = {
        event.status: event for event in sorted(ranked, key=_recency) if RANKS[event.status] == FINAL_RANK
    }
    others.pop(ruling.status)
    return tuple(
        f"The OMS also says {_in_words(others[status])} of this order, which stands at {ruling.status}."
        for status in sorted(others, key=_PLACES.__getitem__)
    )


def _in_words(event: StatusEvent) -> str:
    return f"{event.status} ({event.reason})" if event.reason else event.status
