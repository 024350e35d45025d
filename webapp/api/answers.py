"""What all API routes answer with: exact JSON, and errors in the contract's shape."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Response
from werkzeug.exceptions import HTTPException

from webapp.api.bodies import inflated, read_raw
from webapp.oms.wire import WireError, as_text, check_shape, encode, parse
from webapp.security import refusal
from webapp.store.refusal import Refused


def answer(value: object, status: int = 200) -> Response:
    """A JSON answer; decimals are written as exact numbers."""
    return Response(written(value), status, mimetype="application/json")


def written(value: object) -> bytes:
    """A value that was read from JSON, or is made of such, as JSON again."""
    try:
        return encode(value)
    except ValueError:
        # In a field nobody reads a store may have a number larger than any that is sent to an OMS.
        return as_text(value).encode()


@dataclass(frozen=True, slots=True)
class Body:
    """A request's JSON, and its bytes, inflated and without a byte order mark."""

    value: object
    raw: bytes


def read_body(raw: bytes) -> Body:
    """What a body says; raises `NotJson` saying what is wrong with it."""
    plain = inflated(raw)
    if plain is None:
        raise NotJson(
            "The body cannot be read by its Content-Encoding; gzip, deflate and identity are taken."
        )
    try:
        plain = check_shape(plain)
        return Body(parse(plain), plain)
    except WireError as error:
        raise NotJson(error.message, error.field or "") from None


class NotJson(Refused):
    """A body that is no JSON at all; `field` is where it stops being it, where that can be told."""

    def __init__(self, words: str, field: str = "") -> None:
        super().__init__(field, "JSON")
        self.words = words

    def __str__(self) -> str:
        return self.words


def read_object() -> Mapping[str, object]:
    """The request's JSON object."""
    value = read_body(read_raw()).value
    if not isinstance(value, dict):
        raise Refused("", "a JSON object", value)
    return value


def answer_refusal(error: Refused) -> Response:
    """422 naming the field, or 400 for what is no JSON."""
    if isinstance(error, NotJson):
        return refusal(400, "not_json", str(error), field=error.field or None)
    return refusal(422, "invalid", str(error), field=error.field or None)


def answer_http_error(error: HTTPException) -> Response:
    """An error of the framework's in the contract's shape."""
    words = {
        404: "There is nothing at this address.",
        405: "This address does not take this method.",
        413: "The body is too large: nothing above 33 MB is read.",
    }
    status = error.code or 500
    message = words.get(status) or error.description or error.name
    response = refusal(status, error.name.lower().replace(" ", "_"), message)
    if status == 405 and (allowed := getattr(error, "valid_methods", None)):
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response
