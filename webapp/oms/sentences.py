"""What the OMS's codes mean, in words a merchant understands (protocol: Envelope; F05).

A code stands in a sentence only behind its words, for whoever has to ask the OMS's people.
"""

from collections.abc import Mapping
from typing import Final

from webapp.oms.wire import BAD_PARAMS, NO_REQUEST, NOT_JSON, UNKNOWN_TOPIC

_STATUSES: Final[Mapping[int, str]] = {
    400: "The OMS could not make sense of the call",
    401: "The OMS does not know us",
    403: "The OMS does not let us in",
    404: "The OMS has nothing at this address",
    405: "The OMS takes no calls at this address",
    406: "The OMS does not answer in a form we can read",
    407: "A proxy on the way to the OMS does not know us",
    408: "The call was too slow for the OMS",
    409: "The call does not fit what the OMS has",
    410: "The OMS has moved away from this address",
    411: "The OMS could not make sense of the call",
    413: "The message is larger than the OMS takes",
    414: "The OMS's address is too long for it",
    415: "The OMS does not take the form of the call",
    421: "The call came to the wrong server of the OMS",
    422: "The OMS cannot use what is in the call",
    425: "The OMS asked us to come again later",
    429: "The OMS asked us to slow down",
    431: "The OMS does not take the form of the call",
    501: "The OMS cannot do what was asked",
    502: "The gateway in front of the OMS got no answer from it",
    503: "The OMS is not available just now",
    504: "The OMS did not answer the gateway in front of it in time",
}
_HINTS: Final[Mapping[int, str]] = {
    401: "check secret, client id and client secret",
    403: "check secret, client id and client secret",
    404: "check its address",
    405: "check its address",
    410: "check its address",
}
_CODES: Final[Mapping[int, str]] = {
    NOT_JSON: "it could not read it",
    NO_REQUEST: "it does not see a call in it",
    UNKNOWN_TOPIC: "it does not take messages of this kind",
    BAD_PARAMS: "something in it is not as the OMS wants it",
    -32603: "something went wrong inside the OMS",
}
# What JSON-RPC's own document says of a code, and libraries repeat: it tells a merchant nothing.
_STOCK: Final = frozenset(
    ("parse error", "invalid request", "method not found", "invalid params", "internal error", "server error")
)


def status_in_words(status: int, said: str = "") -> str:
    """An HTTP status that came instead of an answer, and what it came with."""
    if status in _STATUSES:
        words = _STATUSES[status]
    elif 400 <= status < 500:
        words = "The OMS turned the call down"
    elif status >= 500:
        words = "Something went wrong inside the OMS"
    else:
        words = "The OMS answered nothing that was asked for"
    why = said or _HINTS.get(status, "")
    return f"{words} (HTTP {status})" + (f": {why}" if why else "")


def is_stock(said: str) -> bool:
    """Whether these words only repeat what every answer of its code says."""
    return said.strip(" .").lower() in _STOCK


def code_in_words(code: int | None, said: str, field: str | None = None, expected: str | None = None) -> str:
    """Why the OMS did not take a message: its own words, or where they say nothing those for its code."""
    if said and not is_stock(said):
        return said
    words = _CODES.get(code or 0, "it does not say why")
    if field:
        words += f": {field}" + (f", expected {expected}" if expected else "")
    return f"{words} ({said})" if said else words


def as_sentence(words: str) -> str:
    """What somebody said, ended as a sentence is, so that another may follow it."""
    words = words.rstrip()
    return words if not words or words[-1] in ".!?…" else f"{words}."
