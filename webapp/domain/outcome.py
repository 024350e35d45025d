"""What became of one try to deliver or apply a message (F05)."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a try ended; what follows from it is the settlement's to decide.

    SUCCEEDED: taken. REFUSED: refused for good by the far side's own word, or unfit to be sent.
    INVALID: an incoming message that can't be applied as it is (unknown order, contradiction).
    ERROR_ANSWER: the far side answered, but not with a verdict; retried. SILENT: no answer (no
    connection, TLS, time-out; 502, 503, 504 without a JSON-RPC body); retried, counts for the
    breaker. FAULT: a failure of ours; retried. UNSENT: given back without being sent; no try.
    """

    SUCCEEDED = "succeeded"
    REFUSED = "refused"
    INVALID = "invalid"
    ERROR_ANSWER = "error_answer"
    SILENT = "silent"
    FAULT = "fault"
    UNSENT = "unsent"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One try's end.

    `reason` is a sentence a merchant understands; `cause` a stable code by which failures group
    (`oms.timeout`, `oms.http_500`, `oms.refused.-32602`, `order.unknown`). `retry_after` is seconds the far
    side asked us to wait. `field` is the path an error names. `answer` is the raw body received.
    """

    verdict: Verdict
    reason: str = ""
    cause: str = ""
    field: str | None = None
    expected: str | None = None
    retry_after: float | None = None
    http_status: int | None = None
    answer: bytes | None = None
    request_headers: dict[str, str] | None = None
    answer_headers: dict[str, str] | None = None
    duration_ms: int | None = None
    clock_skew_seconds: float | None = None
