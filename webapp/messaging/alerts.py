"""What people are told of, and when (F04): once it is there, while it goes on, and when it is over.

What comes and goes is not told each time: one that is back soon after it was told of waits for a while, and
one is over only once it has stayed away. All that is to be told at one time is told together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.domain.states import AlertKind, Told
from webapp.models.alerts import KEY_LENGTH, Alert
from webapp.models.types import storable

# Told of again no sooner than this after the last time.
QUIET = timedelta(minutes=15)
# Over once it has not been seen for so long.
STEADY = timedelta(minutes=1)
# That it goes on is told so long after it was last told of.
REMINDERS = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))

Phase = Literal["raised", "still", "over"]


@dataclass(frozen=True, slots=True)
class Seen:
    """Something as it is seen now: which, since when, how many, why, and the id of one message of it."""

    kind: AlertKind
    key: str
    since: datetime
    count: int = 1
    reason: str = ""
    sample: str = ""
    marks: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Telling:
    """One thing to be told: that it is there, that it goes on, or that it is over."""

    phase: Phase
    kind: AlertKind
    since: datetime
    over_at: datetime | None
    count: int
    reason: str
    sample: str
    marks: dict[str, str]


def note_seen(session: Session, seen: Sequence[Seen], is_still: Callable[[Alert], bool]) -> None:
    """Keep what is seen now, and note what is not any more; `is_still` looks at one that was not named.

    The caller holds the alerts' lock.
    """
    now = clock.now()
    here = {(one.kind, one.key): one for one in session.scalars(select(Alert).where(Alert.over_at.is_(None)))}
    for one in seen:
        key = storable(one.key, KEY_LENGTH)
        alert = here.pop((one.kind, key), None) or _reopened(session, one.kind, key, now)
        if alert is None:
            alert = Alert(kind=one.kind, key=key, told=Told.NOTHING, told_count=0, reminders=0)
            session.add(alert)
        alert.since, alert.count = one.since, one.count
        alert.reason, alert.sample = storable(one.reason), one.sample
        alert.marks = msgspec.json.encode(one.marks).decode()
        alert.gone_at = alert.over_at = None
    for gone in here.values():
        if is_still(gone):
            continue
        gone.gone_at = gone.gone_at or now
        if now - gone.gone_at >= STEADY:
            gone.over_at = gone.gone_at


def _reopened(session: Session, kind: AlertKind, key: str, now: datetime) -> Alert | None:
    """The same thing, where it was over only a moment ago: it came back."""
    lately = select(Alert).where(Alert.kind == kind, Alert.key == key, Alert.over_at > now - QUIET)
    return session.scalar(lately.order_by(Alert.over_at.desc()).limit(1))


def take_tellings(session: Session) -> list[Telling]:
    """What is to be told now, and is told by whoever took it; the caller holds the alerts' lock."""
    now = clock.now()
    lately = Alert.over_at > now - timedelta(days=1)
    found = session.scalars(select(Alert).where(Alert.over_at.is_(None) | lately).order_by(Alert.id))
    tellings = []
    for alert in found:
        phase = _due(alert, now)
        if phase is not None:
            tellings.append(_telling(alert, phase))
            _mark_told(alert, phase, now)
    return tellings


def _due(alert: Alert, now: datetime) -> Phase | None:
    if alert.over_at is not None:
        return "over" if alert.told is Told.RAISED else None
    if alert.gone_at is not None:
        return None
    rested = now - alert.told_at if alert.told_at else None
    if alert.told is not Told.RAISED:
        return "raised" if rested is None or rested >= QUIET else None
    if rested is None or rested < REMINDERS[min(alert.reminders, len(REMINDERS) - 1)]:
        return None
    grown = alert.kind is not AlertKind.FAILED or alert.count > alert.told_count
    return "still" if grown else None


def _telling(alert: Alert, phase: Phase) -> Telling:
    return Telling(
        phase=phase,
        kind=alert.kind,
        since=alert.since,
        over_at=alert.over_at,
        count=alert.count,
        reason=alert.reason,
        sample=alert.sample,
        marks=msgspec.json.decode(alert.marks, type=dict[str, str]),
    )


def _mark_told(alert: Alert, phase: Phase, now: datetime) -> None:
    alert.told = Told.OVER if phase == "over" else Told.RAISED
    alert.reminders = alert.reminders + 1 if phase == "still" else 0
    alert.told_at, alert.told_count = now, alert.count
