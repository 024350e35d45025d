"""A body is laid out to be read, and every token of it stays as it came."""

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from webapp.pages.words.payloads import SHOWN_BYTES, show

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def text_of(body: bytes) -> str:
    return "".join(token for _, token in show(body).tokens)


def test_laid_out_and_told_apart() -> None:
    shown = show(b'{"a":[],"price":1.10,"ok":true,"in":{"x":"y: \\"z\\""}}')
    text = "".join(token for _, token in shown.tokens)
    assert text == (
        '{\n  "a": [],\n  "price": 1.10,\n  "ok": true,\n  "in": {\n    "x": "y: \\"z\\""\n  }\n}'
    )
    assert [pair for pair in shown.tokens if pair[0] in ("number", "word", "text")] == [
        ("number", "1.10"),
        ("word", "true"),
        ("text", '"y: \\"z\\""'),
    ]


@given(st.dictionaries(st.text(), JSON) | st.lists(JSON), st.booleans())
def test_only_white_space_changes(value: object, ascii_only: bool) -> None:
    body = json.dumps(value, ensure_ascii=ascii_only, separators=(",", ":")).encode("utf-8", "replace")
    decoded = body.decode("utf-8").replace("\x7f", "\u2421").replace("\r\n", "\n")
    assert re.sub(r"\s", "", text_of(body)) == re.sub(r"\s", "", decoded)


@given(st.binary(max_size=300))
def test_any_bytes_can_be_shown(body: bytes) -> None:
    text = text_of(body)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text)


def test_what_is_no_json_stays_as_it_is() -> None:
    assert text_of(b"<html>\n<h1>502</h1>") == "<html>\n<h1>502</h1>"
    assert text_of(b'{"a": "unfin') == '{\n  "a":  "unfin'
    assert text_of(b"") == ""


def test_a_long_body_is_cut_and_says_so() -> None:
    shown = show(b"[" + b"1," * SHOWN_BYTES)
    assert (shown.total, shown.cut) == (2 * SHOWN_BYTES + 1, True)
    assert show(b"{}").cut is False
