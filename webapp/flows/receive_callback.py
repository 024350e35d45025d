"""A call from the OMS: proved, read, written down, and applied now or by a worker (F07).

The signature, the envelope, the topic and the topic's schema are checked before the answer in both
modes; what is wrong is journaled and answered with its reason, and changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from webapp.domain.outcome import Outcome, Verdict
from webapp.domain.refusals import Refused
from webapp.domain.settings import Settings
from webapp.domain.states import Direction, MessageStatus
from webapp.extensions import read, transaction
from webapp.flows import registry, see_oms
from webapp.flows.apply_now import apply_through
from webapp.flows.call_ourselves import SELF_TEST
from webapp.flows.hold_integration import is_disabled
from webapp.flows.turn_away import turn_away
from webapp.messaging.journal import NewMessage, Received, receive, record_settled
from webapp.messaging.replay import replay
from webapp.models.stored_settings import read_settings
from webapp.oms import envelope, wire
from webapp.oms.envelope import BadCall, Call
from webapp.oms.signature import verify

log = structlog.get_logger(__name__)

ACTOR = "OMS"
UNREADABLE = "unreadable"
NOT_INFLATED = "The body cannot be read by its Content-Encoding; gzip, deflate and identity are taken."
# A repeat of what was applied, or set aside by hand, has nothing more to do.
DEALT_WITH = (MessageStatus.SUCCEEDED, MessageStatus.SKIPPED)
# Of a call that is not taken, its beginning is enough to see what it was.
KEPT_OF_REFUSED = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back to the OMS."""

    status: int
    body: bytes


@dataclass(slots=True)
class _Visit:
    """One request: the settings it is judged by, and whether that the OMS called is still to be noted."""

    settings: Settings
    to_be_noted: bool


def receive_callback(raw: bytes, inflated: bytes | None, signature: str | None) -> Answer:
    """Take one request of the OMS: `raw` is the body as it came, `inflated` what it says, if readable."""
    with read() as session:
        settings = read_settings(session)
        disabled = is_disabled(session)
        visit = _Visit(settings, see_oms.is_call_to_be_noted(session))
    if (bad := _unproved(raw, signature, settings)) is not None:
        turn_away(raw, bad, ACTOR)
        return _error(None, wire.BAD_SIGNATURE, bad)
    if disabled:
        return _error(None, wire.DISABLED, "The integration is disabled; send this again later.")
    if inflated is not None and wire.is_empty(inflated):
        # Some peers send one now and then. Nothing was said: there is nothing to keep, and nobody to alarm.
        log.info("callback_empty")
        return _error(None, wire.NOT_JSON, wire.EMPTY)
    try:
        if inflated is None:
            raise wire.WireError(wire.NOT_JSON, NOT_INFLATED)
        calls = envelope.read_calls(inflated)
    except wire.WireError as error:
        _journal_refused(raw, UNREADABLE, UNREADABLE, error.message, f"call.{error.code}")
        return _error(None, error.code, error.message, error.data)
    answers = [_take(call, visit) for call in calls]
    if envelope.is_batch(inflated):
        return Answer(200, envelope.batch([answer.body for answer in answers]))
    return answers[0]


def not_readable(status: int, words: str) -> Answer:
    """To a request that was not read to its end, and so is not known to come from the OMS either."""
    return Answer(status, envelope.error(None, wire.NOT_JSON, words))


def not_written_down() -> Answer:
    """To a request that could not be kept here: it is for the OMS to send it again."""
    words = "The connector could not write this down just now; send it again later."
    return Answer(503, envelope.error(None, wire.NOT_APPLIED, words))


def _unproved(raw: bytes, given: str | None, settings: Settings) -> str | None:
    """Why this body does not prove to come from the OMS, or None."""
    secrets, required = settings.secrets("oms.secret"), settings.flag("oms.require_signature")
    if not required and not (secrets and given):
        return None
    check = verify(raw, given, secrets)
    return None if check.valid else check.reason


def _take(call: Call | BadCall, visit: _Visit) -> Answer:
    if isinstance(call, BadCall):
        _journal_refused(call.body, UNREADABLE, UNREADABLE, call.error.message, f"call.{call.error.code}")
        return _error(call.raw_id, call.error.code, call.error.message, call.error.data)
    if call.method == SELF_TEST:
        return _take_self_test(call)
    topic = registry.INCOMING.get(call.method)
    if topic is None:
        words = f"Nothing here is subscribed to {call.method[:120]}."
        _journal_refused(call.body, call.method, UNREADABLE, words, "call.unknown_topic", call.id)
        return _error(call.raw_id, wire.UNKNOWN_TOPIC, words)
    try:
        content = topic.read(call.params)
    except Refused as refusal:
        _journal_refused(call.body, call.method, UNREADABLE, str(refusal), "call.schema", call.id)
        data = {"field": refusal.field, "expected": refusal.expected}
        return _error(call.raw_id, wire.BAD_PARAMS, str(refusal), data)
    with transaction() as session:
        business_key = topic.key(session, content)
        new = NewMessage(
            topic=call.method,
            lane=topic.lane,
            business_key=business_key,
            payload=call.body,
            wire_id=call.id or "",
            order_number=registry.order_of(business_key),
        )
        received = receive(session, new, ACTOR)
        if received.status is MessageStatus.FAILED:
            replay(session, [received.id], ACTOR, "The OMS sent it again.")
        if visit.to_be_noted:
            see_oms.note_call_in(session)
    visit.to_be_noted = False
    if received.status in DEALT_WITH or not visit.settings.is_sync(call.method):
        return Answer(200, envelope.result(call.raw_id, True))
    return _apply(call, received)


def _take_self_test(call: Call) -> Answer:
    """Our own call to ourselves: that it came this far is all it is to show."""
    new = NewMessage(SELF_TEST, "status_updates", "self_test", call.body, wire_id=call.id or "")
    done = Outcome(Verdict.SUCCEEDED, "Arrived by our own address, with the right signature.")
    with transaction() as session:
        record_settled(session, new, Direction.IN, done, "the self-test", failed=False)
    return Answer(200, envelope.result(call.raw_id, True))


def _apply(call: Call, received: Received) -> Answer:
    outcome = apply_through(received.id)
    if outcome is not None and outcome.verdict is Verdict.SUCCEEDED:
        return Answer(200, envelope.result(call.raw_id, True))
    if outcome is not None and outcome.verdict is Verdict.INVALID:
        refusal = envelope.error(call.raw_id, wire.BAD_PARAMS, outcome.reason, _blamed(outcome))
        return Answer(200, outcome.answer or refusal)
    words = outcome.reason if outcome is not None else "It could not be applied now and will be later."
    return _error(call.raw_id, wire.NOT_APPLIED, words)


def _blamed(outcome: Outcome) -> Mapping[str, object] | None:
    return {"field": outcome.field, "expected": outcome.expected} if outcome.field else None


def _error(
    raw_id: envelope.WireId, code: int, words: str, data: Mapping[str, object] | None = None
) -> Answer:
    return Answer(envelope.HTTP_STATUS[code], envelope.error(raw_id, code, words, data))


def _journal_refused(
    payload: bytes, topic: str, business_key: str, words: str, cause: str, wire_id: str | None = None
) -> None:
    new = NewMessage(topic, "status_updates", business_key, payload[:KEPT_OF_REFUSED], wire_id=wire_id)
    with transaction() as session:
        record_settled(
            session, new, Direction.IN, Outcome(Verdict.INVALID, words, cause=cause), ACTOR, failed=True
        )
    log.warning("callback_refused", topic=topic[:120], cause=cause, reason=words[:500])
