"""Registering with the OMS: who we are, where it posts to, which topics, which version (F01, F02).

The test of the address, the token and the signature is the call itself. It is a message like any other:
journaled, and tried again until the OMS has taken it.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.config import product_version
from webapp.domain.outcome import Outcome, Verdict
from webapp.domain.settings import Settings
from webapp.domain.states import Direction, Endpoint, MessageStatus
from webapp.extensions import current_config
from webapp.flows.hold_integration import enable
from webapp.flows.see_oms import OMS, make_sure_of_row
from webapp.messaging.claims import Claimed
from webapp.messaging.journal import NewMessage, message_key, new_uid, publish
from webapp.messaging.settlement import Change, change
from webapp.models.accounts import AuditEntry
from webapp.models.locks import lock_keys
from webapp.models.messages import Message
from webapp.models.settings import Connection
from webapp.models.stored_settings import read_settings
from webapp.oms.envelope import Call, encode_call, read_calls
from webapp.oms.registration import NOT_SHOWN, REGISTER, write_register

KEY = "registration"
UNSETTLED = (MessageStatus.PENDING, MessageStatus.RETRYING, MessageStatus.HELD, MessageStatus.FAILED)


def callback_url(settings: Settings) -> str:
    """Where the OMS posts to: the setting, else this server's own address."""
    return settings.text("oms.callback_url") or f"http://127.0.0.1:{current_config().port}/oms/callbacks"


def register(session: Session, topics: Sequence[str], actor: str) -> int:
    """Write the registration down to be sent, in place of one still waiting; gives the message's id.

    It also ends a disable, whatever the OMS answers (contract: OMS → connector).
    """
    enable(session, actor)
    return _write_down(session, topics, actor)


def register_after_upgrade(session: Session, topics: Sequence[str]) -> int | None:
    """Register again where the OMS was last told another version (F02); gives the message's id, if any.

    While the integration is disabled it is held with everything else.
    """
    row, version = session.get(Connection, OMS), product_version()
    if row is None or row.registered_version in (None, version):
        return None
    under_way = session.scalars(select(Message).where(Message.topic == REGISTER, Message.is_open))
    if any(_told(message.payload)["version"] == version for message in under_way):
        return None
    return _write_down(session, topics, f"upgrade to {version}")


def _write_down(session: Session, topics: Sequence[str], actor: str) -> int:
    lock_keys(session, [message_key(Direction.OUT, Endpoint.OMS, KEY)])
    settings = read_settings(session)
    uid = new_uid()
    params = write_register(
        application_id=settings.text("oms.application_id"),
        callback_url=callback_url(settings),
        secret=NOT_SHOWN if settings.is_set("oms.secret") else "",
        subscribes=topics,
        version=product_version(),
    )
    waiting = session.scalars(
        select(Message.id).where(Message.topic == REGISTER, Message.status.in_(UNSETTLED))
    ).all()
    payload = encode_call(REGISTER, params, uid)
    ids = publish(session, [NewMessage(REGISTER, "orders", KEY, payload, uid)], actor)
    change(session, waiting, Change(MessageStatus.SUPERSEDED, actor, "Registered anew.", ids[0]))
    session.add(AuditEntry(at=clock.now(), actor=actor, action="registration begun", subject="integration"))
    return ids[0]


def after_register(session: Session, ended: Sequence[tuple[Claimed, Outcome]]) -> None:
    """Keep what was seen: registered when, with which version and topics, or why not."""
    claimed, outcome = ended[-1]
    if outcome.verdict is Verdict.UNSENT:
        return
    make_sure_of_row(session)
    row = session.get_one(Connection, OMS, with_for_update=True)
    row.registration_answer = outcome.answer
    if outcome.verdict is not Verdict.SUCCEEDED:
        row.registration_error = outcome.reason
        return
    told = _told(claimed.payload)
    row.registered_at, row.registration_error = clock.now(), ""
    row.registered_version, row.registered_url = told["version"], told["url"]
    row.registered_topics = told["topics"]


def after_unregister(session: Session, ended: Sequence[tuple[Claimed, Outcome]]) -> None:
    """Keep what was seen: not registered any more."""
    if all(outcome.verdict is not Verdict.SUCCEEDED for _, outcome in ended):
        return
    make_sure_of_row(session)
    row = session.get_one(Connection, OMS, with_for_update=True)
    row.registered_at = row.registered_version = row.registered_url = None
    row.registered_topics = row.registration_error = ""


def _told(payload: bytes) -> dict[str, str]:
    call = read_calls(payload)[0]
    params = call.params if isinstance(call, Call) else {}
    labels, topics = params.get("labels"), params.get("subscribes")
    return {
        "version": str(labels.get("version", "")) if isinstance(labels, dict) else "",
        "url": str(params.get("url", "")),
        "topics": "\n".join(map(str, topics)) if isinstance(topics, list) else "",
    }
