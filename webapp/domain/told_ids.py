"""What an id means that a peer wrote as a JSON number (protocol: Envelope, names: ids as numbers).

Such a number has lost the zeros before it: 42 may be order 42 or order 000000042. What it stands for is
decided here, by what there is, and nowhere else.
"""

from collections.abc import Collection


class NumberedId(str):
    """An id that came as a whole number; as a text it is that number."""

    __slots__ = ()


def as_number(known: str) -> str:
    """An id as it comes from a peer that writes ids as numbers: 000000042 is 42, any other is itself."""
    return known.lstrip("0") or "0" if known.isascii() and known.isdigit() else known


def is_meant(told: str, known: str) -> bool:
    """Whether the id as told can be this one."""
    return told == known or (isinstance(told, NumberedId) and told == as_number(known))


def may_be(told: str, longest: int) -> Collection[str]:
    """Every id of at most `longest` characters that the id as told can be: what to look for."""
    if not isinstance(told, NumberedId) or not told.isdigit():
        return (told,)
    return [told.rjust(length, "0") for length in range(len(told), max(longest, len(told)) + 1)]
