"""The doorbell: Redis carries only "there is work in lane X" (house rule 1).

A ring is one key a lane, set after the commit, and one RQ job that drains the lane; the drain's first
act is to lower the bell. Jobs have random ids and leave no result, so none can be refused for being
there already; one that waits in the queue is enough, since it has yet to look. Where Redis is away a
ring is dropped: the sweep rings again for whatever is due.
"""

from collections.abc import Iterable

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import event
from sqlalchemy.orm import Session

from webapp import clock
from webapp.extensions import current_config

log = structlog.get_logger(__name__)

SWEEPS = "retries"
JOBS = "jobs"
# Lane -> the job that drains it; the only place that knows the workers' names.
LANES = {
    "orders": "workers.exports.drain_orders",
    "catalog": "workers.exports.drain_catalog",
    "status_updates": "workers.status_updates.drain",
    "credit_memos": "workers.credit_memos.drain",
    "stock": "workers.stock.drain",
    JOBS: "workers.jobs.drain",
    SWEEPS: "workers.retries.sweep",
}

BELL_SECONDS = 30
JOB_SECONDS = 180
SOCKET_SECONDS = 1.0
AWAY_SECONDS = 3.0
_RUNG = "lanes_to_ring"

_redis: dict[str, Redis] = {}
_away_until: dict[str, float] = {}


def connect() -> Redis:
    """This process's connection for ringing: gives up after a second, never tries twice."""
    url = current_config().redis_url
    if url not in _redis:
        _redis[url] = Redis.from_url(
            url,
            socket_timeout=SOCKET_SECONDS,
            socket_connect_timeout=SOCKET_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
    return _redis[url]


def ring_after_commit(session: Session, lanes: Iterable[str]) -> None:
    """Ring these lanes once the session's transaction is committed."""
    session.info.setdefault(_RUNG, set()).update(lanes)


@event.listens_for(Session, "after_commit")
def _ring_committed(session: Session) -> None:
    if session.in_nested_transaction():
        # Only a savepoint: nobody else sees anything of it yet.
        return
    for lane in sorted(session.info.pop(_RUNG, ())):
        ring(lane)


@event.listens_for(Session, "after_rollback")
def _forget_rolled_back(session: Session) -> None:
    # What was written before a savepoint is still to come when that one is rolled back.
    if not session.in_nested_transaction():
        session.info.pop(_RUNG, None)


def ring(lane: str, *, again: bool = False) -> bool:
    """Wake the lane's worker, once however often it is rung; `again` rings though the bell is up.

    Failure policy: never raises for a Redis that is away; says False, and the sweep makes up for it.
    """
    url = current_config().redis_url
    if clock.monotonic() < _away_until.get(url, 0.0):
        return False
    try:
        redis = connect()
        if redis.set(_bell(lane), 1, nx=True, ex=BELL_SECONDS) or again:
            queue = Queue(lane, connection=redis, serializer=JSONSerializer)
            if not queue.count:
                queue.enqueue(LANES[lane], result_ttl=0, failure_ttl=60, job_timeout=JOB_SECONDS)
    except (RedisError, OSError) as error:
        _away_until[url] = clock.monotonic() + AWAY_SECONDS
        log.warning("bell_not_rung", lane=lane, error=str(error))
        return False
    return True


def lower(lane: str) -> None:
    """A drain's first act: whatever is committed from here on rings anew."""
    try:
        connect().delete(_bell(lane))
    except (RedisError, OSError) as error:
        log.warning("bell_not_lowered", lane=lane, error=str(error))


def ring_sweep() -> bool:
    """Ask for a sweep, if none is waiting already; one that was lost on its way is asked for anew."""
    return ring(SWEEPS, again=True)


def _bell(lane: str) -> str:
    return f"oms-connector:bell:{lane}"
