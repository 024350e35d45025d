"""The sandbox's field tables against those they were transcribed from."""

import json
from pathlib import Path
from typing import Any

import pytest

from webapp.sandbox.fields import enums, methods, types

_SPEC = Path(__file__).parents[4] / "shared" / "data" / "oms-spec.json"
_BEYOND = {"magento.catalog.product", "magento.catalog.product_attribute"}


@pytest.fixture(scope="module")
def spec() -> Any:
    if not _SPEC.exists():
        pytest.skip("the OMS's field tables (../shared/data/oms-spec.json) are not here to compare with")
    return json.loads(_SPEC.read_text())


def test_topics_take_the_arguments_of_the_tables(spec: Any) -> None:
    for name, method in methods().items():
        told = spec["methods"][name]
        marked = {field.name + "*" * field.required: field.type for field in method.arguments.values()}
        assert (method.kind, marked) == (told["kind"], told["args"]), name


def test_types_have_the_fields_of_the_tables(spec: Any) -> None:
    for name, fields in types().items():
        if name not in _BEYOND:
            marked = {field.name + "*" * field.required: field.type for field in fields.values()}
            assert marked == spec["types"][name], name


def test_words_are_those_of_the_tables(spec: Any) -> None:
    for name, words in enums().items():
        assert words == spec["enums"][name]


def test_products_have_the_tables_fields_and_what_the_product_topic_adds(spec: Any) -> None:
    product = types()["magento.catalog.product"]

    assert set(product) - {"enabled"} == {
        name.rstrip("*") for name in spec["types"]["magento.catalog.product"]
    }
    assert all(
        product[name.rstrip("*")].required for name in spec["types"]["magento.catalog.product"] if "*" in name
    )
    assert set(types()["magento.catalog.product_attribute"]) == {"name", "value", "attribute_code"}


def test_every_type_that_is_named_is_there() -> None:
    named = {
        field.type.removeprefix("array[").removeprefix("map[").rstrip("]")
        for fields in [*types().values(), *(method.arguments for method in methods().values())]
        for field in fields.values()
    }
    plain = {"string", "integer", "float", "boolean", "datetime", "date"}
    assert named - plain == (named - plain) & (set(types()) | set(enums()))
