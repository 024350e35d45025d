"""What it means that no answer came (F05: no connection, time-out, TLS)."""

import errno
import os
from typing import Final

import pycurl

from webapp.domain.outcome import Outcome, Verdict
from webapp.oms.exchange import ENDED, Silence

_TLS: Final = (
    pycurl.E_SSL_CONNECT_ERROR,
    pycurl.E_SSL_CERTPROBLEM,
    pycurl.E_SSL_CIPHER,
    pycurl.E_USE_SSL_FAILED,
)


def explain_silence(silence: Silence, seconds: float) -> Outcome:
    """The outcome of a call that ended without an answer; `seconds` was its time limit."""
    if silence.code == pycurl.E_URL_MALFORMAT:
        return explain_bad_url(silence.words)
    if silence.reached:
        return _explain_after(silence, seconds)
    return _unreachable(*_explain_before(silence, seconds))


def explain_bad_url(why: str) -> Outcome:
    """The outcome of a call to what is no address."""
    reason = f"The OMS's address is not one that can be called: {why}"
    return Outcome(Verdict.FAULT, reason, "oms.bad_url")


def explain_no_time(seconds: float) -> Outcome:
    """The outcome of a call whose time was up."""
    return Outcome(Verdict.SILENT, f"The OMS did not answer within {seconds:g} s", "oms.timeout")


def _explain_before(silence: Silence, seconds: float) -> tuple[str, str]:
    """Why nothing was sent."""
    words = silence.words or f"curl's error {silence.code}"
    if silence.refused is not None:
        taken = f"its address {silence.refused} is link-local or a cloud's, called only where allowed"
        return "oms.address_refused", taken
    if silence.code == pycurl.E_COULDNT_CONNECT and silence.errno:
        refused = silence.errno == errno.ECONNREFUSED
        cause = "oms.connection_refused" if refused else "oms.unreachable"
        return cause, os.strerror(silence.errno).lower()
    if silence.code in _TLS:
        return "oms.tls", f"TLS failed ({words})"
    by_code = {
        pycurl.E_COULDNT_RESOLVE_HOST: (
            "oms.unknown_name",
            f"its name is not known ({words.partition(': ')[2] or words})",
        ),
        pycurl.E_OPERATION_TIMEDOUT: ("oms.no_connection", f"no connection within {seconds:g} s"),
        pycurl.E_PEER_FAILED_VERIFICATION: ("oms.tls", f"its certificate is not trusted ({words})"),
    }
    return by_code.get(silence.code, ("oms.no_answer", words))


def _explain_after(silence: Silence, seconds: float) -> Outcome:
    """Why no whole answer came to what may have been sent."""
    if silence.code == pycurl.E_OPERATION_TIMEDOUT:
        return explain_no_time(seconds)
    if silence.code in (pycurl.E_PARTIAL_FILE, pycurl.E_BAD_CONTENT_ENCODING):
        return Outcome(Verdict.SILENT, "The OMS's answer broke off", "oms.no_answer")
    if silence.code in ENDED:
        reason = "The OMS closed the connection without an answer"
        return Outcome(Verdict.SILENT, reason, "oms.no_answer")
    return _unreachable("oms.no_answer", silence.words or f"curl's error {silence.code}")


def _unreachable(cause: str, why: str) -> Outcome:
    return Outcome(Verdict.SILENT, f"The OMS could not be reached: {why}", cause)
