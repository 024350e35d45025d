"""What a route of the API takes and answers, said beside it and held to (contract: GET /api/openapi.json).

`openapi` makes the document of these descriptions; a route without one is found by the walk over all routes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Final, TypeVar, cast

from flask import request
from flask.typing import ResponseReturnValue

from webapp.store.refusal import Refused

F = TypeVar("F", bound=Callable[..., ResponseReturnValue])

# A `TypedDict` of which JSON Schema is made, one of several such, or JSON Schema as it is.
Shape = type | tuple[type, ...] | Mapping[str, object]
NOTHING: Final[Mapping[str, Mapping[str, object]]] = {}


@dataclass(frozen=True, slots=True)
class Description:
    """`answers` by HTTP status, `query` by name; `refusals` are statuses answered with an error, beside those
    that any route may answer with."""

    answers: Mapping[int, Shape]
    query: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    takes: Shape | None = None
    refusals: tuple[int, ...] = ()


def described(
    answers: Mapping[int, Shape],
    *,
    query: Mapping[str, Mapping[str, object]] = NOTHING,
    takes: Shape | None = None,
    refusals: tuple[int, ...] = (),
) -> Callable[[F], F]:
    """Describe a route; what is asked of it in its address beside `query` is refused by name.

    The route's docstring is its summary. `takes` is the body, None where none is read.
    """

    def mark(view: F) -> F:
        @wraps(view)
        def held(**parts: Any) -> ResponseReturnValue:
            check_query(query)
            return view(**parts)

        held.description = Description(  # type: ignore[attr-defined]  # read by `openapi` and the route walk
            answers, query, takes, refusals
        )
        return cast("F", held)

    return mark


def check_query(known: Mapping[str, object]) -> None:
    """Refuse what nobody here asks for: a misspelt filter would answer with everything."""
    for name, values in request.args.lists():
        if name not in known:
            words = f"one of {', '.join(known)}" if known else "nothing to be asked here"
            raise Refused(name[:80], words, values[0])
        if len(values) > 1:
            raise Refused(name, "one value", f"{len(values)} values")
