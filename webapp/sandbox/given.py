"""What a control was given as JSON, read member by member; what is wrong is a Refusal naming it."""

from decimal import Decimal
from typing import Any

from flask import request

from webapp.sandbox.refusal import Refusal, missing, wrong
from webapp.sandbox.wire import ExponentNumber, Json, NotJson, read


class Given:
    """One JSON object; members not in `known` are refused."""

    def __init__(self, members: object, known: tuple[str, ...], path: str = "") -> None:
        if not isinstance(members, dict):
            raise wrong(path or "body", "a JSON object", members)
        self._members: Json = members
        self._path = path
        for name in members:
            if name not in known:
                raise wrong(self.at(name), f"one of {', '.join(known) or 'no members at all'}", name)

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
        if value is not None and (not isinstance(value, str) or isinstance(value, ExponentNumber)):
            raise wrong(self.at(name), "a string", value)
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

    def number(self, name: str) -> Decimal | None:
        """A JSON number above 0, or None."""
        value = self.plain(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, Decimal)) or value <= 0:
            raise wrong(self.at(name), "a number above 0", value)
        return Decimal(value)

    def whole(self, name: str) -> int | None:
        """A whole number above 0, or None."""
        value = self.number(name)
        if value is not None and value != int(value):
            raise wrong(self.at(name), "a whole number above 0", value)
        return None if value is None else int(value)

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
