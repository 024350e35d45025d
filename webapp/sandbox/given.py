"""What a control was given as JSON, read member by member; what is wrong is a Refusal naming it."""

import re
from decimal import Decimal
from typing import Any

from flask import request

from webapp.sandbox.refusal import Refusal, missing, shown, wrong
from webapp.sandbox.strictness import is_number, is_text
from webapp.sandbox.wire import Json, NotJson, read

LONGEST = 10_000
_WHOLE = re.compile(r"[0-9]{1,15}")
_A_YEAR = 366 * 24 * 60 * 60


class Given:
    """One JSON object; members not in `known` are refused."""

    def __init__(self, members: object, known: tuple[str, ...], path: str = "") -> None:
        if not isinstance(members, dict):
            raise wrong(path or "body", "a JSON object", members)
        self._members: Json = members
        self._path = path
        for name in members:
            if name not in known:
                raise wrong(
                    self.at(shown(name)[1:-1]), f"one of {', '.join(known) or 'no members at all'}", name
                )

    def at(self, name: str) -> str:
        """Where a member stands, for messages."""
        return f"{self._path}.{name}" if self._path else name

    def has(self, name: str) -> bool:
        """Whether the member is there, null or not."""
        return name in self._members

    def plain(self, name: str) -> Any:
        """The member as it is, None where it is not there."""
        return self._members.get(name)

    def text(self, name: str) -> str | None:
        """A string, or None; an empty one is none."""
        value = self.plain(name)
        if value is not None and not is_text(value):
            raise wrong(self.at(name), "a string", value)
        if value is not None and len(value) > LONGEST:
            raise wrong(self.at(name), f"a string of at most {LONGEST} characters", value)
        return value or None

    def needed_text(self, name: str) -> str:
        """A string that has to be there."""
        value = self.text(name)
        if value is None:
            raise missing(self.at(name), "a string that is not empty")
        return value

    def word(self, name: str, words: tuple[str, ...]) -> str:
        """One of these words, which has to be there."""
        value = self.needed_text(name)
        if value not in words:
            raise wrong(self.at(name), "one of " + ", ".join(words), value)
        return value

    def word_of(self, name: str, words: tuple[str, ...]) -> str:
        """One of these words in any letter case, as it was given."""
        value = self.needed_text(name)
        if value.lower() not in [word.lower() for word in words]:
            raise wrong(self.at(name), "one of " + ", ".join(words), value)
        return value

    def number(self, name: str) -> Decimal | None:
        """A JSON number above 0, or None."""
        value = self.plain(name)
        if value is None:
            return None
        if not is_number(value) or value <= 0:
            raise wrong(self.at(name), "a number above 0, with at most 6 decimals", value)
        return Decimal(value)

    def whole(self, name: str) -> int | None:
        """A whole number above 0, or None."""
        value = self.number(name)
        if value is not None and value != int(value):
            raise wrong(self.at(name), "a whole number above 0", value)
        return None if value is None else int(value)

    def seconds(self, name: str) -> float | None:
        """Seconds above 0 and at most a year, or None."""
        value = self.number(name)
        if value is not None and value > _A_YEAR:
            raise wrong(self.at(name), f"seconds, at most {_A_YEAR}", value)
        return None if value is None else float(value)

    def flag(self, name: str) -> bool | None:
        """true or false, or None."""
        value = self.plain(name)
        if value is not None and not isinstance(value, bool):
            raise wrong(self.at(name), "true or false", value)
        return value

    def list_of(self, name: str) -> list[Any] | None:
        """A list, or None."""
        value = self.plain(name)
        if value is not None and not isinstance(value, list):
            raise wrong(self.at(name), "a list", value)
        return value

    def objects(self, name: str, known: tuple[str, ...]) -> "list[Given] | None":
        """A list of objects with these members, or None."""
        items = self.list_of(name)
        if items is None:
            return None
        return [Given(item, known, f"{self.at(name)}[{index}]") for index, item in enumerate(items)]


def given_body(*known: str) -> Given:
    """The request's JSON object; an empty body is an empty object."""
    body = request.get_data()
    try:
        return Given(read(body) if body.strip() else {}, known)
    except NotJson as error:
        raise Refusal(f"body: not JSON: {error}", field="body", expected="a JSON object") from None


def given_argument(name: str, least: int) -> int | None:
    """A whole number of the query string, None where it is not there."""
    text = request.args.get(name)
    if text is None:
        return None
    if not _WHOLE.fullmatch(text) or int(text) < least:
        raise wrong(name, f"a whole number from {least} on", text)
    return int(text)
