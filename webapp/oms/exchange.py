"""One request and its answer over a kept-alive connection: sent once, whatever happens to it."""

import select
import time
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from math import ceil
from typing import Final

import pycurl

from webapp.oms.connections import Rules

_KEPT_OF_TOO_LARGE: Final = 64 * 1024
# Seconds.
_A_MOMENT: Final = 0.001
# A far side that ended so many kept connections in a row without an answer is called over new ones only.
_ENOUGH_DEATHS: Final = 3
# Curl's words for a connection that ended without an answer.
ENDED: Final = (
    pycurl.E_GOT_NOTHING,
    pycurl.E_RECV_ERROR,
    pycurl.E_SEND_ERROR,
    # Curl would have posted again if it could.
    pycurl.E_SEND_FAIL_REWIND,
)


@dataclass(frozen=True, slots=True)
class Request:
    """What is posted; of its answer at most `limit` bytes are read, after inflating."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    limit: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names in lower case. Of one that is too large only the beginning."""

    status: int
    headers: dict[str, str]
    body: bytes
    too_large: bool = False


@dataclass(frozen=True, slots=True)
class Silence:
    """Why no answer came: curl's code and words, the system's error number, 0 where there is none.

    `reached`: the connection stood, so that something may have been sent. `refused` is the address that
    may not be called.
    """

    code: int
    words: str
    errno: int = 0
    reached: bool = False
    refused: str | None = None


class Exchange:
    """A curl handle in use for one request at a time; after a silence it is not used again."""

    def __init__(self, rules: Rules) -> None:
        self._rules, self._ended_at = rules, 0.0
        self._lines: list[bytes] = []
        self._pieces: list[bytes] = []
        self._size = self._limit = 0
        self._refused: str | None = None
        self._url = ""
        self.handle = rules.open_handle(self._refuse)
        # A connection of its own wherever the handle is used: only so is it known which one is next.
        self._kept = pycurl.CurlShare()
        self._kept.setopt(pycurl.SH_SHARE, pycurl.LOCK_DATA_CONNECT)
        self.handle.setopt(pycurl.SHARE, self._kept)
        self.handle.setopt(pycurl.HEADERFUNCTION, self._lines.append)
        self.handle.setopt(pycurl.WRITEFUNCTION, self._take)

    def begin(self, request: Request, seconds: float, *, hurried: bool = False) -> None:
        """Get ready to post it, all of it within `seconds`; raises `ValueError` for what curl cannot send.

        `hurried`: a connection used a moment ago is taken to be there still, as looking lets other threads
        go first; not once the far side has ended one without an answer.
        """
        self._lines.clear()
        self._pieces.clear()
        self._size, self._limit, self._refused = 0, request.limit, None
        try:
            if request.url != self._url:
                self.handle.setopt(pycurl.URL, request.url)
                self._url = request.url
            self.handle.setopt(pycurl.FRESH_CONNECT, not self._is_kept(hurried=hurried))
            # No "Expect: 100-continue" for larger bodies: it costs a round trip, and some never answer it.
            headers = [f"{name}: {value}" for name, value in request.headers.items()]
            self.handle.setopt(pycurl.HTTPHEADER, [*headers, "Accept-Encoding: identity", "Expect:"])
            # Read from here and never wound back: given the bytes as such, curl would post them once more,
            # unasked, when a kept connection ends without an answer.
            self.handle.setopt(pycurl.READFUNCTION, BytesIO(request.body).read)
            self.handle.setopt(pycurl.POSTFIELDSIZE, len(request.body))
            self.handle.setopt(pycurl.TIMEOUT_MS, max(1, ceil(seconds * 1000)))
        except pycurl.error as error:
            raise ValueError(str(error)) from error

    def perform(self) -> Answer | Silence:
        """Post it in this thread."""
        try:
            self.handle.perform()
        except pycurl.error as error:
            return self.end(int(error.args[0]), str(error.args[-1]))
        return self.end()

    def end(self, code: int = 0, words: str = "") -> Answer | Silence:
        """What came of it, by curl's code for it."""
        too_large = self._size > self._limit
        self._ended_at = time.monotonic()
        if not self.handle.getinfo(pycurl.NUM_CONNECTS):
            self._rules.note_kept(died=code in ENDED)
        if code and not too_large:
            return Silence(
                code,
                words,
                int(self.handle.getinfo(pycurl.OS_ERRNO)),
                self.handle.getinfo(pycurl.REQUEST_SIZE) > 0,
                self._refused,
            )
        body = b"".join(self._pieces)
        return Answer(
            int(self.handle.getinfo(pycurl.RESPONSE_CODE)),
            _read_headers(self._lines),
            body[:_KEPT_OF_TOO_LARGE] if too_large else body,
            too_large,
        )

    def close(self) -> None:
        """Close the connection."""
        self.handle.close()
        self._kept.close()

    def _is_kept(self, *, hurried: bool) -> bool:
        """Whether the connection still stands; curl itself looks once a second at the most."""
        if self._rules.deaths >= _ENOUGH_DEATHS:
            return False
        if hurried and not self._rules.deaths and time.monotonic() - self._ended_at < _A_MOMENT:
            return True
        kept = int(self.handle.getinfo(pycurl.ACTIVESOCKET))
        if kept < 0:
            return True
        looking = select.poll()
        looking.register(kept, select.POLLIN)
        # Closed by the far side, or spoken on unasked.
        return not looking.poll(0)

    def _refuse(self, address: str) -> None:
        self._refused = self._refused or address

    def _take(self, piece: bytes) -> int:
        self._pieces.append(piece)
        self._size += len(piece)
        # Another number than was handed over ends the call.
        return len(piece) if self._size <= self._limit else 0


def _read_headers(lines: list[bytes]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.decode("latin-1").partition(":")
        if name.startswith("HTTP/"):
            # The head of another answer: what came before was only "100 Continue".
            headers.clear()
        elif colon:
            name, value = name.strip().lower(), value.strip()
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers
