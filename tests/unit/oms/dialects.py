"""The same message in the words of each kind of peer (protocol: Envelope, what is accepted)."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest


def rewritten(value: Any, name: Callable[[str], str], leaf: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict):
        return {name(key): rewritten(inner, name, leaf) for key, inner in value.items()}
    if isinstance(value, list):
        return [rewritten(inner, name, leaf) for inner in value]
    return leaf(value)


def as_is(value: Any) -> Any:
    return value


def camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def lower_camel(name: str) -> str:
    return camel(name)[0].lower() + camel(name)[1:]


def acronyms(name: str) -> str:
    return re.sub(r"Id$|Sku$", lambda found: found[0].upper(), camel(name))


def number_as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else value


def integer_as_decimal(value: Any) -> Any:
    return Decimal(f"{value}.0") if isinstance(value, int) and not isinstance(value, bool) else value


def id_as_number(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value in ("501", "502") else value


def text_in_lower_case(value: Any) -> Any:
    codes = ("SHIPPED", "LOGISTICS", "READYTOSHIP", "RELEASED", "APPROVED", "FULL", "OK")
    return value.lower() if isinstance(value, str) and value in codes else value


def truth_as_number(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value


def date_as_peers_write_it(value: Any) -> Any:
    if not isinstance(value, str) or not re.match(r"2030-\d\d-\d\dT", value):
        return value
    return datetime.fromisoformat(value).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


# How names are written, and what stands behind them.
DIALECTS = [
    pytest.param(camel, as_is, id="CamelCase"),
    pytest.param(lower_camel, as_is, id="camelCase"),
    pytest.param(acronyms, as_is, id="OrderID"),
    pytest.param(str.upper, as_is, id="UPPER"),
    pytest.param(as_is, number_as_text, id="numbers as strings"),
    pytest.param(as_is, integer_as_decimal, id="integers as 5.0"),
    pytest.param(as_is, id_as_number, id="ids as numbers"),
    pytest.param(as_is, text_in_lower_case, id="statuses in lower case"),
    pytest.param(as_is, truth_as_number, id="booleans as 0 and 1"),
    pytest.param(as_is, date_as_peers_write_it, id="dates without zone"),
]
