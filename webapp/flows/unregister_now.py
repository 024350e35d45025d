"""Leaving the OMS, when asked to while disabling: it is told to call us no longer (F01)."""

from webapp import clock
from webapp.domain.states import MessageStatus
from webapp.extensions import read, transaction
from webapp.flows.register import KEY
from webapp.flows.send_now import send_now
from webapp.messaging.journal import NewMessage, new_uid, publish
from webapp.messaging.replay import skip
from webapp.models.accounts import AuditEntry
from webapp.models.messages import Message
from webapp.models.stored_settings import read_settings
from webapp.oms.envelope import encode_call
from webapp.oms.registration import UNREGISTER, write_unregister
from webapp.oms.sentences import as_sentence

WAIT_SECONDS = 20.0


def unregister_now(actor: str) -> tuple[bool, str]:
    """Tell the OMS while somebody waits; gives whether it has taken it, and a sentence.

    What it does not take now is set aside: sent later, it would end a registration made meanwhile.
    """
    with transaction() as session:
        uid, application_id = new_uid(), read_settings(session).text("oms.application_id")
        payload = encode_call(UNREGISTER, write_unregister(application_id), uid)
        (message_id,) = publish(session, [NewMessage(UNREGISTER, "orders", KEY, payload, uid)], actor)
        session.add(
            AuditEntry(at=clock.now(), actor=actor, action="unregistration begun", subject="integration")
        )
    send_now([message_id], WAIT_SECONDS)
    with read() as session:
        message = session.get_one(Message, message_id)
    if message.status is MessageStatus.SUCCEEDED:
        return True, "The OMS was told to call no longer."
    with transaction() as session:
        skip(session, [message_id], actor, "The OMS did not take it while the integration was disabled.")
    return False, f"The OMS was not unregistered: {as_sentence(message.reason or 'it has not answered')}"
