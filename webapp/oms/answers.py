"""What an answer of the OMS, or its silence, means (protocol: Envelope, right-hand column; F05).

The one place where HTTP statuses, JSON-RPC errors and network failures become a verdict and a sentence
a merchant understands.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Final
from uuid import UUID

from webapp.domain.outcome import Outcome, Verdict
from webapp.oms.phrases import recognise
from webapp.oms.sentences import code_in_words, is_stock, status_in_words
from webapp.oms.wire import BAD_PARAMS, NO_REQUEST, UNKNOWN_TOPIC, WireError, as_text, decode

LONGEST_WAIT: Final = 48 * 3600.0
_SAID_LENGTH: Final = 500

_FOR_GOOD: Final = (NO_REQUEST, UNKNOWN_TOPIC, BAD_PARAMS)
_GATEWAY: Final = (502, 503, 504)
# Statuses that speak of the way to the OMS or of the moment, whatever the body says.
_NO_VERDICT: Final = frozenset((401, 403, 407, 408, 421, 425, 429, *_GATEWAY))
_NO_ANSWER: Final = "something that is no answer to a call"
_PAGE: Final = "a web page instead of an answer to a call"
_EVENTS: Final = frozenset(("magento.catalog.product_management.updated",))


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked: `subject` names it in sentences ("order 000000042"), "" where nothing does."""

    topic: str
    message_id: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class _Error:
    """The error member of an answer; `code` is None where it is not the error JSON-RPC describes."""

    code: int | None
    message: str
    field: str | None
    expected: str | None
    words: str


def classify(asked: Asked, status: int, headers: Mapping[str, str], body: bytes, now: datetime) -> Outcome:
    """The outcome of an answered call: verdict, sentence, cause, `Retry-After` in seconds, clock skew.

    Header names are taken in lower case. `now` is when the answer came.
    """
    outcome = _judge(asked, status, headers, body)
    return replace(
        outcome,
        http_status=status,
        answer=body,
        retry_after=_retry_after(headers.get("retry-after"), now),
        clock_skew_seconds=_clock_skew(headers.get("date"), now),
    )


def read_result(answer: bytes) -> object:
    """The `result` of an answer that was classified as taken; raises `WireError` if there is none."""
    value = decode(answer)
    return value.get("result") if isinstance(value, dict) else value


def _judge(asked: Asked, status: int, headers: Mapping[str, str], body: bytes) -> Outcome:
    try:
        value = decode(body)
    except WireError:
        page = body.lstrip().startswith(b"<")
        return _unexplained(status, headers, foreign=_PAGE if page else _NO_ANSWER if body.strip() else "")
    if 200 <= status < 300 and value == [] and asked.topic in _EVENTS:
        return Outcome(Verdict.SUCCEEDED)
    if not isinstance(value, dict) or not ({"error", "result"} & value.keys()):
        return _unexplained(status, headers, said=_said(value), foreign=_NO_ANSWER)
    if _is_anothers(value.get("id"), asked.message_id):
        reason = "The OMS answered another message than the one sent; whether it took this one is unknown"
        return Outcome(Verdict.ERROR_ANSWER, reason, "oms.foreign_answer")
    if value.get("error"):
        return _judge_error(asked, status, headers, _read_error(value["error"]))
    return _judge_result(value, status, headers)


def _judge_result(value: dict[str, object], status: int, headers: Mapping[str, str]) -> Outcome:
    if not 200 <= status < 300:
        return _unexplained(status, headers)
    if "result" not in value:
        return _unexplained(status, headers, foreign=_NO_ANSWER)
    if value["result"] is False:
        return Outcome(
            Verdict.ERROR_ANSWER, "The OMS answered that it did not do it (false)", "oms.answered_false"
        )
    return Outcome(Verdict.SUCCEEDED)


