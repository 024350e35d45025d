"""What a setting's value may be: each kind reads one, and tells machines what it takes (contract: Settings).

`read` takes a value as JSON gave it and gives the value to keep, or raises `Refused` naming the key.
`schema` is the same as JSON Schema; what is taken beside that out of leniency is not promised there.
"""

import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlsplit

from webapp.domain.refusals import Refused
from webapp.domain.schemas import Schema, nullable

Value = str | int | bool | dict[str, Any] | None

TEXT_LIMIT: Final = 2_000
# What a table's texts may have: they become columns of an order.
ENTRY_LIMIT: Final = 255

_CONTROLS: Final = r"\u0000-\u001f\u007f-\u009f\u2028\u2029"
_OF_ONE_LINE: Final = re.compile(rf"[^{_CONTROLS}\ud800-\udfff]*")
_CODE: Final = re.compile(r"[\w .:-]{1,64}")
# Nothing that could end a header, and no more of a name than mail servers take.
_MAIL: Final = re.compile(r"[^\s@,;:<>()\[\]\"\\]{1,64}@[^\s@,;:<>()\[\]\"\\]{1,255}")
_OCTET: Final = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"

# In JSON Schema's own kind of pattern.
_NO_NUL: Final = r"^[^\u0000]*$"
_ADDRESS: Final = r"https?://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[1-9][0-9]{0,3})?(/[!-~]*)?"
_PLAIN_MAIL: Final = "[A-Za-z0-9.+_-]{1,64}@[A-Za-z0-9.-]{1,100}"
_PLAIN_CODE: Final = "[A-Za-z0-9_.:-]([A-Za-z0-9_ .:-]{0,62}[A-Za-z0-9_.:-])?"
_NETWORK: Final = (
    rf"{_OCTET}(\.{_OCTET}){{3}}(/([12]?[0-9]|3[0-2]))?"
    "|([0-9a-f]{1,4}:){1,7}:(/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))?"
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value: how one is read, the same as JSON Schema, and the JSON types one may be kept as."""

    read: Callable[[str, object], Value]
    schema: Schema
    kept: tuple[str, ...] = ("string", "null")


def _read_text(key: str, value: object) -> Value:
    if value is None:
        return None
    if not isinstance(value, str):
        raise Refused(key, "a text", value)
    if len(value) > TEXT_LIMIT or "\x00" in value:
        raise Refused(key, f"a text of at most {TEXT_LIMIT} characters", value)
    return value.strip() or None


def _read_secret(key: str, value: object) -> Value:
    try:
        text = _read_text(key, value)
    except Refused as refusal:
        # What is refused is shown, and a secret never is.
        raise Refused(key, refusal.expected) from None
    return text if text is None or value is None else str(value)


def _read_url(key: str, value: object) -> Value:
    text = _read_text(key, value)
    if text is None:
        return None
    try:
        parts = urlsplit(str(text))
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits or re.search(r"\s", str(text)):
        raise Refused(key, "an address that begins with http:// or https://", value)
    return text


def _read_flag(key: str, value: object) -> Value:
    if isinstance(value, bool):
        return value
    raise Refused(key, "true or false (on or off)", value)


def _read_codes(key: str, value: object) -> Value:
    text = _read_listed(key, value)
    if text is None:
        return None
    codes = [part.strip() for part in str(text).split(",") if part.strip()]
    for code in codes:
        if not _CODE.fullmatch(code):
            raise Refused(key, "codes separated by commas", code)
    return ",".join(dict.fromkeys(codes)) or None


def _read_addresses(key: str, value: object) -> Value:
    text = _read_listed(key, value)
    if text is None:
        return None
    addresses = [one.strip() for one in str(text).split(",") if one.strip()]
    for one in addresses:
        if not _MAIL.fullmatch(one):
            raise Refused(key, "e-mail addresses separated by commas", one)
    return ", ".join(dict.fromkeys(addresses)) or None


def _read_networks(key: str, value: object) -> Value:
    text = _read_listed(key, value)
    for one in str(text or "").split(","):
        try:
            ipaddress.ip_network(one.strip() or "127.0.0.0/8", strict=False)
        except ValueError:
            raise Refused(key, "networks such as 169.254.0.0/16, separated by commas", one) from None
    return text


def _read_listed(key: str, value: object) -> Value:
    if isinstance(value, (list, tuple)) and all(isinstance(one, str) for one in value):
        value = ",".join(value)
    return _read_text(key, value)


def whole(most: int, *, off: bool = False) -> Kind:
    """A whole number from 1, also written as a text; with `off` also that word."""
    words = f"a whole number from 1 to {most}" + (' or "off"' if off else "")

    def read(key: str, value: object) -> Value:
        if off and value in ("off", ""):
            return "off"
        if isinstance(value, str) and re.fullmatch("[0-9]{1,12}", value.strip(), re.ASCII):
            value = int(value)
        if isinstance(value, Decimal) and value == value.to_integral_value() and abs(value) < most * 10:
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
            raise Refused(key, words, value)
        return value

    written = "|".join((f"0{{0,4}}({_numbers_up_to(most)})", *(("off", "") if off else ())))
    number: Schema = {"type": "integer", "minimum": 1, "maximum": most}
    text = {"type": "string", "pattern": f"^({written})$"}
    return Kind(read, nullable(number, text), ("integer", "string") if off else ("integer",))


def one_of(*words: str, empty: bool = False) -> Kind:
    """One of a few words; with `empty` none of them, too."""

    def read(key: str, value: object) -> Value:
        if empty and value in (None, ""):
            return None
        if isinstance(value, str) and value in words:
            return value
        raise Refused(key, " or ".join(f'"{word}"' for word in words), value)

    return Kind(read, nullable({"type": "string", "enum": [*words, *([""] if empty else ())]}))


def table(fields: Mapping[str, bool] | None, words: str) -> Kind:
    """An object whose values are texts (`fields` None), or objects with these fields (required or not)."""

    def read(key: str, value: object) -> Value:
        if value is None or value == "":
            return None
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                raise Refused(key, words, value) from None
        if not isinstance(value, dict):
            raise Refused(key, words, value)
        for name, entry in value.items():
            _check_entry_text(key, name)
            _check_entry(f"{key}.{name}", entry, fields, words)
        # An empty one says what no one does: there is the default for it.
        return value or None

    entry = _ENTRY_TEXT if fields is None else _entry_schema(fields)
    rows: Schema = {"type": "object", "propertyNames": _ENTRY_TEXT, "additionalProperties": entry}
    return Kind(read, nullable(rows, {"type": "string", "enum": [""]}), ("object",))


def _check_entry(path: str, entry: object, fields: Mapping[str, bool] | None, words: str) -> None:
    if fields is None:
        _check_entry_text(path, entry)
        return
    if not isinstance(entry, dict):
        raise Refused(path, words, entry)
    for name, required in fields.items():
        if required and not entry.get(name):
            raise Refused(f"{path}.{name}", "a text")
        _check_entry_text(f"{path}.{name}", entry.get(name, ""))
    if unknown := next(iter(entry.keys() - fields.keys()), None):
        raise Refused(path, f"no field but {', '.join(fields)}", unknown)


def _check_entry_text(path: str, text: object) -> None:
    if not isinstance(text, str) or len(text) > ENTRY_LIMIT or not _OF_ONE_LINE.fullmatch(text):
        raise Refused(path, f"a text of at most {ENTRY_LIMIT} characters", text)


def _entry_schema(fields: Mapping[str, bool]) -> Schema:
    return {
        "type": "object",
        "properties": {
            name: {**_ENTRY_TEXT, **({"minLength": 1} if required else {})}
            for name, required in fields.items()
        },
        "required": [name for name, required in fields.items() if required],
        "additionalProperties": False,
    }


def _numbers_up_to(most: int) -> str:
    """A pattern of the numbers from 1 to `most`, without leading zeros."""
    digits = str(most)
    ways = [f"[1-9][0-9]{{{more}}}" for more in range(len(digits) - 1)]
    for place, digit in enumerate(digits):
        least = 0 if place else 1
        if int(digit) > least:
            rest = len(digits) - place - 1
            ways.append(f"{digits[:place]}[{least}-{int(digit) - 1}][0-9]{{{rest}}}")
    return "|".join((*ways, digits))


def _listed(one: str) -> Schema:
    """A text of several, separated by commas, or a list of such; or nothing."""
    written: Schema = {
        "type": "string",
        "maxLength": TEXT_LIMIT,
        "pattern": f"^(({one})(,({one}))*)?$",
    }
    each: Schema = {"type": "string", "pattern": f"^({one})?$"}
    return nullable(written, {"type": "array", "items": each, "maxItems": 20})


_TEXT: Final[Schema] = {"type": "string", "maxLength": TEXT_LIMIT, "pattern": _NO_NUL}
_ENTRY_TEXT: Final[Schema] = {"type": "string", "maxLength": ENTRY_LIMIT, "pattern": f"^[^{_CONTROLS}]*$"}
_URL: Final[Schema] = {"type": "string", "maxLength": TEXT_LIMIT, "pattern": f"^({_ADDRESS})?$"}

text = Kind(_read_text, nullable(_TEXT))
secret = Kind(_read_secret, nullable(_TEXT))
url = Kind(_read_url, nullable(_URL))
flag = Kind(_read_flag, nullable({"type": "boolean"}), ("boolean",))
codes = Kind(_read_codes, _listed(_PLAIN_CODE))
addresses = Kind(_read_addresses, _listed(_PLAIN_MAIL))
networks = Kind(_read_networks, _listed(_NETWORK))
