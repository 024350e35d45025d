"""How each kind of peer spells what it says: the same facts in other names, types and dates.

Each takes params or a result as the field tables have them and gives them as that peer writes them.
"""

import re
from decimal import Decimal
from typing import Any

from webapp.sandbox.wire import Json

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?([+-]\d\d:\d\d)")
_ID = re.compile(r"0|[1-9]\d{0,17}")
_OFTEN_ABSENT = {"client", "ref", "condition", "store_id", "credit_note_date"}
_WITHOUT_ZONE = {"shipment_date", "created_on"}
_LINE_NUMBERS = {"items", "order_lines"}
# One word where the documentation has another.
_PHP_WORDS = {
    ("refund_type", "cancellation"): "CANCELLED",
    ("status_reason", "PENDING_REMORSE_TIME"): "PENDINGREMORSETIME",
}


def as_is(value: Any) -> Any:
    """As the field tables have it."""
    return value


def with_numbers_as_strings(value: Any) -> Any:
    """Every number a string: `"5"`, `"19.99"`."""
    if isinstance(value, dict):
        return {name: with_numbers_as_strings(item) for name, item in value.items()}
    if isinstance(value, list):
        return [with_numbers_as_strings(item) for item in value]
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    return value


def as_go(value: Any, name: str = "") -> Any:
    """CamelCase names, nothing that is null, ids as numbers, `{}` for `[]`, dates in UTC with a Z."""
    if isinstance(value, dict):
        return {_camel(key): as_go(item, key) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [as_go(item) for item in value] if value else {}
    if not isinstance(value, str):
        return value
    if (name == "id" or name.endswith("_id")) and _ID.fullmatch(value):
        return int(value)
    if _MOMENT.fullmatch(value):
        return value.replace("+00:00", "Z")
    return value.upper() if name == "refund_type" else value


def _camel(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def as_php(value: Any, name: str = "") -> Any:
    """Statuses in lower case, `shimpent_id`, attributes by code, a space in dates; what is often absent is.

    An empty object is `[]`; `unlimited` is 0 or 1, a quantity `5.0`; line numbers in packages are strings,
    and in `aggregated_items` the lines' ids.
    """
    if isinstance(value, dict):
        return _php_object(value, name) or []
    if isinstance(value, list):
        return [as_php(item, name) for item in value]
    if isinstance(value, str):
        return _php_text(value, name)
    if name == "unlimited":
        return int(value)
    if name == "quantity" and isinstance(value, int):
        return Decimal(f"{value}.0")
    return value


def _php_object(value: Json, name: str) -> Json:
    spoken: Json = {}
    for key, item in value.items():
        if key in _OFTEN_ABSENT:
            continue
        if key == "shipment_id":
            spoken["shimpent_id"] = as_php(item, key)
        elif key == "name" and name == "custom_attributes":
            spoken["attribute_code"] = item
        elif key == "code" and name == "status":
            spoken[key] = item.lower()
        elif key in _LINE_NUMBERS and isinstance(item, list) and all(isinstance(each, int) for each in item):
            line_id = value.get("aggregated_line_id")
            spoken[key] = [str(each) if key == "items" else line_id for each in item]
        else:
            spoken[key] = as_php(item, key)
    return spoken


def _php_text(value: str, name: str) -> str:
    if name == "status":
        return value.lower()
    if moment := _MOMENT.fullmatch(value):
        zone = "" if name in _WITHOUT_ZONE else moment[3]
        return f"{moment[1]} {moment[2]}{zone}"
    return _PHP_WORDS.get((name, value), value)
