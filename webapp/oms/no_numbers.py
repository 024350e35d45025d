"""Where a body says `NaN` or `Infinity`: what JSON knows no word for, but careless senders write.

The decoder only tells the byte; whoever has to mend it needs the field.
"""

import json
from typing import Final

# Reading it again costs memory, and a larger body that is no JSON tells enough by its byte.
LOOKED_AT: Final = 2 * 1024 * 1024
_WORDS: Final = (b"NaN", b"Infinity")


class _NoNumber(str):
    """The word that stands where a number is due."""


def find_no_number(body: bytes) -> tuple[str, str] | None:
    """The path of the first such word and the word itself, where the body is JSON but for them."""
    if len(body) > LOOKED_AT or not any(word in body for word in _WORDS):
        return None
    try:
        return _find(json.loads(body, parse_constant=_NoNumber), "")
    except (ValueError, RecursionError):
        return None


def _find(value: object, path: str) -> tuple[str, str] | None:
    if isinstance(value, _NoNumber):
        return path, str(value)
    inner: list[tuple[str, object]] = []
    if isinstance(value, dict):
        inner = [(f"{path}.{name}" if path else str(name), one) for name, one in value.items()]
    elif isinstance(value, list):
        inner = [(f"{path}[{place}]", one) for place, one in enumerate(value)]
    return next((found for place, one in inner if (found := _find(one, place))), None)
