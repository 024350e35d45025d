"""What `/metrics` says, counted in the journal when it is asked."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from webapp import clock
from webapp.domain.states import MessageStatus
from webapp.extensions import read
from webapp.models.breakers import Breaker
from webapp.models.messages import Message

# Told from the first scrape on, not only once they have failed.
OUT = (("oms", "orders"), ("oms", "catalog"))
WAITING = (MessageStatus.PENDING, MessageStatus.RETRYING)


class JournalCollector(Collector):
    """Messages by topic and status; depth and oldest message of each lane; open breakers."""

    def collect(self) -> Iterator[Metric]:
        """One scrape, over three statements."""
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


def _breakers(is_open: dict[tuple[str, str], bool]) -> Metric:
    breakers = GaugeMetricFamily(
        "oms_connector_breaker_open",
        "1 while sending is paused because the far side does not answer",
        labels=["endpoint", "lane"],
    )
    for where in sorted({*is_open, *OUT}):
        breakers.add_metric(where, float(is_open.get(where, False)))
    return breakers
