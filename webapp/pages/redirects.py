"""Where a browser may be sent: only to pages of this server."""

from urllib.parse import urlsplit, urlunsplit


def local_path(address: str | None, fallback: str) -> str:
    """The path and query of `address`, or `fallback` where it leads elsewhere or nowhere.

    Browsers read `\\` as `/` and `//host` as another server, and drop control characters, so nothing
    that holds one of those is followed.
    """
    text = address or ""
    if not text.isprintable() or "\\" in text or not text.startswith("/") or text.startswith("//"):
        return fallback
    parts = urlsplit(text)
    return urlunsplit(("", "", parts.path, parts.query, ""))
