"""The circuit breaker: a far side that is down costs no message its tries (F05).

One for each far side and lane, a row that all workers share. After `OPENS_AFTER` silences in a row it opens:
then nothing of its lane is claimed but one message every `PROBE_EVERY`, the one with the fewest tries, and
what is owed its last try. The first answer closes it. The 48 hours of those that wait run on.
"""

from collections.abc import Sequence

import structlog
from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from webapp import clock
from webapp.domain.outcome import Outcome, Verdict
from webapp.domain.states import Direction, Endpoint
from webapp.messaging.bell import ring_after_commit
from webapp.messaging.claims import PROBE_EVERY, Claimed
from webapp.models.breakers import Breaker, BreakerChange
from webapp.models.types import storable

log = structlog.get_logger(__name__)

OPENS_AFTER = 5
ANSWERS = (Verdict.SUCCEEDED, Verdict.REFUSED, Verdict.ERROR_ANSWER)
ANSWERED = "It answers again."


def is_open(session: Session, endpoint: Endpoint, lane: str) -> bool:
    """Whether nothing is sent to this far side in this lane now, but now and then one to see."""
    found = select(Breaker.opened_at).where(Breaker.endpoint == endpoint, Breaker.lane == lane)
    return session.scalar(found) is not None


def note(session: Session, ended: Sequence[tuple[Claimed, Outcome]]) -> None:
    """Count what these tries tell of their far sides, in the order they ended; in their settlement."""
    told: dict[tuple[Endpoint, str], list[Outcome]] = {}
    for claimed, outcome in ended:
        if claimed.direction is Direction.OUT and is_telling(outcome):
            told.setdefault((claimed.endpoint, claimed.lane), []).append(outcome)
    for where in sorted(told):
        _count(session, *where, told[where])


def is_telling(outcome: Outcome) -> bool:
    """Whether it says that the far side answers, or that it does not."""
    return outcome.verdict is Verdict.SILENT or outcome.verdict in ANSWERS


def probe_soon(session: Session, endpoint: Endpoint) -> None:
    """Let the next look at an open breaker's lane be a probe: how the far side is reached was changed."""
    lanes = session.scalars(
        update(Breaker)
        .where(Breaker.endpoint == endpoint, Breaker.opened_at.is_not(None))
        .values(probe_at=clock.now())
        .returning(Breaker.lane)
        .execution_options(synchronize_session=False)
    ).all()
    ring_after_commit(session, lanes)


def _count(session: Session, endpoint: Endpoint, lane: str, outcomes: Sequence[Outcome]) -> None:
    mine = (Breaker.endpoint == endpoint, Breaker.lane == lane)
    if all(outcome.verdict is not Verdict.SILENT for outcome in outcomes):
        seen = session.execute(select(Breaker.failures, Breaker.opened_at).where(*mine)).one_or_none()
        if seen is None or (seen.failures == 0 and seen.opened_at is None):
            # As nearly always: it answers, as before.
            return
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    new = {"endpoint": endpoint, "lane": lane, "failures": 0, "reason": ""}
    session.execute(dialect.insert(Breaker).values(new).on_conflict_do_nothing())
    breaker = session.scalars(select(Breaker).where(*mine).with_for_update()).one()
    for outcome in outcomes:
        _follow(session, breaker, outcome)
    session.flush()


def _follow(session: Session, breaker: Breaker, outcome: Outcome) -> None:
    if outcome.verdict is Verdict.SILENT:
        breaker.failures, breaker.reason = breaker.failures + 1, storable(outcome.reason)
        if breaker.opened_at is None and breaker.failures >= OPENS_AFTER:
            breaker.opened_at = clock.now()
            breaker.probe_at = breaker.opened_at + PROBE_EVERY
            _note_change(session, breaker, breaker.reason)
    else:
        breaker.failures = 0
        if breaker.opened_at is not None:
            breaker.opened_at = breaker.probe_at = None
            _note_change(session, breaker, ANSWERED)
            ring_after_commit(session, [breaker.lane])


def _note_change(session: Session, breaker: Breaker, reason: str) -> None:
    opened = breaker.opened_at is not None
    log.warning(
        "breaker_opened" if opened else "breaker_closed",
        endpoint=breaker.endpoint.value,
        lane=breaker.lane,
        reason=reason,
    )
    row = {"endpoint": breaker.endpoint, "lane": breaker.lane, "opened": opened, "reason": reason}
    session.execute(insert(BreakerChange), [row | {"at": clock.now()}])
