"""What the sandbox says when it refuses a call, and the JSON-RPC codes it says it with."""

from decimal import Decimal
from typing import Any

NOT_JSON = -32700
NO_REQUEST = -32600
NO_METHOD = -32601
BAD_PARAMS = -32602
NOT_NOW = -32000
BAD_SIGNATURE = -32002
NO_TOKEN = -32003


class Refusal(Exception):
    """A call that is answered with an error; `field` is the path inside params, where there is one.

    `not_there`: what the call is about does not exist here.
    """

    def __init__(
        self,
        message: str,
        *,
        code: int = BAD_PARAMS,
        field: str | None = None,
        expected: str | None = None,
        http_status: int = 200,
        not_there: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field
        self.expected = expected
        self.http_status = http_status
        self.not_there = not_there

    def error(self) -> dict[str, Any]:
        """The `error` member of the answer."""
        told: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.field is not None:
            told["data"] = {"field": self.field, "expected": self.expected}
        return told


def wrong(field: str, expected: str, value: object) -> Refusal:
    """A field whose value is not what it must be."""
    return Refusal(f"{field}: expected {expected}, got {shown(value)}", field=field, expected=expected)


def missing(field: str, expected: str) -> Refusal:
    """A required field that is not there."""
    return Refusal(
        f"{field}: this field is required and missing; expected {expected}", field=field, expected=expected
    )


def shown(value: object) -> str:
    """A value as a person reads it in a sentence, never longer than a line."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, int):
        return str(value) if abs(value) < 10**20 else "a number of more than 20 digits"
    if isinstance(value, str):
        text = value if value.isprintable() else value.encode("unicode_escape").decode("ascii")
        return f'"{text}"' if len(text) <= 60 else f'"{text[:60]}…" ({len(value)} characters)'
    return f"a list of {len(value)}" if isinstance(value, list) else "an object"
