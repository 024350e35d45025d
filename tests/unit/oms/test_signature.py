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
    "header",
    [
        f"sha1={SHA1},sha256={SHA256}",
        f"sha1={'0' * 40}, sha1={SHA1}",
        f"sha256={SHA256}, md5={'0' * 32}",
        f"nonsense, sha1={SHA1.upper()},",
    ],
)
def test_of_several_values_one_is_enough(header: str) -> None:
    assert verify(BODY, header, ["key"]).valid


def test_several_values_of_which_none_is_right() -> None:
    assert not verify(BODY, f"sha1={SHA256},sha256={SHA1}, sha1={'0' * 40}", ["key"]).valid
    assert not verify(BODY, ",,,", ["key"]).valid


def test_what_is_compared_takes_the_same_time_whatever_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each secret is compared, in constant time, also after one was right."""
    compared: list[tuple[bytes, bytes]] = []

    def in_constant_time(ours: bytes, given: bytes) -> bool:
        compared.append((ours, given))
        return ours == given

    monkeypatch.setattr(hmac, "compare_digest", in_constant_time)
    assert verify(BODY, f"sha1={SHA1}", ["key", "another"]).valid
    other = hmac.new(b"another", BODY, hashlib.sha1).hexdigest()
    assert compared == [(SHA1.encode(), SHA1.encode()), (other.encode(), SHA1.encode())]


def test_a_body_is_hashed_once_a_secret_however_many_values_come(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed = 0
    new = hmac.new

    def counted(key: bytes, body: bytes, digest: str) -> hmac.HMAC:
        nonlocal hashed
        hashed += 1
        return new(key, body, digest)

    monkeypatch.setattr(hmac, "new", counted)
    verify(BODY, ",".join([f"sha1={'0' * 40}", f"sha256={'0' * 64}"] * 80), ["key", "another"])
    assert hashed == 4


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
