"""Kinds of peers that were seen, and what each does otherwise than the documentation (protocol: *peer*).

What differs in how it spells what it says is in `spellings`; the rest is here, as data.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from webapp.sandbox import spellings, wire
from webapp.sandbox.refusal import NO_REQUEST, NOT_JSON, Refusal
from webapp.sandbox.state import Database, setting
from webapp.sandbox.wire import Json


@dataclass(frozen=True, slots=True)
class Dialect:
    """One kind of peer; what is not said here it does as the documentation has it."""

    speak: Callable[[Any], Any] = spellings.as_is
    # The result of a call that was done and has nothing to say.
    done: Any = True
    # Requests have no `jsonrpc` but a `client`, and every message, both ways, has this id.
    message_id: int | None = None
    # Where a refusal says which field it is about.
    names_fields: bool = True
    # `"error": ""` stands beside a result, an error is a text, what is not there is HTTP 404 with a text, and
    # events are answered with `[]` alone.
    errors_are_text: bool = False
    # Every tenth callback is followed by one with an empty body.
    sends_empty_bodies: bool = False
    token_status: int = 200
    # Snapshots have a date of their own accord.
    dates_snapshots: bool = True
    # The SHIPPING line lies in the parcel it goes with.
    packs_shipping: bool = False
    # The warehouse names the order it has shipped lines of.
    warehouse_names_order: bool = False


DIALECTS = {
    "strict": Dialect(),
    "strings": Dialect(spellings.with_numbers_as_strings, done="", dates_snapshots=False),
    "go-like": Dialect(
        spellings.as_go,
        done={},
        message_id=1,
        names_fields=False,
        packs_shipping=True,
        warehouse_names_order=True,
    ),
    "php-like": Dialect(
        spellings.as_php,
        done=[],
        errors_are_text=True,
        sends_empty_bodies=True,
        token_status=201,
    ),
}
DEFAULT = "strict"


def name_of_dialect(db: Database) -> str:
    """The name of the one in force."""
    name: str = setting(db, "dialect", DEFAULT)
    return name


def dialect_in_force(db: Database) -> Dialect:
    """How it speaks now."""
    return DIALECTS[name_of_dialect(db)]


def render_call(dialect: Dialect, method: str, params: Json, message_id: str) -> bytes:
    """A callback's body."""
    told: Json = {"method": method, "params": dialect.speak(params)}
    if dialect.message_id is not None:
        return wire.write({"client": "sandbox-oms", **told, "id": dialect.message_id})
    return wire.write({"jsonrpc": "2.0", **told, "id": message_id})


def render_result(dialect: Dialect, path: str, message_id: str | None, result: Any) -> tuple[int, bytes]:
    """HTTP status and body that say a call was done."""
    if dialect.errors_are_text and path == "/events":
        return 200, b"[]"
    said = dialect.done if result is True else dialect.speak(result)
    answer: Json = {"jsonrpc": "2.0", "result": said, "id": dialect.message_id or message_id}
    if dialect.errors_are_text:
        answer["error"] = ""
    return 200, wire.write(answer)


def render_refusal(dialect: Dialect, message_id: str | None, refusal: Refusal) -> tuple[int, bytes]:
    """HTTP status and body that say a call was refused, and why."""
    if dialect.errors_are_text and refusal.code not in (NOT_JSON, NO_REQUEST):
        if refusal.not_there:
            return 404, wire.write(refusal.message)
        return refusal.http_status, wire.write({"error": refusal.message, "id": message_id})
    told = refusal.error()
    if not dialect.names_fields:
        told.pop("data", None)
    answer = {"jsonrpc": "2.0", "error": told, "id": dialect.message_id or message_id}
    return refusal.http_status, wire.write(answer)
