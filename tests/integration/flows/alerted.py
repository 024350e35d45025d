"""Messages that fail and wait, and workers that look at them, as alerts are about (F04)."""

from tests.fixtures.mail_server import MailServer
from tests.fixtures.time import MovingClock
from tests.integration.messaging.journaled import REFUSED, claim, new, published, settled, try_once
from webapp.domain.outcome import Outcome
from webapp.extensions import transaction
from webapp.flows.change_settings import change_settings
from webapp.flows.look_after import look_after
from webapp.flows.mend_many import REPLAY, choose_by_filter
from webapp.flows.mend_now import mend_now
from webapp.pages.words.alerts import alert_letter

PRODUCT = "magento.catalog.product_management.updated"


def set_settings(**settings: object) -> None:
    """Change settings; `__` stands for the dot in their names."""
    changes = {name.replace("__", "."): value for name, value in settings.items()}
    with transaction() as session:
        change_settings(session, changes, "a test")


def look(clock: MovingClock, *, minutes: float = 0, seconds: float = 11) -> None:
    """Some time passes, then a worker looks."""
    clock.advance(minutes=minutes, seconds=seconds)
    look_after(alert_letter, lambda: False)


def fail(key: str, outcome: Outcome = REFUSED, topic: str = PRODUCT) -> int:
    """One message more that failed so."""
    (message_id,) = published(new(key, topic=topic))
    assert try_once(outcome) == message_id
    return message_id


def mend() -> None:
    """Everything that failed is sent again, and taken."""
    mend_now(REPLAY, choose_by_filter({"status": "failed"}), "an operator")
    for claimed in claim():
        assert settled(claimed)


def subjects(server: MailServer) -> list[str]:
    """What the mails are about, oldest first."""
    return [str(mail["Subject"]).strip().removeprefix("[OMS Connector] ") for mail in server.mails]
