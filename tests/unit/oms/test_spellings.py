"""The one generic pass over whatever a peer writes (protocol: Envelope; numbers, names)."""

from decimal import Decimal
from typing import Annotated, Any

import msgspec
import pytest

from webapp.domain.refusals import Refused
from webapp.domain.told_ids import NumberedId
from webapp.oms.spellings import Amount, Code, LineNumber, also, read_struct, squash


class Attribute(msgspec.Struct, frozen=True):
    name: str
    value: str = ""


class Thing(msgspec.Struct, frozen=True, kw_only=True):
    id: Annotated[Code | None, also("thing_id")] = None
    number: LineNumber | None = None
    amount: Amount | None = None
    balance: Decimal | None = None
    unlimited: bool = False
    custom_attributes: tuple[Attribute, ...] = ()


def read(**wire: Any) -> Thing:
    return read_struct(wire, Thing)


@pytest.mark.parametrize("written", ["name", "attribute_code", "AttributeCode", "Name", "attributeCode"])
def test_attributes_by_name_or_by_attribute_code(written: str) -> None:
    assert read(custom_attributes=[{written: "color", "value": "red"}]).custom_attributes == (
        Attribute("color", "red"),
    )


def test_where_an_attribute_has_both_its_name_counts() -> None:
    for wire in ({"name": "a", "attribute_code": "b"}, {"attribute_code": "b", "name": "a"}):
        assert read(custom_attributes=[wire]).custom_attributes == (Attribute("a"),)


@pytest.mark.parametrize(
    "written", ["id", "Id", "ID", "thing_id", "ThingId", "thingID", "THING_ID", "thing-id"]
)
def test_a_name_however_it_is_written(written: str) -> None:
    assert read(**{written: "x"}).id == "x"


def test_names_that_are_others_are_not_taken() -> None:
    assert read(idd="x", my_id="y") == Thing()
    assert squash("shimpent_id") == squash("ShipmentId")


@pytest.mark.parametrize(
    ("wire", "meant"),
    [
        (42, "42"),
        (Decimal("42.0"), "42"),
        (Decimal("4.2E+1"), "42"),
        (0, "0"),
        (-5, "-5"),
        (10**20, "1" + "0" * 20),
    ],
)
def test_an_id_as_a_number_is_known_to_have_been_one(wire: object, meant: str) -> None:
    told = read(id=wire).id
    assert (told, type(told)) == (meant, NumberedId)
    assert type(read(id=meant).id) is str


@pytest.mark.parametrize("wire", [True, [], {"a": 1}, 10**30, Decimal("1E+300"), "a\0b", "x" * 256])
def test_what_is_no_id(wire: object) -> None:
    with pytest.raises(Refused) as caught:
        read(id=wire)
    assert caught.value.field == "id"


@pytest.mark.parametrize(
    ("wire", "number"),
    [(5, 5), ("5", 5), (Decimal("5.0"), 5), ("5.0", 5), (Decimal("5E+0"), 5), ("2147483647", 2**31 - 1)],
)
def test_a_whole_number_in_every_dress(wire: object, number: int) -> None:
    assert (read(number=wire).number, type(read(number=wire).number)) == (number, int)


@pytest.mark.parametrize(
    "wire",
    ["5,0", "5.5", Decimal("5.5"), "NaN", "Infinity", "1_000", "\u0665", " 5", "5 ", "0x5", "1e400", 0, -1,
     2**31, True, [], {"a": 1}, "five"],
)  # fmt: skip
def test_what_is_no_whole_number(wire: object) -> None:
    with pytest.raises(Refused) as caught:
        read(number=wire)
    assert caught.value.field == "number"
    assert caught.value.expected.startswith("a whole number")


@pytest.mark.parametrize(
    ("wire", "amount"),
    [
        (5, "5"),
        ("19.99", "19.99"),
        (Decimal("19.99"), "19.99"),
        ("0", "0"),
        ("1e2", "100"),
        (Decimal("48.70999999999999996"), "48.71"),
        ("9999999999999.9999", "9999999999999.9999"),
    ],
)
def test_an_amount_of_money(wire: object, amount: str) -> None:
    assert read(amount=wire).amount == read(balance=wire).balance == Decimal(amount)


@pytest.mark.parametrize(
    "wire",
    ["5,0", "1.000,00", "NaN", "sNaN", "-Infinity", "1_000", "\uff15", "$5", "5 EUR", "10000000000000",
     10**13, "1e13", "1e999999999", Decimal("1E+999999999"), True, [1], {"a": 1}],
)  # fmt: skip
def test_what_is_no_amount_of_money(wire: object) -> None:
    for name in ("amount", "balance"):
        with pytest.raises(Refused) as caught:
            read(**{name: wire})
        assert caught.value.field == name
        assert caught.value.expected in ("a number", "an amount below 10000000000000")


def test_an_amount_is_at_least_0_where_it_is_one_to_be_paid() -> None:
    assert read(balance="-0.01").balance == Decimal("-0.01")
    with pytest.raises(Refused, match=r'^amount: expected an amount of at least 0, got "-0.01"$'):
        read(amount="-0.01")


@pytest.mark.parametrize("wire", [True, 1, "1", "true", "True", Decimal("1.0")])
def test_yes(wire: object) -> None:
    assert read(unlimited=wire).unlimited is True


@pytest.mark.parametrize("wire", [False, 0, "0", "false", "FALSE", Decimal("0.0"), None, ""])
def test_no(wire: object) -> None:
    assert read(unlimited=wire).unlimited is False


@pytest.mark.parametrize("wire", [2, -1, "yes", "on", [], {"a": 1}, Decimal("0.5")])
def test_neither_yes_nor_no(wire: object) -> None:
    with pytest.raises(Refused, match=r"^unlimited: expected true or false, got "):
        read(unlimited=wire)


def test_two_fields_of_one_name_are_our_mistake() -> None:
    class Twice(msgspec.Struct):
        order_id: str = ""
        other: Annotated[str, also("OrderID")] = ""

    with pytest.raises(TypeError, match="two fields are known as OrderID"):
        read_struct({}, Twice)
