"""Signatures, protocol: Signature."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.oms.signature import sign, verify

BODY = b'{"a": 1}'
SHA1 = hmac.new(b"key", BODY, hashlib.sha1).hexdigest()
SHA256 = hmac.new(b"key", BODY, hashlib.sha256).hexdigest()


def test_signing() -> None:
    assert sign(BODY, "key", "sha1") == f"sha1={SHA1}"
    assert sign(BODY, "key", "sha256") == f"sha256={SHA256}"


@pytest.mark.parametrize(
    "header", [f"sha1={SHA1}", f"sha256={SHA256}", f"SHA1={SHA1.upper()}", f" sha1 = {SHA1} "]
)
def test_either_algorithm_is_taken(header: str) -> None:
    assert verify(BODY, header, ["key"]).valid


def test_two_secrets_hold_while_one_is_replaced() -> None:
    assert verify(BODY, f"sha1={SHA1}", ["new", "key"]).valid
    assert verify(BODY, f"sha1={SHA1}", ["key", "new"]).valid
    assert not verify(BODY, f"sha1={SHA1}", ["new"]).valid


@pytest.mark.parametrize(
    ("header", "secrets", "reason"),
    [
        (f"sha1={SHA1}", [], "No secret is set"),
        (f"sha1={SHA1}", [""], "No secret is set"),
        (None, ["key"], "The header X-Signature is missing"),
        ("", ["key"], "The header X-Signature is missing"),
        (SHA1, ["key"], "not of the form sha1=<hex>"),
        ("sha1=", ["key"], "not of the form"),
        ("sha1=xyz", ["key"], "not of the form"),
        ("md5=" + "0" * 32, ["key"], "names the algorithm md5; taken are sha1 and sha256"),
        (f"sha256={SHA1}", ["key"], "does not match"),
        ("sha1=" + "0" * 40, ["key"], "does not match"),
        (f"sha1={SHA1[:-1]}", ["key"], "does not match"),
        (f"sha1={SHA1}0", ["key"], "does not match"),
    ],
)
def test_what_is_wrong_is_said(header: str | None, secrets: list[str], reason: str) -> None:
    check = verify(BODY, header, secrets)
    assert not check.valid
    assert reason in check.reason


def test_every_byte_of_the_body_counts() -> None:
    for index in range(len(BODY)):
        changed = bytes([*BODY[:index], BODY[index] ^ 1, *BODY[index + 1 :]])
        assert not verify(changed, f"sha1={SHA1}", ["key"]).valid
    assert not verify(BODY + b" ", f"sha1={SHA1}", ["key"]).valid


@given(st.binary(max_size=50), st.text(max_size=90), st.lists(st.text(max_size=5), max_size=2))
def test_no_header_raises(body: bytes, header: str, secrets: list[str]) -> None:
    assert verify(body, header, secrets).valid is False