def _judge_error(asked: Asked, status: int, headers: Mapping[str, str], error: _Error) -> Outcome:
    subject = asked.subject or "the message"
    if _is_no_verdict(status):
        silent = status in _GATEWAY and error.code is None
        outcome = _unexplained(status, headers, said=error.message)
        if silent or 300 <= status < 400:
            return outcome
        return replace(outcome, verdict=Verdict.ERROR_ANSWER, field=error.field, expected=error.expected)
    said = code_in_words(error.code, error.message, error.field, error.expected)
    known = recognise(asked.topic, error.words)
    if known or error.code in _FOR_GOOD:
        cause = known or f"oms.refused.{error.code}"
        return Outcome(
            Verdict.REFUSED, f"The OMS refused {subject}: {said}", cause, error.field, error.expected
        )
    cause = "oms.error_text" if error.code is None else f"oms.error.{error.code}"
    reason = f"The OMS could not take {subject}: {said}"
    return Outcome(Verdict.ERROR_ANSWER, reason, cause, error.field, error.expected)


def _is_no_verdict(status: int) -> bool:
    return 300 <= status < 400 or status in _NO_VERDICT


def _unexplained(status: int, headers: Mapping[str, str], said: str = "", *, foreign: str = "") -> Outcome:
    """An answer that is none: by its HTTP status, and whatever text it came with, or came instead of one."""
    if 200 <= status < 300:
        cause = "oms.foreign_answer" if foreign else "oms.empty_answer"
        what = foreign or "nothing"
        reason = f"The OMS answered {what} (HTTP {status}); whether it took the message is unknown"
        return Outcome(Verdict.ERROR_ANSWER, reason, cause)
    if 300 <= status < 400:
        where = _said(headers.get("location")) or "elsewhere"
        reason = f"The OMS answered with a redirect to {where} (HTTP {status}), which is not followed"
        return Outcome(Verdict.ERROR_ANSWER, reason, "oms.redirect")
    verdict = Verdict.SILENT if status in _GATEWAY else Verdict.ERROR_ANSWER
    return Outcome(verdict, status_in_words(status, said), f"oms.http_{status}")


def _read_error(error: object) -> _Error:
    if not isinstance(error, dict):
        text = _said(error)
        return _Error(None, text, None, None, text)
    message = error.get("message")
    data = error.get("data")
    field = expected = None
    if isinstance(data, dict):
        field = data.get("field") if isinstance(data.get("field"), str) else None
        expected = data.get("expected") if isinstance(data.get("expected"), str) else None
    said = _said(message)
    words = said if data is None else f"{said} {_said(data)}"
    code = _read_code(error.get("code")) if isinstance(message, str) else None
    if isinstance(data, str) and (is_stock(said) or not said):
        said = _said(data) or said
    return _Error(code, said or ("" if field else _said(data)), field, expected, words)


def _read_code(code: object) -> int | None:
    if type(code) is int:
        return code
    text = str(code) if isinstance(code, str | Decimal) else ""
    return int(text.removesuffix(".0")) if re.fullmatch(r"-?[0-9]{1,9}(\.0)?", text, re.ASCII) else None


def _said(value: object) -> str:
    """Words of the OMS as one line, cut short; "" where it said nothing."""
    if value is None or isinstance(value, bool) or value in ({}, [], ""):
        return ""
    text = value if isinstance(value, str) else as_text(value)
    line = " ".join("".join(mark if mark.isprintable() else " " for mark in text[: 4 * _SAID_LENGTH]).split())
    return line if len(line) <= _SAID_LENGTH else line[: _SAID_LENGTH - 1] + "…"


def _is_anothers(answered: object, message_id: str) -> bool:
    """Whether the id is that of another message; peers that echo none, or `1`, are believed."""
    if not isinstance(answered, str) or answered.lower() == message_id.lower():
        return False
    try:
        UUID(answered)
    except ValueError:
        return False
    return True


def _retry_after(header: str | None, now: datetime) -> float | None:
    """Seconds to wait, from seconds or a date, at most 48 hours; None where the header says neither."""
    if not header:
        return None
    if re.fullmatch(r"\s*[0-9]{1,12}(\.[0-9]{1,9})?\s*", header, re.ASCII):
        return min(float(header), LONGEST_WAIT)
    date = _http_date(header)
    return None if date is None else min(max((date - now).total_seconds(), 0.0), LONGEST_WAIT)


def _clock_skew(header: str | None, now: datetime) -> float | None:
    """By how many seconds the OMS's clock is ahead of ours (behind: negative)."""
    date = _http_date(header) if header else None
    return None if date is None else (date - now).total_seconds()


@lru_cache(maxsize=64)
def _http_date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
