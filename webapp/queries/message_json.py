"""A journal message as the API tells it (contract: GET /api/v1/messages)."""

from collections.abc import Sequence
from typing import Any

import msgspec

from webapp.models.messages import Attempt, Message
from webapp.queries.order_json import rfc3339


def message_as_json(message: Message, attempts: Sequence[Attempt]) -> dict[str, Any]:
    """A message with its tries; without its payload."""
    return {
        "id": message.uid,
        "direction": message.direction.value,
        "endpoint": message.endpoint.value,
        "topic": message.topic,
        "key": message.key.split(":", 2)[-1],
        "order": message.order_number,
        "wire_id": message.wire_id,
        "status": message.status.value,
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


def _attempt_as_json(attempt: Attempt) -> dict[str, Any]:
    return {
        "number": attempt.number,
        "started_at": rfc3339(attempt.started_at),
        "finished_at": rfc3339(attempt.finished_at),
        "outcome": "given back" if attempt.struck else attempt.verdict or "unknown",
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
