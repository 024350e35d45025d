"""The signature of a body: `X-Signature: sha1=<hex HMAC of the exact bytes>` (protocol: Signature)."""

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

HEADER: Final = "X-Signature"
Algorithm = Literal["sha1", "sha256"]

_DIGESTS: Final = {"sha1": hashlib.sha1, "sha256": hashlib.sha256}
_WRITTEN: Final = re.compile(r"\s*(?P<algorithm>[A-Za-z0-9]+)\s*=\s*(?P<digest>[0-9A-Fa-f]+)\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class SignatureCheck:
    """Whether a body is signed by one of the secrets; `reason` says why not, in a sentence."""

    valid: bool
    reason: str = ""


def sign(body: bytes, secret: str, algorithm: Algorithm) -> str:
    """The header's value for these bytes."""
    return f"{algorithm}={_digest(body, secret, algorithm)}"


def verify(body: bytes, header: str | None, secrets: Sequence[str]) -> SignatureCheck:
    """Whether `header` signs `body` with one of `secrets` (several while a secret is being replaced).

    Over the bytes as they came, before inflating. Comparison takes the same time whatever differs.
    """
    known = [secret for secret in secrets if secret]
    if not known:
        return SignatureCheck(False, "No secret is set, so no signature can be right: set one first")
    if not header:
        return SignatureCheck(False, f"The header {HEADER} is missing")
    # Several stand in one header, separated by commas: a peer that replaces its secret signs with both.
    written = [found for one in header.split(",") if (found := _WRITTEN.fullmatch(one))]
    if not written:
        return SignatureCheck(False, f"The header {HEADER} is not of the form sha1=<hex> or sha256=<hex>")
    given = [(one["algorithm"].lower(), one["digest"].lower().encode()) for one in written]
    taken = {algorithm for algorithm, _ in given} & _DIGESTS.keys()
    if not taken:
        reason = f"The header {HEADER} names the algorithm {given[0][0][:20]}; taken are sha1 and sha256"
        return SignatureCheck(False, reason)
    # Each once, however many are given: a body may be large.
    right = [(by, _digest(body, secret, by).encode()) for by in sorted(taken) for secret in known]
    # All of them, always: stopping at the first would tell by its time which secret it was.
    matches = [
        hmac.compare_digest(digest, sent)
        for by, digest in right
        for algorithm, sent in given
        if by == algorithm
    ]
    if any(matches):
        return SignatureCheck(True)
    return SignatureCheck(
        False, "The signature does not match: another secret, or the body was changed on the way"
    )


def _digest(body: bytes, secret: str, algorithm: str) -> str:
    return hmac.new(secret.encode(), body, _DIGESTS[algorithm]).hexdigest()
