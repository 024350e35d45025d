"""JSON as it goes over the wire, read and written in one place each (protocol: Envelope, numbers; Size).

Read: exact decimals, bounded size and depth, and one error type for whatever can be wrong with bytes.
Written: what the strictest reader takes, money as JSON numbers without exponents.
"""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Final

import msgspec

from webapp.domain.refusals import Refused
from webapp.oms.no_numbers import find_no_number

NOT_JSON: Final = -32700
NO_REQUEST: Final = -32600
UNKNOWN_TOPIC: Final = -32601
BAD_PARAMS: Final = -32602
NOT_APPLIED: Final = -32000
DISABLED: Final = -32001
BAD_SIGNATURE: Final = -32002

RECEIVED_LIMIT: Final = 32 * 1024 * 1024
SENT_LIMIT: Final = 2 * 1024 * 1024
DEPTH_LIMIT: Final = 64

EMPTY: Final = "not JSON: the body is empty"

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_DECODER: Final = msgspec.json.Decoder(float_hook=Decimal)
_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")

# An unfinished string runs to the end, so that no quote in it is tried as a start: linear on any input.
_STRINGS: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_BRACKETS: Final = bytes.maketrans(b"{}", b"[]")
_NOT_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))

# How `str(Decimal)` writes what is no plain number; a hit inside a text only costs time. It begins with a
# letter that is rare in bodies, as it is looked for in each of them.
_EXPONENT: Final = re.compile(rb"E(?<=[0-9]E)[+-][0-9]")
_LONGEST_NUMBER: Final = 40


class WireError(ValueError):
    """What is wrong with a message, as JSON-RPC says it: `code`, a sentence, and for a field its path.

    `field` and `expected` are what goes into the answer's `data` (None where no field is to blame).
    """

    def __init__(
        self, code: int, message: str, field: str | None = None, expected: str | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field
        self.expected = expected

    @classmethod
    def of(cls, refused: Refused, code: int = BAD_PARAMS) -> "WireError":
        """A refused value as the answer to whoever sent it."""
        return cls(code, str(refused), refused.field, refused.expected)

    @property
    def data(self) -> dict[str, object] | None:
        """The answer's `data`: the field and what was expected there, or None."""
        if self.field is None:
            return None
        return {"field": self.field, "expected": self.expected}


def decode(body: bytes, *, limit: int = RECEIVED_LIMIT) -> object:
    """JSON bytes as `dict`, `list`, `str`, `int`, `Decimal`, `bool` or None.

    Raises `WireError` (-32700) for anything else: not UTF-8, not JSON, `NaN`, above `limit` bytes or 64
    levels deep.
    """
    return parse(check_shape(body, limit=limit))


def parse(body: bytes) -> object:
    """As `decode`, of a body, or a part of one, that `check_shape` has let through."""
    try:
        return _DECODER.decode(body)
    except UnicodeDecodeError as error:
        raise WireError(NOT_JSON, f"not UTF-8: byte {error.start} of a text cannot be read") from None
    except InvalidOperation:
        raise WireError(NOT_JSON, "not JSON: a number in it is larger than any number may be") from None
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        if (found := find_no_number(body)) is not None:
            field, word = found
            raise WireError(
                NOT_JSON, f"not JSON: {field}: expected a number, got {word}", field, "a number"
            ) from None
        raise WireError(NOT_JSON, f"not JSON: {error}") from None


def check_shape(body: bytes, *, limit: int = RECEIVED_LIMIT) -> bytes:
    """The body without a byte order mark; raises `WireError` (-32700) if empty, too large or too deep."""
    if len(body) > limit:
        raise WireError(NOT_JSON, f"too large: {len(body)} bytes, at most {limit} are taken")
    if is_empty(body):
        raise WireError(NOT_JSON, EMPTY)
    body = body.removeprefix(_BYTE_ORDER_MARK)
    if _is_too_deep(body):
        raise WireError(NOT_JSON, f"too deep: at most {DEPTH_LIMIT} levels of lists and objects are taken")
    return body


def is_empty(body: bytes) -> bool:
    """Whether a body says nothing at all."""
    return not body.removeprefix(_BYTE_ORDER_MARK).strip()


def encode(value: object) -> bytes:
    """JSON bytes of `dict`, `list`, `tuple`, `str`, `int`, `Decimal`, `bool` and None.

    Decimals become plain JSON numbers with the digits they have (`1.10` stays `1.10`). Raises
    `ValueError` for what no strict reader takes: not a finite number, or one of more than 40 digits.
    """
    wire = _ENCODER.encode(value)
    if _EXPONENT.search(wire) or b"NaN" in wire or b"Infinity" in wire:
        wire = _ENCODER.encode(_written_out(value))
    return wire


def as_text(value: object) -> str:
    """A decoded value as JSON for people to read; unlike `encode` it takes every number there is."""
    return _ENCODER.encode(value).decode()


def _is_too_deep(body: bytes) -> bool:
    if body.count(b"[") + body.count(b"{") <= DEPTH_LIMIT:
        return False
    # What is left of it without texts and values is brackets only; each round takes off the innermost.
    skeleton = _STRINGS.sub(b"", body).translate(_BRACKETS, _NOT_BRACKETS)
    for _ in range(DEPTH_LIMIT):
        if b"[" * (DEPTH_LIMIT + 1) in skeleton:
            return True
        outer = skeleton.replace(b"[]", b"")
        if len(outer) == len(skeleton):
            return False
        skeleton = outer
    return b"[" in skeleton


def _written_out(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _written_out(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_written_out(inner) for inner in value]
    if not isinstance(value, Decimal):
        return value
    if not value.is_finite() or abs(value.adjusted()) > _LONGEST_NUMBER:
        raise ValueError(f"{value} is not a number that can be sent")
    return msgspec.Raw(format(value, "f").encode())
