"""The self-test: a signed callback to ourselves, by the address the OMS was given (F01).

It goes the whole way a callback goes (name, network, TLS, proxy, signature, journal) and has no effect.
"""

from dataclasses import dataclass, replace

from sqlalchemy import select

from webapp import clock
from webapp.domain.outcome import Outcome, Verdict
from webapp.extensions import read
from webapp.flows.call_oms import target_of
from webapp.flows.register import callback_url
from webapp.messaging.journal import new_uid
from webapp.models.messages import Message
from webapp.models.stored_settings import read_settings
from webapp.oms.client import Client
from webapp.oms.envelope import encode_call

SELF_TEST = "oms_connector.self_test"
WAIT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class SelfTest:
    """What came of it: `sentence` says so; `message_uid` is the callback's message, where it arrived here."""

    arrived: bool
    sentence: str
    message_uid: str | None


def call_ourselves() -> SelfTest:
    """Call, and say what came of it."""
    with read() as session:
        settings = read_settings(session)
    if settings.flag("oms.require_signature") and not settings.is_set("oms.secret"):
        return SelfTest(False, "No secret is set, so every callback is refused: set one first.", None)
    url, uid = callback_url(settings), new_uid()
    # Called as the OMS calls: by the one address, without its token.
    client = Client(replace(target_of(settings), url=url, paths="single"), now=clock.now)
    try:
        outcome = client.call(SELF_TEST, encode_call(SELF_TEST, {}, uid), uid, timeout=WAIT_SECONDS)
    finally:
        client.close()
    with read() as session:
        message_uid = session.scalar(
            select(Message.uid).where(Message.wire_id == uid, Message.topic == SELF_TEST)
        )
    arrived = outcome.verdict is Verdict.SUCCEEDED and message_uid is not None
    return SelfTest(arrived, _in_words(outcome, url, here=message_uid is not None), message_uid)


def _in_words(outcome: Outcome, url: str, *, here: bool) -> str:
    if outcome.verdict is Verdict.SUCCEEDED and here:
        return f"A signed callback to {url} arrived here, and its signature was right."
    if outcome.verdict is Verdict.SUCCEEDED:
        return f"Something took the callback at {url}, but it is not this connector: nothing arrived here."
    if outcome.http_status is None:
        why = outcome.reason.replace("The OMS", "What should answer there", 1)
        return f"A callback to {url} does not arrive. {why}. Check oms.callback_url."
    if outcome.http_status == 401:
        return f"What answers at {url} does not know our secret. Is it this connector?"
    if outcome.http_status == 503:
        return f"A callback to {url} arrived and was turned away: the integration is disabled, or it is busy."
    status = f"HTTP {outcome.http_status}"
    return f"What answers at {url} is no connector ({status}). Check oms.callback_url and what is before it."
