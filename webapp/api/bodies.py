"""What a request brings along: its bytes as they came, and what they say once inflated (protocol: Size)."""

import zlib

from flask import request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from webapp.oms.wire import RECEIVED_LIMIT

# By its first bytes gzip or zlib; what calls itself deflate is of some peers the bare stream.
GZIP_OR_ZLIB, BARE = 47, -15
WAYS = {"gzip": (GZIP_OR_ZLIB,), "x-gzip": (GZIP_OR_ZLIB,), "deflate": (GZIP_OR_ZLIB, BARE)}


def read_raw() -> bytes:
    """The request's bytes as they came; raises an HTTP error where they break off or are too many."""
    try:
        raw = request.get_data(cache=False)
    except (ParseException, OSError) as error:
        raise BadRequest("The body broke off, or is not cut into chunks as HTTP does it.") from error
    # One that came in chunks is not refused by its length, but cut off there.
    if len(raw) >= (request.max_content_length or len(raw) + 1):
        raise RequestEntityTooLarge
    return raw


def inflated(raw: bytes) -> bytes | None:
    """What the request's body says, as far as the limit; None where its encoding can't be read."""
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in ("", "identity"):
        return raw
    for way in WAYS.get(encoding, ()):
        if (told := _inflate(raw, way)) is not None:
            return told
    return None


def _inflate(raw: bytes, way: int) -> bytes | None:
    inflater = zlib.decompressobj(way)
    try:
        # One byte over the limit is let through, so that the reader says that it is too large.
        told = inflater.decompress(raw, RECEIVED_LIMIT + 1)
    except zlib.error:
        return None
    if len(told) > RECEIVED_LIMIT:
        return told
    # Broken off, or with something behind its end: either way not what its sender meant.
    return told if inflater.eof and not inflater.unused_data else None
