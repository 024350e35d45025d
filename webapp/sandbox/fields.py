"""The protocol's field tables (`fields.json`): method → arguments, type → fields, `*` = required.

Names, types and required marks are facts of the OMS's interfaces as of 2019; no text was taken. Three
things go beyond the tables, as the protocol's product topic asks: a product has `enabled`, its attributes
an `attribute_code`, and `name`, `children_skus` and `custom_attributes` are always there.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Kind = Literal["command", "query", "event"]


@dataclass(frozen=True, slots=True)
class Field:
    """One argument or field; `type` as the table writes it (`array[magento.sales.order_line]`)."""

    name: str
    type: str
    required: bool


@dataclass(frozen=True, slots=True)
class Method:
    """A topic: how it is called, and its arguments by name."""

    kind: Kind
    arguments: dict[str, Field]


def _read(fields: dict[str, str]) -> dict[str, Field]:
    return {
        name.rstrip("*"): Field(name.rstrip("*"), kind, name.endswith("*")) for name, kind in fields.items()
    }


@cache
def _tables() -> dict[str, Any]:
    text = files("webapp.sandbox").joinpath("fields.json").read_text("utf-8")
    tables: dict[str, Any] = json.loads(text)
    return tables


@cache
def methods() -> dict[str, Method]:
    """Every topic of the tables, those it receives and those it sends."""
    return {name: Method(told["kind"], _read(told["args"])) for name, told in _tables()["methods"].items()}


@cache
def types() -> dict[str, dict[str, Field]]:
    """Every structured type, its fields by name."""
    return {name: _read(told) for name, told in _tables()["types"].items()}


def enums() -> dict[str, list[str]]:
    """Types that are one word of a list."""
    found: dict[str, list[str]] = _tables()["enums"]
    return found
