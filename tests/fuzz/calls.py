"""Callbacks and orders as they arrive: mutated, badly wrapped, badly signed, badly packed."""

import gzip
import hashlib
import hmac
import zlib
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.fuzz.corpus import MESSAGES, UNKNOWN, some_order
from tests.fuzz.json_text import Style, Token, write
from tests.fuzz.mutations import GARBAGE, mutate

MB = 1024 * 1024
SAMPLES = (
    b"",
    b" ",
    b"\n",
    b"<html>",
    b"null",
    b"7",
    b'"x"',
    b"[]",
    b"{}",
    b"[[]]",
    b"{" * 40,
    b"\x00",
    b"\xff\xfe",
)


@dataclass(frozen=True)
class Sent:
    """A request's body and headers; `said` is what the body says once unpacked, None where it can't be."""

    raw: bytes
    said: bytes | None
    headers: dict[str, str]
    changes: tuple[str, ...]
    signed: bool = True
    number: str = ""
    count: int = 1


def make_callback(number: str, secret: str, dice: Random) -> Sent:
    """A callback about an order, or a batch of them."""
    count = 1 if dice.random() < 0.92 else dice.choice((0, 1, 2, 3, 12, 40))
    made = [_call(number, dice) for _ in range(count)]
    style = Style.of(dice)
    if count == 1 and dice.random() < 0.97:
        text, changes = write(made[0][0], style), made[0][1]
    else:
        text = "[" + ",".join(write(call, style) for call, _ in made) + "]"
        changes = ("batch", *dict.fromkeys(name for _, names in made for name in names))
    body, damage = _damage(_encode(text), dice)
    raw, said, headers, packing = _pack(body, dice)
    signature, signed = _sign(raw, secret, dice)
    if signature is not None:
        headers["X-Signature"] = signature
    return Sent(raw, said, headers, (*changes, *damage, *packing), signed, number, max(count, 1))


def make_order_call(number: str, dice: Random) -> Sent:
    """An order handed in, or a list of them; its number is its own unless that was changed."""
    mutated = mutate(some_order(number, dice), dice, respell=False)
    document, changes = mutated.document, mutated.changes
    if dice.random() < 0.03:
        other = mutate(some_order(f"{number}-2", dice), dice, respell=False)
        document, changes = {"items": [document, other.document]}, ("batch", *changes, *other.changes)
    body, damage = _damage(_encode(write(document, Style.of(dice))), dice)
    raw, said, headers, packing = _pack(body, dice)
    return Sent(raw, said, headers, (*changes, *damage, *packing), number=number)


def _call(number: str, dice: Random) -> tuple[Any, tuple[str, ...]]:
    topic = dice.choice([*MESSAGES] * 6 + [*UNKNOWN])
    params: Any = {}
    changes: tuple[str, ...] = ("unknown topic",)
    if topic in MESSAGES:
        told = number if dice.random() < 0.95 else dice.choice(("000000042", "nobody", "9" * 255))
        mutated = mutate(MESSAGES[topic](told, dice), dice, respell=True)
        params, changes = mutated.document, mutated.changes
    call: dict[str, Any] = {
        "jsonrpc": "2.0",
        "method": topic,
        "params": params,
        "id": f"{dice.getrandbits(64):x}",
    }
    if dice.random() < 0.12:
        name = dice.choice(("jsonrpc", "method", "params", "id"))
        if dice.random() < 0.4:
            del call[name]
        else:
            call[name] = dice.choice((*GARBAGE, 1, 1, "1", Token("1.0"), [], [params]))
        changes = (*changes, f"envelope {name}")
    return call, changes


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _damage(body: bytes, dice: Random) -> tuple[bytes, tuple[str, ...]]:
    """What happens to bytes on their way; mostly nothing."""
    if dice.random() > 0.12:
        return body, ()
    name = dice.choice(
        ("truncated", "charset", "mark", "flipped", "trailing", "sample", "inserted", "blanks")
    )
    place = dice.randrange(len(body) + 1)
    match name:
        case "truncated":
            body = body[:place]
        case "charset":
            text = body.decode("utf-8", "replace")
            body = dice.choice(
                (text.encode("utf-16"), text.encode("utf-32-be"), text.encode("latin-1", "replace") + b"\xe9")
            )
        case "mark":
            body = b"\xef\xbb\xbf" + body
        case "flipped":
            body = body[:place] + bytes([dice.randrange(256)]) + body[place + 1 :]
        case "trailing":
            body += dice.choice((b"}", b"x", b"\x00", b"{}", b"\n\n", b",", b"//"))
        case "sample":
            body = dice.choice(SAMPLES)
        case "inserted":
            body = (
                body[:place]
                + dice.choice((b"\xff", b"\x00", b'"', b"\\", b"\xc3", b"/*x*/", b",,"))
                + body[place:]
            )
        case _:
            body = b" \r\n\t" * dice.choice((1, 1_000)) + body
    return body, (name,)


def _pack(body: bytes, dice: Random) -> tuple[bytes, bytes | None, dict[str, str], tuple[str, ...]]:
    """The body as it is sent, what it says, and the headers that say how it is packed; mostly not at all."""
    headers = {"Content-Type": "application/json"}
    if dice.random() < 0.05:
        headers["Content-Type"] = dice.choice(
            ("text/plain", "application/xml", "application/json; charset=utf-16", "x", "")
        )
    if dice.random() > 0.08:
        return body, body, headers, ()
    name = dice.choice(
        ("gzip", "gzip", "deflate", "broken gzip", "not gzip", "unknown coding", "bomb", "joined gzip")
    )
    said: bytes | None = None
    match name:
        case "gzip":
            raw, said = gzip.compress(body, 1, mtime=0), body
        case "deflate":
            raw, said = zlib.compress(body, 1), body
        case "broken gzip":
            raw = gzip.compress(body, 1, mtime=0)[: -dice.randint(1, 9)]
        case "not gzip":
            raw = body
        case "unknown coding":
            raw = body
            headers["Content-Encoding"] = dice.choice(("br", "zstd", "gzip, gzip", "x", "compress"))
        case "bomb":
            raw = BOMB
        case _:
            raw = gzip.compress(body, 1, mtime=0) + gzip.compress(body, 1, mtime=0)
    headers.setdefault(
        "Content-Encoding", "deflate" if name == "deflate" else dice.choice(("gzip", "GZIP", "x-gzip"))
    )
    return raw, said, headers, (name,)


# 40 MB of blanks in some 40 KB.
BOMB = gzip.compress(b" " * 40 * MB, 6, mtime=0)


def _sign(raw: bytes, secret: str, dice: Random) -> tuple[str | None, bool]:
    """A signature, and whether it is one."""
    algorithm = dice.choice(("sha1", "sha256"))
    right = hmac.new(secret.encode(), raw, getattr(hashlib, algorithm)).hexdigest()
    if dice.random() > 0.07:
        return f"{algorithm}={right}", True
    other = hmac.new(b"another secret", raw, hashlib.sha1).hexdigest()
    swapped = "sha256" if algorithm == "sha1" else "sha1"
    wrong = (
        *(None, "", "sha1=", right, f"md5={right}", f"sha512={right}", f"{swapped}={right}", f"sha1={other}"),
        *(f"{algorithm}={right[:-1]}", f"{algorithm}={right}0", "sha1=" + "0" * 40),
    )
    return dice.choice(wrong), False
