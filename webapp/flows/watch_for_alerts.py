"""Looking for what people are to be told of, and writing down what tells them (F04).

Only where somebody is to be told: an e-mail address or a webhook is set. What is said is put in words by
whoever calls (`Words`), since that is for the pages to know.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import msgspec
from sqlalchemy.orm import Session

from webapp import clock
from webapp.domain.settings import Settings
from webapp.domain.states import AlertKind, Channel
from webapp.extensions import read, transaction
from webapp.flows.register import callback_url
from webapp.messaging import alerts, chores, notices
from webapp.messaging.alerts import Seen, Telling
from webapp.messaging.notices import Letter
from webapp.models.alerts import Alert
from webapp.models.locks import lock_keys
from webapp.models.stored_settings import read_settings
from webapp.queries import troubles

Words = Callable[[Sequence[Telling], str], Letter]

EVERY = timedelta(seconds=10)
# Looking takes a fiftieth of a worker's time at most, however much there is to look at.
REST = 50
LOCK = "alerts"
OMS = "oms"
WAITING = "waiting"


def watch_for_alerts(words: Words) -> None:
    """Look, if it is time to: note what is there and what is not any more, and write what is to be told."""
    if not chores.take(chores.ALERTS, EVERY):
        return
    began = clock.monotonic()
    with read() as session:
        settings = read_settings(session)
        channels = channels_of(settings)
        seen = list(_see(session, settings)) if channels else []
    if not channels:
        return
    with transaction() as session:
        # Two that look at once would tell twice.
        lock_keys(session, [LOCK])
        alerts.note_seen(session, seen, lambda alert: _is_still(session, alert))
        session.flush()
        tellings = alerts.take_tellings(session)
        if tellings:
            notices.write(session, channels, words(tellings, own_address(settings)))
        spent = timedelta(seconds=(clock.monotonic() - began) * REST)
        if spent > EVERY:
            chores.put_off(session, chores.ALERTS, spent)


def channels_of(settings: Settings) -> list[Channel]:
    """By which ways people are to be told."""
    keys = {Channel.EMAIL: "alerts.email", Channel.WEBHOOK: "alerts.webhook_url"}
    return [channel for channel, key in keys.items() if settings.is_set(key)]


def own_address(settings: Settings) -> str:
    """This server's own address as others reach it, without a slash at its end."""
    return callback_url(settings).partition("/oms/callbacks")[0].rstrip("/")


def _see(session: Session, settings: Settings) -> Iterator[Seen]:
    for failure in troubles.read_failures(session):
        key = f"{failure.direction}/{failure.endpoint}/{failure.topic}/{failure.cause}"
        yield Seen(
            AlertKind.FAILED, key, failure.first, failure.many, failure.reason, failure.sample, failure.marks
        )
    minutes = settings.number("alerts.backlog_minutes")
    if (backlog := troubles.read_backlog(session, minutes)) is not None:
        behind = f"{backlog.behind} of them wait behind another message." if backlog.behind else ""
        yield Seen(AlertKind.BACKLOG, WAITING, backlog.since, backlog.count, behind, backlog.sample)
    if (silence := troubles.read_silence(session)) is not None:
        yield Seen(AlertKind.SILENCE, OMS, silence.since, silence.tries, silence.reason)


def _is_still(session: Session, alert: Alert) -> bool:
    """Of very many causes not all were named: whether this one's messages are failed all the same."""
    if alert.kind is not AlertKind.FAILED:
        return False
    return troubles.is_failing(session, msgspec.json.decode(alert.marks, type=dict[str, str]))
