"""What `/metrics` says, counted in the journal when it is asked."""

from collections.abc import Iterator, Sequence

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from webapp import clock
from webapp.domain.states import MessageStatus
from webapp.extensions import read
from webapp.models.breakers import Breaker
from webapp.models.jobs import Job
from webapp.models.messages import Message

# Told from the first scrape on, not only once they have failed.
OUT = (("oms", "orders"), ("oms", "catalog"))
WAITING = (MessageStatus.PENDING, MessageStatus.RETRYING)


class JournalCollector(Collector):
    """Messages by topic and status; depth and oldest message of each lane; open breakers; running jobs."""

    def collect(self) -> Iterator[Metric]:
        """One scrape, over four statements."""
        with read() as session:
            counted = session.execute(
                select(Message.direction, Message.topic, Message.status, func.count()).group_by(
                    Message.direction, Message.topic, Message.status
                )
            ).all()
            lanes = session.execute(
                select(Message.lane, func.count(), func.min(Message.created_at))
                .where(Message.status.in_(WAITING))
                .group_by(Message.lane)
            ).all()
            is_open = {
                (one.endpoint.value, one.lane): one.opened_at is not None
                for one in session.scalars(select(Breaker))
            }
            jobs = session.scalars(select(Job).where(Job.due_at.is_not(None)).order_by(Job.id)).all()
        messages = GaugeMetricFamily(
            "oms_connector_messages", "Messages in the journal", labels=["direction", "topic", "status"]
        )
        for direction, topic, status, count in counted:
            messages.add_metric([direction.value, topic, status.value], count)
        yield messages
        depth = GaugeMetricFamily("oms_connector_lane_depth", "Messages waiting", labels=["lane"])
        oldest = GaugeMetricFamily(
            "oms_connector_lane_oldest_seconds", "Age of the oldest waiting message", labels=["lane"]
        )
        for lane, count, since in lanes:
            depth.add_metric([lane], count)
            oldest.add_metric([lane], max(0.0, (clock.now() - since).total_seconds()))
        yield depth
        yield oldest
        yield _breakers(is_open)
        yield from _jobs(jobs)


def _jobs(jobs: Sequence[Job]) -> Iterator[Metric]:
    """How far each job under way is."""
    names = ["job", "kind"]
    total = GaugeMetricFamily("oms_connector_job_total", "Things a running job is over", labels=names)
    past = GaugeMetricFamily("oms_connector_job_past", "Things it is through with", labels=names)
    batches = GaugeMetricFamily("oms_connector_job_batches", "Batches it has made", labels=names)
    for job in jobs:
        for family, many in ((total, job.total), (past, job.done + job.failed), (batches, job.batches)):
            family.add_metric([job.uid, job.kind], many)
    return iter((total, past, batches))


def _breakers(is_open: dict[tuple[str, str], bool]) -> Metric:
    breakers = GaugeMetricFamily(
        "oms_connector_breaker_open",
        "1 while sending is paused because the far side does not answer",
        labels=["endpoint", "lane"],
    )
    for where in sorted({*is_open, *OUT}):
        breakers.add_metric(where, float(is_open.get(where, False)))
    return breakers
