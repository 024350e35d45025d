"""What is refused before it was read is read to its end, so that whoever sends it hears why.

A server that answers and closes while the far side is still sending breaks the connection, and its answer is
lost with it: instead of 401 or 413 a client sees "broken pipe".
"""

from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from gunicorn.http.errors import ParseException

MB = 1024 * 1024
# Whoever sends more than this is cut off.
MOST = 256 * MB


class ReadToTheEnd:
    """Around the app: what it left of a request's body is read, and thrown away piece by piece."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer, but not before all of the request is here."""
        answer = self._app(environ, start_response)
        # Of a server that does not end the body where the request ends, reading on would wait for the next.
        if environ.get("wsgi.input_terminated"):
            _read_out(environ["wsgi.input"])
        return answer


def _read_out(body: Any) -> None:
    left = MOST
    try:
        while left > 0 and (piece := body.read(MB)):
            left -= len(piece)
    except (ParseException, OSError):
        # Failure policy: it broke off, so nobody is left who would wait for the rest.
        return
