"""What a request brings along: its bytes as they came, and what they say once inflated (protocol: Size)."""

import zlib

from flask import request

from webapp.oms.wire import RECEIVED_LIMIT

GZIP_OR_ZLIB = 47


def inflated(raw: bytes) -> bytes | None:
    """What the request's body says, as far as the limit; None where its encoding can't be read."""
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in ("", "identity"):
        return raw
    if encoding not in ("gzip", "x-gzip", "deflate"):
        return None
    inflater = zlib.decompressobj(GZIP_OR_ZLIB)
    try:
        # One byte over the limit is let through, so that the reader says that it is too large.
        told = inflater.decompress(raw, RECEIVED_LIMIT + 1)
    except zlib.error:
        return None
    if len(told) > RECEIVED_LIMIT:
        return told
    # Broken off, or with something behind its end: either way not what its sender meant.
    return told if inflater.eof and not inflater.unused_data else None
