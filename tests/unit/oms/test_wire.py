"""JSON over the wire: protocol's Envelope (numbers) and Size."""

import json
from contextlib import suppress
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.oms.wire import WireError, decode, encode


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"19.990000000000000001", Decimal("19.990000000000000001")),
        (b"1.10", Decimal("1.10")),
        (b"5", 5),
        (b"5.0", Decimal("5.0")),
        (b"1e2", Decimal("1e2")),
        (b'\xef\xbb\xbf{"a": []}', {"a": []}),
        (b' "\\u0000\\ud83d\\ude00" ', "\0\U0001f600"),
        (b'{"a":1,"a":2}', {"a": 2}),
    ],
)
def test_what_is_json_is_read_exactly(text: bytes, value: object) -> None:
    assert decode(text) == value
    assert repr(decode(text)) == repr(value)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"   ",
        b"\xef\xbb\xbf",
        b"{",
        b'{"a":1',
        b"{} {}",
        b"NaN",
        b"[Infinity]",
        b"-Infinity",
        b"{'a':1}",
        b"[1,]",
        b"01",
        b"+1",
        b".5",
        b"0x10",
        b"\xff\xfe{\x00}\x00",
        b'"\xff"',
        b'"\xc3"',
        b'"\xed\xa0\x80"',
        b'"\\ud800"',
        b'"\\udc00"',
        b'"a\nb"',
        b"1e9999999999999999999",
        b"9" * 5000,
        b"<!DOCTYPE html>",
        b"jsonrpc=2.0&method=x",
    ],
)
def test_what_is_no_json_is_minus_32700(text: bytes) -> None:
    with pytest.raises(WireError) as caught:
        decode(text)
    assert caught.value.code == -32700
    assert str(caught.value)


def nested(levels: int) -> bytes:
    return b'{"a":' * levels + b"1" + b"}" * levels


@pytest.mark.parametrize("levels", [1, 64])
def test_nesting_up_to_64_levels_is_taken(levels: int) -> None:
    assert isinstance(decode(nested(levels)), dict)
    assert isinstance(decode(b"[" * levels + b"]" * levels), list)


@pytest.mark.parametrize(
    "text",
    [
        nested(65),
        b"[" * 65 + b"]" * 65,
        b"[[]," * 64 + b"[]" + b"]" * 64,
        b"[" * 1_000_000,
        b'[{"a":' * 500_000,
        b"[" * 100_000 + b"]" * 100_000,
    ],
)
def test_deeper_nesting_is_refused(text: bytes) -> None:
    with pytest.raises(WireError, match=r"too deep|not JSON") as caught:
        decode(text)
    assert caught.value.code == -32700


def test_brackets_in_texts_are_no_nesting() -> None:
    texts = ["[{" * 100, '"[[[\\', "\\", '\\"' * 50 + "[" * 70]
    assert decode(json.dumps(texts * 40).encode()) == texts * 40


def test_wide_is_not_deep() -> None:
    assert decode(b"[" + b"[{}]," * 5000 + b"[]]") == [[{}]] * 5000 + [[]]


def test_a_body_above_the_limit_is_not_looked_at() -> None:
    with pytest.raises(WireError, match="too large: 11 bytes, at most 10 are taken"):
        decode(b" " * 9 + b"{}", limit=10)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1.10"), b"1.10"),
        (Decimal("1E+2"), b"100"),
        (Decimal("1E-10"), b"0.0000000001"),
        (Decimal("0E-9"), b"0.000000000"),
        (Decimal("0E+2"), b"0"),
        (Decimal("-1.5E-7"), b"-0.00000015"),
        ({"a": [Decimal("12E+3")], "b": "x:1E5"}, b'{"a":[12000],"b":"x:1E5"}'),
        (("a", None, True, 7), b'["a",null,true,7]'),
    ],
)
def test_numbers_are_written_plain(value: object, text: bytes) -> None:
    assert json.loads(encode(value)) == json.loads(text)
    assert encode(value) == text or value == Decimal("0E+2")


@pytest.mark.parametrize("number", ["NaN", "sNaN", "-Infinity", "Infinity", "1E+41", "1E-41", "-1E+999999"])
@pytest.mark.parametrize(
    "inside", [lambda n: n, lambda n: [n], lambda n: {"a": n}, lambda n: [[1], {"a": [n]}]]
)
def test_what_no_strict_reader_takes_is_never_written(number: str, inside) -> None:  # type: ignore[no-untyped-def]  # a lambda of any shape
    with pytest.raises(ValueError, match="is not a number that can be sent"):
        encode(inside(Decimal(number)))


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False, places=None),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_written_is_what_the_strictest_reader_reads(value: object) -> None:
    try:
        wire = encode(value)
    except ValueError:
        return

    def plain(text: str) -> Decimal:
        assert "e" not in text.lower()
        return Decimal(text)

    def no_constant(text: str) -> object:
        raise AssertionError(text)

    assert json.loads(wire, parse_float=plain, parse_int=plain, parse_constant=no_constant) == _as_decimals(
        value
    )
    assert msgspec.json.decode(wire, strict=True) is not NotImplemented


def _as_decimals(value: object) -> object:
    if isinstance(value, dict):
        return {name: _as_decimals(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_as_decimals(inner) for inner in value]
    return Decimal(value) if type(value) is int else value


@given(st.binary())
def test_no_bytes_raise_anything_but_the_one_error(body: bytes) -> None:
    with suppress(WireError):
        decode(body)
