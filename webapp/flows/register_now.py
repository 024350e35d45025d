"""Registering while somebody waits for what the OMS says (F01)."""

from dataclasses import dataclass

from webapp.config import product_version
from webapp.domain.states import MessageStatus
from webapp.extensions import read, transaction
from webapp.flows.register import register
from webapp.flows.registry import subscribed_topics
from webapp.flows.send_now import send_now
from webapp.models.messages import Message
from webapp.models.stored_settings import read_settings
from webapp.oms.sentences import as_sentence

WAIT_SECONDS = 25.0


@dataclass(frozen=True, slots=True)
class RegistrationResult:
    """How the registration stands: `sentence` says so; `message_uid` is its message in the journal."""

    registered: bool
    sentence: str
    message_uid: str


def register_now(actor: str) -> RegistrationResult:
    """Register, wait for the answer a while, and say how it stands."""
    topics = subscribed_topics()
    with transaction() as session:
        message_id = register(session, topics, actor)
    send_now([message_id], WAIT_SECONDS, by_hand=True)
    with read() as session:
        message = session.get_one(Message, message_id)
        has_secret = read_settings(session).is_set("oms.secret")
    if message.status is MessageStatus.SUCCEEDED:
        words = f"Registered version {product_version()} for {len(topics)} topics."
        if not has_secret:
            words += " No secret is set, so callbacks are refused until one is."
        return RegistrationResult(True, words, message.uid)
    words = as_sentence(message.reason or "The OMS has not answered yet")
    if message.status is MessageStatus.RETRYING:
        words += " It is tried again by itself."
    return RegistrationResult(False, words, message.uid)
