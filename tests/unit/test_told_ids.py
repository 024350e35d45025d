"""What an id written as a JSON number stands for (protocol: Envelope, names: ids as numbers)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.told_ids import NumberedId, as_number, is_meant, may_be


@pytest.mark.parametrize(
    ("known", "number"),
    [
        ("000000042", "42"),
        ("42", "42"),
        ("0", "0"),
        ("000", "0"),
        ("0042-1", "0042-1"),
        ("", ""),
        ("٠٤٢", "٠٤٢"),
    ],
)
def test_an_id_as_a_number_has_no_zeros_before_it(known: str, number: str) -> None:
    assert as_number(known) == number


def test_a_number_means_every_id_that_differs_by_the_zeros_before_it() -> None:
    known = ["42", "000000042", "0420", "042-1", "142"]
    assert [one for one in known if is_meant(NumberedId("42"), one)] == ["42", "000000042"]


def test_a_text_means_itself_alone() -> None:
    assert not is_meant("42", "000000042")
    assert is_meant("042", "042")
    assert may_be("42", 64) == ("42",)


def test_before_a_number_below_0_no_zeros_can_have_stood() -> None:
    assert list(may_be(NumberedId("-5"), 64)) == ["-5"]


@given(st.integers(0, 10**12), st.integers(0, 20))
def test_what_is_looked_for_is_what_is_meant(number: int, zeros: int) -> None:
    known, told = "0" * zeros + str(number), NumberedId(number)
    assert is_meant(told, known)
    assert known in may_be(told, 40)
    assert all(is_meant(told, one) and len(one) <= 40 for one in may_be(told, 40))
