"""What becomes of a callback that cannot be applied (protocol: What is answered when)."""

from collections.abc import Mapping

from webapp.domain.outcome import Outcome, Verdict
from webapp.domain.refusals import Refused
from webapp.oms import envelope
from webapp.oms.wire import BAD_PARAMS


def refused_outcome(payload: bytes, refusal: Refused, *, awaited: bool) -> Outcome:
    """Failed at once; where the OMS waits for it, with what it is answered, whoever applied it."""
    return Outcome(
        Verdict.INVALID,
        str(refusal),
        cause=refusal.cause,
        field=refusal.field,
        expected=refusal.expected,
        answer=_answer(payload, refusal) if awaited else None,
    )


def _answer(payload: bytes, refusal: Refused) -> bytes:
    call = envelope.read_calls(payload)[0]
    data: Mapping[str, object] | None = None
    if refusal.field:
        data = {"field": refusal.field, "expected": refusal.expected}
    return envelope.error(call.raw_id, BAD_PARAMS, str(refusal), data)
