"""`GET /api/openapi.json`: all of the API, from what is said beside each route (contract: HTTP)."""

import re
from collections.abc import Iterator, Mapping
from inspect import cleandoc
from typing import Any, Final

import msgspec
from flask import Blueprint, Flask, Response, current_app
from werkzeug.routing import Rule

from webapp.api.answers import answer
from webapp.api.described import Description, Shape, described
from webapp.config import product_version
from webapp.extensions import csrf
from webapp.security import SCOPES, ErrorJson, needs_scope
from webapp.store.magento_schema import SCHEMAS

bp = Blueprint("openapi", __name__, url_prefix="/api")
csrf.exempt(bp)

ABOUT: Final = """\
JSON in and out, the body also gzipped. Money is written as exact JSON numbers, times as RFC 3339 in UTC, or \
in Magento's shape as Magento writes them. Where a name stands twice in an object, the last one counts. \
Without a token every address answers 401, before anything else is looked at."""
REF: Final = "#/components/schemas/{name}"
PART: Final = re.compile(r"<(?:([^<>:]+):)?(\w+)>")
# By the converter of an address's part.
PART_SCHEMAS: Final = {
    "uuid": {"type": "string", "format": "uuid"},
    "int": {"type": "integer", "minimum": 0},
    "path": {"type": "string", "minLength": 1},
}
ERROR_WORDS: Final = {
    400: "The address or the body cannot be read.",
    401: "There is no API token, or it is none that is good here.",
    403: "The token does not have the scope.",
    404: "There is nothing under this id.",
    409: "It cannot be done as things stand; the message says why.",
    413: "The body is too large.",
    422: "A value cannot be taken; `field` names it.",
    502: "The OMS refused it there and then.",
    503: "The database does not answer just now. Try again.",
}
ANY_ROUTE: Final = (400, 401, 422, 503)


@bp.get("/openapi.json")
@needs_scope("")
@described({200: {"type": "object"}})
def show_openapi() -> Response:
    """This document: everything the API takes and answers."""
    return answer(document(current_app))


def document(app: Flask) -> dict[str, Any]:
    """The app's API as OpenAPI 3.1."""
    routes = list(_routes(app))
    types = [ErrorJson, *(one for _, description in routes for one in _types(description))]
    made, components = msgspec.json.schema_components(types, ref_template=REF)
    schema_of = dict(zip(types, made, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for rule, one in routes:
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            operation = _operation(app, rule, one, schema_of)
            paths.setdefault(template_of(rule), {})[method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": "OMS Connector", "version": product_version(), "description": ABOUT},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": _exact({**components, **SCHEMAS}),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": _scopes()}},
        },
    }


def template_of(rule: Rule) -> str:
    """A route's address as the document writes it."""
    return PART.sub(r"{\2}", rule.rule)


def _routes(app: Flask) -> Iterator[tuple[Rule, Description]]:
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        description = getattr(app.view_functions[rule.endpoint], "description", None)
        if isinstance(description, Description):
            yield rule, description


def _types(description: Description) -> Iterator[Any]:
    for shape in (*description.answers.values(), description.takes):
        if isinstance(shape, type | tuple):
            yield from shape if isinstance(shape, tuple) else (shape,)


def _operation(app: Flask, rule: Rule, one: Description, schema_of: Mapping[Any, object]) -> dict[str, Any]:
    view = app.view_functions[rule.endpoint]
    scope = str(getattr(view, "needed_scope", ""))
    summary, _, more = cleandoc(view.__doc__ or "").partition("\n\n")
    operation: dict[str, Any] = {
        "operationId": rule.endpoint,
        "tags": [rule.endpoint.partition(".")[0]],
        "summary": summary,
        "security": [{"token": [scope] if scope else []}],
        "parameters": [*_parts(rule), *_query(one)],
        "responses": _responses(rule, one, scope, schema_of),
    }
    if more:
        operation["description"] = more
    if one.takes is not None:
        operation["requestBody"] = {"required": True, "content": _json(_schema(one.takes, schema_of))}
    return operation


def _parts(rule: Rule) -> Iterator[dict[str, Any]]:
    for kind, name in PART.findall(rule.rule):
        yield {"name": name, "in": "path", "required": True, "schema": PART_SCHEMAS[kind]}


def _query(one: Description) -> Iterator[dict[str, Any]]:
    for name, schema in one.query.items():
        yield {"name": name, "in": "query", "required": False, "schema": schema}


def _responses(
    rule: Rule, one: Description, scope: str, schema_of: Mapping[Any, object]
) -> dict[str, dict[str, Any]]:
    told: dict[int, dict[str, Any]] = {
        status: {"description": ERROR_WORDS.get(status, "Done."), "content": _json(_schema(shape, schema_of))}
        for status, shape in one.answers.items()
    }
    errors = {*ANY_ROUTE, *one.refusals}
    errors |= {403} if scope else set()
    errors |= {404} if rule.arguments else set()
    errors |= {413} if one.takes is not None else set()
    for status in errors - told.keys():
        told[status] = {"description": ERROR_WORDS[status], "content": _json(schema_of[ErrorJson])}
    told[401]["headers"] = {
        "WWW-Authenticate": {"required": True, "schema": {"type": "string", "enum": ["Bearer"]}}
    }
    return {str(status): told[status] for status in sorted(told)}


def _schema(shape: Shape, schema_of: Mapping[Any, object]) -> object:
    if isinstance(shape, tuple):
        return {"anyOf": [schema_of[one] for one in shape]}
    return schema_of[shape] if isinstance(shape, type) else shape


def _json(schema: object) -> dict[str, object]:
    return {"application/json": {"schema": schema}}


def _exact(schema: Any) -> Any:
    """Where msgspec writes of a text there is a JSON number: that is how exact decimals are answered."""
    if isinstance(schema, Mapping):
        if schema.get("format") == "decimal":
            return {"type": "number"}
        return {name: _exact(inner) for name, inner in schema.items() if name != "title"}
    return [_exact(one) for one in schema] if isinstance(schema, list) else schema


def _scopes() -> str:
    return f"`oms-connector token add NAME --scope …`, of the scopes {', '.join(SCOPES)}."
