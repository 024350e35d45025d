"""What it means that no answer came (F05: no connection, time-out, TLS)."""

import ssl
from collections.abc import Iterator

from urllib3.exceptions import EmptyPoolError, IncompleteRead, LocationValueError
from urllib3.exceptions import TimeoutError as LibraryTimeout

from webapp.domain.outcome import Outcome, Verdict
from webapp.oms.connections import AddressRefused, NoConnectionInTime, UnknownName


def explain_silence(error: BaseException, seconds: float) -> Outcome:
    """The outcome of a call that ended in `error` instead of an answer; `seconds` was its time limit."""
    for cause in _causes(error):
        outcome = _explain_before(cause, seconds) or _explain_after(cause, seconds)
        if outcome is not None:
            return outcome
    return _unreachable("oms.no_answer", str(error) or type(error).__name__)


def _explain_before(cause: BaseException, seconds: float) -> Outcome | None:
    """Why nothing was sent."""
    why = None
    match cause:
        case EmptyPoolError():
            return Outcome(Verdict.UNSENT, "No connection to the OMS was free", "oms.no_connection_free")
        case LocationValueError():
            reason = f"The OMS's address is not one that can be called: {cause}"
            return Outcome(Verdict.FAULT, reason, "oms.bad_url")
        case AddressRefused():
            taken = f"its address {cause.address} is link-local or a cloud's, called only where allowed"
            why = ("oms.address_refused", taken)
        case UnknownName():
            why = ("oms.unknown_name", f"its name is not known ({cause})")
        case NoConnectionInTime():
            why = ("oms.no_connection", f"no connection within {seconds:g} s")
        case ConnectionRefusedError():
            why = ("oms.connection_refused", "connection refused")
        case ssl.SSLCertVerificationError():
            why = ("oms.tls", f"its certificate is not trusted ({cause.verify_message})")
        case ssl.SSLError():
            why = ("oms.tls", f"TLS failed ({cause.reason or cause})")
    return _unreachable(*why) if why else None


def _explain_after(cause: BaseException, seconds: float) -> Outcome | None:
    """Why no whole answer came to what may have been sent."""
    match cause:
        case TimeoutError() | LibraryTimeout():
            return Outcome(Verdict.SILENT, f"The OMS did not answer within {seconds:g} s", "oms.timeout")
        case IncompleteRead():
            return Outcome(Verdict.SILENT, "The OMS's answer broke off", "oms.no_answer")
        case ConnectionError():
            reason = "The OMS closed the connection without an answer"
            return Outcome(Verdict.SILENT, reason, "oms.no_answer")
        case OSError() if cause.strerror:
            return _unreachable("oms.unreachable", cause.strerror.lower())
    return None


def _unreachable(cause: str, why: str) -> Outcome:
    return Outcome(Verdict.SILENT, f"The OMS could not be reached: {why}", cause)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """What an error wraps, innermost first: the system's own word says more than the library's."""
    inner = [wrapped for wrapped in (*error.args, error.__cause__) if isinstance(wrapped, BaseException)]
    for wrapped in inner:
        if wrapped is not error:
            yield from _causes(wrapped)
    yield error
