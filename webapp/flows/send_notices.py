"""Sending the notices that are due, outside of any transaction; trying one at once, for a test (F04)."""

from collections.abc import Callable

import structlog

from webapp.domain.settings import Settings
from webapp.domain.states import Channel
from webapp.extensions import read, transaction
from webapp.flows.post_webhook import post_webhook
from webapp.flows.send_mail import default_sender, send_mail
from webapp.flows.watch_for_alerts import channels_of, own_address
from webapp.messaging import notices
from webapp.messaging.notices import Letter, Outgoing
from webapp.models.stored_settings import read_settings

log = structlog.get_logger(__name__)

# How many at the most, so that a dead mail server does not keep a worker from its other work.
AT_ONCE = 5


def send_notices(stop: Callable[[], bool]) -> None:
    """Send what is due: each as the settings in force now say."""
    for _ in range(AT_ONCE):
        outgoing = None if stop() else notices.claim()
        if outgoing is None:
            return
        notices.settle(outgoing, _send(outgoing))


def send_test(letter: Callable[[str], Letter]) -> dict[str, str | None]:
    """Send a test to everyone who would be told; gives for each way None, or why it was not taken.

    It is tried once, while whoever asked for it waits.
    """
    with read() as session:
        settings = read_settings(session)
    results: dict[str, str | None] = {}
    for channel in channels_of(settings):
        with transaction() as session:
            (notice_id,) = notices.write(session, [channel], letter(own_address(settings)), rings=False)
        outgoing = notices.claim(notice_id)
        if outgoing is not None:
            why = results[channel.value] = _send(outgoing)
            notices.settle(outgoing, why, final=True)
    return results


def _send(outgoing: Outgoing) -> str | None:
    with read() as session:
        settings = read_settings(session)
    if outgoing.channel not in channels_of(settings):
        # Nobody is to be told this way any more.
        return None
    try:
        return _WAYS[outgoing.channel](settings, outgoing)
    except Exception as error:
        # Failure policy: an error of ours is no reason to lose a notice; it is tried again.
        log.exception("notice_failed", channel=outgoing.channel.value)
        return f"The connector could not send it ({type(error).__name__})."


def _mail(settings: Settings, outgoing: Outgoing) -> str | None:
    sender = settings.text("alerts.from") or default_sender()
    letter = outgoing.letter
    return send_mail(sender, settings.codes("alerts.email"), letter.subject, letter.text, outgoing.uid)


def _webhook(settings: Settings, outgoing: Outgoing) -> str | None:
    return post_webhook(settings, outgoing.letter.payload, outgoing.uid)


_WAYS = {Channel.EMAIL: _mail, Channel.WEBHOOK: _webhook}
