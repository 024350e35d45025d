"""A journal message as the API tells it (contract: GET /api/v1/messages)."""

from collections.abc import Sequence
from typing import Annotated, Final, NotRequired, TypedDict

import msgspec

from webapp.domain.outcome import Verdict
from webapp.domain.states import Direction, Endpoint, MessageStatus
from webapp.models.messages import Attempt, Message
from webapp.queries.times_json import Moment, rfc3339

GIVEN_BACK: Final = "given back"
UNKNOWN: Final = "unknown"
TryEnded = Annotated[str, msgspec.Meta(extra_json_schema={"enum": [*Verdict, GIVEN_BACK, UNKNOWN]})]


class AttemptJson(TypedDict):
    """One try; `answer` is the body as text, `request_headers` never hold a secret."""

    number: int
    started_at: Moment
    finished_at: Moment | None
    outcome: TryEnded
    reason: str | None
    http_status: int | None
    duration_ms: int | None
    request_headers: dict[str, str] | None
    answer: str | None


class MessageJson(TypedDict):
    """A message of the API Journal with its tries; `key` is what it is in order with.

    `waits_for` is the id of the message ahead of it there, in the answer about one message alone.
    """

    id: str
    direction: Direction
    endpoint: Endpoint
    topic: str
    key: str
    order: str | None
    wire_id: str | None
    status: MessageStatus
    tries: int
    reason: str | None
    note: NotRequired[str]
    waits_for: NotRequired[str]
    created_at: Moment
    sent_at: Moment | None
    last_tried_at: Moment | None
    next_try_at: Moment | None
    expires_at: Moment | None
    settled_at: Moment | None
    attempts: list[AttemptJson]


class MessagePage(TypedDict):
    """A page of messages; `next` is the cursor of the one after it."""

    items: list[MessageJson]
    next: str | None


def message_as_json(message: Message, attempts: Sequence[Attempt], note: str = "") -> MessageJson:
    """A message with its tries; without its payload. `note`: what is odd about it, where that was asked."""
    told: MessageJson = {
        "id": message.uid,
        "direction": message.direction,
        "endpoint": message.endpoint,
        "topic": message.topic,
        "key": message.key.split(":", 2)[-1],
        "order": message.order_number,
        "wire_id": message.wire_id,
        "status": message.status,
        "tries": message.tries,
        "reason": message.reason or None,
        "created_at": rfc3339(message.created_at),
        "sent_at": rfc3339(message.sent_at),
        "last_tried_at": rfc3339(message.last_tried_at),
        "next_try_at": rfc3339(message.next_try_at),
        "expires_at": rfc3339(message.expires_at),
        "settled_at": rfc3339(message.settled_at),
        "attempts": [_attempt_as_json(one) for one in attempts],
    }
    if note:
        told["note"] = note
    return told


def _attempt_as_json(attempt: Attempt) -> AttemptJson:
    return {
        "number": attempt.number,
        "started_at": rfc3339(attempt.started_at),
        "finished_at": rfc3339(attempt.finished_at),
        "outcome": GIVEN_BACK if attempt.struck else attempt.verdict or UNKNOWN,
        "reason": attempt.reason or None,
        "http_status": attempt.http_status,
        "duration_ms": attempt.duration_ms,
        "request_headers": _headers(attempt.request_headers),
        "answer": attempt.answer.decode("utf-8", "replace") if attempt.answer is not None else None,
    }


def _headers(packed: bytes | None) -> dict[str, str] | None:
    if packed is None:
        return None
    headers: dict[str, str] = msgspec.json.decode(packed)
    return headers
