"""X-Signature: HMAC over the exact bytes of a body (protocol: Signature)."""

import hashlib
import hmac

ALGORITHMS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256}


def sign(secret: str, body: bytes, algorithm: str = "sha1") -> str:
    """The header's value, `sha1=<hex>`."""
    return f"{algorithm}={hmac.new(secret.encode(), body, ALGORITHMS[algorithm]).hexdigest()}"


def matches(secret: str, body: bytes, header: str) -> bool:
    """Whether the header is this body's under this secret, by any algorithm known."""
    algorithm = header.partition("=")[0]
    if algorithm not in ALGORITHMS:
        return False
    return hmac.compare_digest(header.encode(), sign(secret, body, algorithm).encode())
