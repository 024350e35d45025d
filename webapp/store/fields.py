"""Fields of a store's JSON object, read with their path, so that each refusal names the field.

Null is absent, as in Magento; absent texts are "", absent amounts 0.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from webapp.domain.numbers import INTEGER_LIMIT, plain_money, read_integer, read_money, read_quantity
from webapp.domain.refusals import ABSENT, Refused

LONGEST_TEXT: Final = 255
MOST_IN_A_LIST: Final = 20_000
_ZERO: Final = Decimal(0)
_NUMBERS: Final = (int, Decimal)
_FLAGS: Final = {1: True, 0: False, "1": True, "0": False, "true": True, "false": False}
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")


class Fields:
    """One JSON object at `path`; "" is the document itself."""

    __slots__ = ("path", "values")

    def __init__(self, values: object, path: str = "") -> None:
        """Raises `Refused` where `values` is no object."""
        # An empty list is how PHP writes an empty object.
        if values == []:
            values = {}
        if not isinstance(values, Mapping):
            raise Refused(path, "a JSON object", values)
        self.values = values
        self.path = path

    def at(self, name: str) -> str:
        """The path of one of its fields."""
        return f"{self.path}.{name}" if self.path else name

    def refuse(self, name: str, expected: str) -> Refused:
        """The refusal of one of its fields, to be raised."""
        return Refused(self.at(name), expected, self.values.get(name, ABSENT))

    def has(self, name: str) -> bool:
        return self.values.get(name) is not None

    def text(self, name: str, *, longest: int = LONGEST_TEXT) -> str:
        """A text without control characters, "" where absent; a number is taken as its digits."""
        value = self.values.get(name)
        if value is None:
            return ""
        if type(value) is str and len(value) <= longest and value.isprintable():
            return value
        if type(value) is int or (isinstance(value, Decimal) and value.is_finite()):
            return str(read_integer(value, self.at(name)))
        return checked_text(value, self.at(name), longest)

    def needed_text(self, name: str, *, longest: int = LONGEST_TEXT) -> str:
        """The same where it must be there and have something in it."""
        text = self.text(name, longest=longest).strip()
        if not text:
            raise self.refuse(name, "a text")
        return text

    def identity(self, name: str) -> str:
        """An id as text, "" where absent: `3`, `"3"` and `3.0` are one."""
        value = self.values.get(name)
        if value is None:
            return ""
        if type(value) is int and 0 <= value < INTEGER_LIMIT:
            return str(value)
        if isinstance(value, str):
            return checked_text(value.strip(), self.at(name), LONGEST_TEXT)
        return str(read_integer(value, self.at(name)))

    def money(self, name: str) -> Decimal:
        """An amount of either sign, 0 where absent."""
        value = self.values.get(name)
        # Most of an order's amounts are 0, and an order has thousands.
        if value is None or (not value and type(value) in _NUMBERS):
            return _ZERO
        amount = plain_money(value)
        return read_money(value, self.at(name)) if amount is None else amount

    def amount(self, name: str) -> Decimal:
        """An amount of at least 0, 0 where absent."""
        amount = self.money(name)
        if amount < 0:
            raise self.refuse(name, "an amount of at least 0")
        return amount

    def quantity(self, name: str) -> Decimal:
        """A quantity of at least 0, 0 where absent."""
        value = self.values.get(name)
        if value is None or (not value and type(value) in _NUMBERS):
            return _ZERO
        return read_quantity(value, self.at(name))

    def needed_quantity(self, name: str) -> Decimal:
        """A quantity above 0 that must be there."""
        value = self.values.get(name, ABSENT)
        quantity = read_quantity(value, self.at(name), expected="a number above 0")
        if quantity == 0:
            raise self.refuse(name, "a number above 0")
        return quantity

    def flag(self, name: str) -> bool:
        """Magento's 0 or 1, false where absent."""
        value = self.values.get(name)
        if value is None:
            return False
        # A signalling NaN has no hash to look it up by.
        if isinstance(value, int | str) or (isinstance(value, Decimal) and value.is_finite()):
            flag = _FLAGS.get(value)
            if flag is not None:
                return flag
        raise self.refuse(name, "0 or 1")

    def time(self, name: str) -> datetime | None:
        """`YYYY-MM-DD HH:MM:SS` in UTC, or RFC 3339 with an offset; None where absent."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        # Python takes a time with a NUL behind it for one.
        if not isinstance(value, str) or not value.isprintable():
            raise self.refuse(name, "a time, YYYY-MM-DD HH:MM:SS in UTC")
        try:
            time = datetime.fromisoformat(value)
            return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
        except (ValueError, OverflowError):
            raise self.refuse(name, "a time, YYYY-MM-DD HH:MM:SS in UTC") from None

    def part(self, name: str) -> "Fields":
        """The object in a field, an empty one where absent."""
        value = self.values.get(name)
        return Fields({} if value is None else value, self.at(name))

    def parts(self, name: str) -> Iterator["Fields"]:
        """The objects in a list, none where absent."""
        for place, value in enumerate(self.list(name)):
            yield Fields(value, f"{self.at(name)}[{place}]")

    def texts(self, name: str) -> tuple[str, ...]:
        """The texts in a list that have something in them; one text is a list of its own."""
        value = self.values.get(name)
        values = [value] if isinstance(value, str) else self.list(name)
        paths = (f"{self.at(name)}[{place}]" for place in range(len(values)))
        texts = (checked_text(text, path, LONGEST_TEXT) for text, path in zip(values, paths, strict=True))
        return tuple(text for text in texts if text)

    def list(self, name: str) -> list[object]:
        """A list, empty where absent."""
        value = self.values.get(name)
        if value is None or value == {}:
            return []
        if not isinstance(value, list):
            raise self.refuse(name, "a list")
        if len(value) > MOST_IN_A_LIST:
            raise Refused(self.at(name), f"a list of at most {MOST_IN_A_LIST}", len(value))
        return value


def checked_text(value: object, path: str, longest: int) -> str:
    """A text of bounded length; control characters become spaces (a database takes no NUL).

    Raises `Refused` naming `path`.
    """
    if not isinstance(value, str):
        raise Refused(path, "a text", value)
    if len(value) > longest:
        raise Refused(path, f"a text of at most {longest} characters", value)
    if value.isprintable():
        return value
    if _SURROGATE.search(value):
        raise Refused(path, "a text in Unicode", ascii(value))
    return _CONTROLS.sub(" ", value).strip() if _CONTROLS.search(value) else value
