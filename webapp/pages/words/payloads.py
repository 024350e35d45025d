"""A message's body laid out to be read: JSON indented and coloured, every token exactly as it came.

Nothing is parsed into values, so `1.10` stays `1.10` and a broken body is shown as broken as it is.
"""

import re
from dataclasses import dataclass

# More than this makes a page heavy (P10); the rest is there to download.
SHOWN_BYTES = 65_536
_INDENT = "  "
_STEPS = {"open": 1, "close": -1, "comma": 0, "colon": 0}
_SPACED = {
    "open": "{token}\n{indent}",
    "close": "\n{indent}{token}",
    "comma": "{token}\n{indent}",
    "colon": "{token} ",
}
_TOKEN = re.compile(
    r'\s*(?:(?P<text>"(?:[^"\\\n]|\\.)*")|(?P<number>-?\d[\d.eE+-]*)|(?P<word>true|false|null)'
    r"|(?P<open>[{\[])|(?P<close>[}\]])|(?P<comma>,)|(?P<colon>:))"
)
_KEY_FOLLOWS = re.compile(r"\s*:")
_CLOSES = re.compile(r"\s*[}\]]")
# Control characters are not allowed in HTML; their pictures are.
_PICTURES = {code: 0x2400 + code for code in range(32) if chr(code) not in "\t\n"} | {127: 0x2421}


@dataclass(frozen=True, slots=True)
class Shown:
    """A body to be read: `tokens` are (`key`, `text`, `number`, `word` or "", token) in order.

    `total` is its size in bytes, `cut` whether only the start of it is shown.
    """

    tokens: tuple[tuple[str, str], ...]
    total: int
    cut: bool


def show(body: bytes) -> Shown:
    """Lay out a body; one that is no JSON stays as it is, bytes that are no UTF-8 are shown as such."""
    text = body[:SHOWN_BYTES].decode("utf-8", "replace").replace("\r\n", "\n").translate(_PICTURES)
    tokens = _lay_out(text) if text.lstrip()[:1] in ("{", "[") else (("", text),)
    return Shown(tokens, len(body), len(body) > SHOWN_BYTES)


def show_part(part: bytes, total: int) -> Shown:
    """Lay out the beginning of a body of `total` bytes, as its reader may see it (masking)."""
    shown = show(part)
    return Shown(shown.tokens, total, total > SHOWN_BYTES)


def _lay_out(text: str) -> tuple[tuple[str, str], ...]:
    tokens: list[tuple[str, str]] = []
    depth = position = 0
    while match := _TOKEN.match(text, position):
        position = match.end()
        kind = match.lastgroup or ""
        token = match[kind]
        closing = _CLOSES.match(text, position) if kind == "open" else None
        if closing:
            position = closing.end()
            tokens.append(("", token + closing[0].strip()))
        elif kind == "text" and _KEY_FOLLOWS.match(text, position):
            tokens.append(("key", token))
        elif kind in ("text", "number", "word"):
            tokens.append((kind, token))
        else:
            depth = max(depth + _STEPS[kind], 0)
            tokens.append(("", _SPACED[kind].format(token=token, indent=_INDENT * depth)))
    return (*tokens, ("", text[position:]))
