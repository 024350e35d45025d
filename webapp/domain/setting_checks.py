"""What a setting's value must be: each check gives the value to keep, None for the default, or refuses it.

Pure: a check takes the key and the value as JSON or a form gave it, and raises `Refused` naming the key and
what was expected.
"""

import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from webapp.domain.refusals import Refused

Value = str | int | bool | dict[str, Any] | None
Check = Callable[[str, object], Value]

TEXT_LIMIT = 2_000
# What a table's texts may have: they become columns of an order.
ENTRY_LIMIT = 255
# Nothing that could end a header, and no more of a name than mail servers take.
ADDRESS = re.compile(r"[^\s@,;:<>()\[\]\"\\]{1,64}@[^\s@,;:<>()\[\]\"\\]{1,255}")


def text(key: str, value: object) -> Value:
    """A text of at most TEXT_LIMIT characters, without the spaces around it."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise Refused(key, "a text", value)
    if len(value) > TEXT_LIMIT or "\x00" in value:
        raise Refused(key, f"a text of at most {TEXT_LIMIT} characters", value)
    return value.strip() or None


def secret(key: str, value: object) -> Value:
    """A text that is never shown, not even in its refusal."""
    try:
        plain = text(key, value)
    except Refused as refusal:
        # What is refused is shown, and a secret never is.
        raise Refused(key, refusal.expected) from None
    return plain if plain is None or value is None else str(value)


def url(key: str, value: object) -> Value:
    """An address that begins with http:// or https://."""
    plain = text(key, value)
    if plain is None:
        return None
    try:
        parts = urlsplit(str(plain))
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits or re.search(r"\s", str(plain)):
        raise Refused(key, "an address that begins with http:// or https://", value)
    return plain


def flag(key: str, value: object) -> Value:
    """A switch."""
    if isinstance(value, bool):
        return value
    raise Refused(key, "true or false (on or off)", value)


def whole(least: int, most: int, *, off: bool = False) -> Check:
    """A whole number within these bounds; with `off` that word too."""
    words = f"a whole number from {least} to {most}" + (' or "off"' if off else "")

    def fits(key: str, value: object) -> Value:
        if off and value in ("off", ""):
            return "off"
        if isinstance(value, str) and re.fullmatch("[0-9]{1,12}", value.strip(), re.ASCII):
            value = int(value)
        if isinstance(value, Decimal) and value == value.to_integral_value() and abs(value) < most * 10:
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise Refused(key, words, value)
        return value

    return fits


def one_of(*words: str, empty: bool = False) -> Check:
    """One of these words; with `empty` nothing, too."""

    def fits(key: str, value: object) -> Value:
        if empty and value in (None, ""):
            return None
        if isinstance(value, str) and value in words:
            return value
        raise Refused(key, " or ".join(f'"{word}"' for word in words), value)

    return fits


def codes(key: str, value: object) -> Value:
    """Codes separated by commas, each once."""
    if isinstance(value, (list, tuple)) and all(isinstance(one, str) for one in value):
        value = ",".join(value)
    plain = text(key, value)
    if plain is None:
        return None
    codes = [part.strip() for part in str(plain).split(",") if part.strip()]
    for code in codes:
        if not re.fullmatch(r"[\w .:-]{1,64}", code):
            raise Refused(key, "codes separated by commas", code)
    return ",".join(dict.fromkeys(codes))


def addresses(key: str, value: object) -> Value:
    """E-mail addresses separated by commas, each once."""
    plain = _parts(key, value)
    if plain is None:
        return None
    addresses = [one.strip() for one in str(plain).split(",") if one.strip()]
    for one in addresses:
        if not ADDRESS.fullmatch(one):
            raise Refused(key, "e-mail addresses separated by commas", one)
    return ", ".join(dict.fromkeys(addresses))


def networks(key: str, value: object) -> Value:
    """Networks separated by commas."""
    plain = _parts(key, value)
    for one in str(plain or "").split(","):
        try:
            ipaddress.ip_network(one.strip() or "127.0.0.0/8", strict=False)
        except ValueError:
            raise Refused(key, "networks such as 169.254.0.0/16, separated by commas", one) from None
    return plain


def _parts(key: str, value: object) -> Value:
    if isinstance(value, (list, tuple)) and all(isinstance(one, str) for one in value):
        value = ",".join(value)
    return text(key, value)


def table(fields: Mapping[str, bool] | None, words: str) -> Check:
    """An object whose values are texts (`fields` None), or objects with these fields (required or not)."""

    def fits(key: str, value: object) -> Value:
        if value is None or value == "":
            return None
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError:
                raise Refused(key, words, value) from None
        if not isinstance(value, dict):
            raise Refused(key, words, value)
        for name, entry in value.items():
            _short_text(key, name)
            _fit_entry(f"{key}.{name}", entry, fields, words)
        # An empty one says what no one does: there is the default for it.
        return value or None

    return fits


def _fit_entry(path: str, entry: object, fields: Mapping[str, bool] | None, words: str) -> None:
    if fields is None:
        if not isinstance(entry, str) or not entry.isprintable():
            raise Refused(path, words, entry)
        return
    if not isinstance(entry, dict):
        raise Refused(path, words, entry)
    for name, required in fields.items():
        if required and not entry.get(name):
            raise Refused(f"{path}.{name}", "a text")
        _short_text(f"{path}.{name}", entry.get(name, ""))


def _short_text(path: str, text: object) -> None:
    if not isinstance(text, str) or len(text) > ENTRY_LIMIT or not text.isprintable():
        raise Refused(path, f"a text of at most {ENTRY_LIMIT} characters", text)
