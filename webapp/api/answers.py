"""What all API routes answer with: exact JSON, and errors in the contract's shape."""

from collections.abc import Mapping

from flask import Response, request
from werkzeug.exceptions import HTTPException

from webapp.oms.wire import WireError, decode, encode
from webapp.security import refusal
from webapp.store.refusal import Refused


def answer(value: object, status: int = 200) -> Response:
    """A JSON answer; decimals are written as exact numbers."""
    return Response(encode(value), status, mimetype="application/json")


def read_body_of(raw: bytes) -> object:
    """A body's JSON; raises `NotJson` saying what is wrong with it."""
    try:
        return decode(raw)
    except WireError as error:
        raise NotJson(error.message) from None


class NotJson(Refused):
    """A body that is no JSON at all."""

    def __init__(self, words: str) -> None:
        super().__init__("", "JSON")
        self.words = words

    def __str__(self) -> str:
        return self.words


def read_object() -> Mapping[str, object]:
    """The request's JSON object."""
    value = read_body_of(request.get_data(cache=False))
    if not isinstance(value, dict):
        raise Refused("", "a JSON object", value)
    return value


def answer_refusal(error: Refused) -> Response:
    """422 naming the field, or 400 for what is no JSON."""
    if isinstance(error, NotJson):
        return refusal(400, "not_json", str(error))
    return refusal(422, "invalid", str(error), field=error.field or None)


def answer_http_error(error: HTTPException) -> Response:
    """An error of the framework's in the contract's shape."""
    words = {404: "There is nothing at this address.", 405: "This address does not take this method."}
    status = error.code or 500
    message = words.get(status) or error.description or error.name
    response = refusal(status, error.name.lower().replace(" ", "_"), message)
    if status == 405 and (allowed := getattr(error, "valid_methods", None)):
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response
