"""The whole route table, walked: each function says what is wrong in it, and nothing where all is well (R6).

A finding begins with the route's method and address. What is found in an app with bare routes is shown in
`test_bare_routes`.
"""

import hashlib
import hmac
import re
from collections.abc import Iterator

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from webapp.extensions import csrf
from webapp.models.accounts import Role
from webapp.security import OPEN_ROUTES, RANK

CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
VALUES = {"uuid": "8d3f6c1e-8a4b-4d57-9a0e-0c2f5b1d7e11", "int": "1"}
PART = re.compile(r"<(?:(?P<kind>[a-z]+)(?:\([^)]*\))?:)?(?P<name>\w+)>")
# Its form has a token of its own, though nobody is signed in.
SIGN_IN = "session.sign_in"
ADDRESSES_OF_MACHINES = ("/api/", "/oms/")


def needed(app: Flask, rule: Rule) -> tuple[str | None, Role | None]:
    """The scope and the role a route's view says it needs."""
    view = app.view_functions[rule.endpoint]
    return getattr(view, "needed_scope", None), getattr(view, "needed_role", None)


def calls(app: Flask, kind: str) -> list[tuple[Rule, str, str]]:
    """Every route of a kind (`scope`, `role` or `open`) with each of its methods and an address of it."""
    return [
        (rule, method, PART.sub(lambda part: VALUES.get(part["kind"] or "", "x"), rule.rule))
        for rule in app.url_map.iter_rules()
        if _kind(app, rule) == kind
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def _kind(app: Flask, rule: Rule) -> str:
    scope, role = needed(app, rule)
    return "scope" if scope is not None else "role" if role is not None else "open"


def unguarded(app: Flask) -> Iterator[str]:
    """Routes that say neither why they are open nor who may use them, or more than one of it."""
    for rule in app.url_map.iter_rules():
        scope, role = needed(app, rule)
        if (scope is not None) + (role is not None) + (rule.endpoint in OPEN_ROUTES) != 1:
            view = app.view_functions[rule.endpoint]
            yield f"{_named(rule)}: {view.__module__}::{view.__name__} does not say who may use it"


def without_form_token(app: Flask) -> Iterator[str]:
    """Routes for people that change something and are exempt from the form's token."""
    for rule in app.url_map.iter_rules():
        is_form = _kind(app, rule) == "role" or rule.endpoint == SIGN_IN
        if CHANGING & (rule.methods or set()) and is_form and _is_exempt(app, rule):
            yield f"{_named(rule)}: its forms need no token"


def untyped(app: Flask) -> Iterator[str]:
    """Parts of addresses that do not say of which type they are."""
    for rule in app.url_map.iter_rules():
        for part in PART.finditer(rule.rule):
            if part["kind"] is None and rule.endpoint != "static":
                yield f"{_named(rule)}: {part['name']} has no type"


def undescribed(app: Flask) -> Iterator[str]:
    """Routes for scripts that the OpenAPI document would not tell of."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if rule.rule.startswith("/api/") and getattr(view, "description", None) is None:
            yield f"{_named(rule)}: it is not described"


def open_without_token(app: Flask) -> Iterator[str]:
    """Routes of the API that answer whoever has no API token, or a wrong one, or only a session."""
    for rule, method, path in calls(app, "scope"):
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"}):
            reply = app.test_client().open(path, method=method, headers=headers, data=b"{")
            said = reply.get_json(silent=True) or {}
            refused = reply.status_code == 401 and said.get("error", {}).get("code") == "unauthorized"
            if not refused or reply.headers.get("WWW-Authenticate") != "Bearer":
                yield f"{method} {rule.rule}: answered {reply.status_code} without a token"
    for rule, _, _ in calls(app, "open"):
        if rule.rule.startswith("/api/"):
            yield f"{_named(rule)}: it is open to all, and belongs to the API"


def open_to_other_scopes(app: Flask, tokens: dict[str, str]) -> Iterator[str]:
    """Routes of the API that answer a token of all scopes but the one needed; `tokens` are these."""
    for rule, method, path in calls(app, "scope"):
        scope = needed(app, rule)[0]
        if not scope:
            continue
        headers = {"Authorization": f"Bearer {tokens.get(scope, 'none')}"}
        reply = app.test_client().open(path, method=method, headers=headers)
        if reply.status_code != 403 or scope not in reply.get_json()["error"]["message"]:
            yield f"{method} {rule.rule}: answered {reply.status_code} without the scope {scope}"


def open_to_strangers(app: Flask) -> Iterator[str]:
    """Pages that answer whoever is not signed in with anything but the way to sign in."""
    for rule, method, path in calls(app, "role"):
        page = app.test_client().open(path, method=method)
        if page.status_code != 302 or not page.headers["Location"].startswith("/login"):
            yield f"{method} {rule.rule}: answered {page.status_code} to a stranger"
        fragment = app.test_client().open(path, method=method, headers={"HX-Request": "true"})
        if fragment.status_code != 401 or fragment.headers.get("HX-Redirect") != "/login":
            yield f"{method} {rule.rule}: answered a stranger's fragment {fragment.status_code}"


def open_to_lower_roles(app: Flask, people: dict[Role, FlaskClient]) -> Iterator[str]:
    """Pages that answer someone whose role is below the one needed, or refuse someone whose role will do."""
    for rule, method, path in calls(app, "role"):
        role = needed(app, rule)[1]
        assert role is not None
        for other in Role:
            status = people[other].open(path, method=method).status_code
            refused = status in (401, 403) or (status == 302 and method != "GET")
            if refused != (RANK[other] < RANK[role]):
                yield f"{method} {rule.rule}: answered {status} to {other}, and is for {role}"


def open_without_form_token(app: Flask, admin: FlaskClient) -> Iterator[str]:
    """Forms that are taken without their token, or with a wrong one."""
    signing_in = [one for one in calls(app, "open") if one[0].endpoint == SIGN_IN]
    for rule, method, path in [*calls(app, "role"), *signing_in]:
        for given in ({}, {"csrf_token": "wrong"}):
            if method not in CHANGING:
                continue
            reply = admin.open(path, method=method, data={"reason": "x", **given})
            if reply.status_code != 400 or "Your session ended" not in reply.get_data(as_text=True):
                yield f"{method} {rule.rule}: answered {reply.status_code} to a form without its token"


def open_without_signature(app: Flask) -> Iterator[str]:
    """Routes open to all that change something and take what is not signed, or is signed by another."""
    body = b'{"jsonrpc":"2.0","method":"magento.sales.order_management.updated","params":{},"id":"1"}'
    forged = hmac.new(b"another secret", body, hashlib.sha1).hexdigest()
    for rule, method, path in calls(app, "open"):
        if method not in CHANGING or rule.endpoint == SIGN_IN:
            continue
        for signature in (None, "sha1=", f"sha1={forged}", "md5=00"):
            headers = {} if signature is None else {"X-Signature": signature}
            reply = app.test_client().open(path, method=method, data=body, headers=headers)
            if reply.status_code != 401:
                yield f"{method} {rule.rule}: answered {reply.status_code} to the signature {signature}"


def _is_exempt(app: Flask, rule: Rule) -> bool:
    view = app.view_functions[rule.endpoint]
    blueprint = app.blueprints.get(rule.endpoint.rpartition(".")[0])
    return f"{view.__module__}.{view.__name__}" in csrf._exempt_views or blueprint in csrf._exempt_blueprints


def _named(rule: Rule) -> str:
    return f"{','.join(sorted((rule.methods or set()) - {'HEAD', 'OPTIONS'}))} {rule.rule}"
