"""Every address is closed unless it says who may use it: the whole route table, walked (R6).

A new route cannot be forgotten: one that says nothing fails here, and is answered 403 besides.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from tests.fixtures.settings import config_for
from webapp import create_app
from webapp.extensions import csrf, db, transaction
from webapp.flows.people import add_token, add_user
from webapp.models.accounts import Role
from webapp.security import OPEN_ROUTES, RANK, SCOPES, SignedIn

# By its signature, not by a form's token.
SIGNED = "callbacks.receive"
CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
VALUES = {"uuid": "8d3f6c1e-8a4b-4d57-9a0e-0c2f5b1d7e11", "int": "1"}
PART = re.compile(r"<(?:(?P<kind>[a-z]+)(?:\([^)]*\))?:)?\w+>")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[Flask]:
    """The app on a database that this file alone looks at; nothing here gets far enough to change it."""
    home = tmp_path_factory.mktemp("routes")
    (home / "connector.db").write_bytes(migrated_sqlite.read_bytes())
    app = create_app(config_for(home, f"sqlite:///{home / 'connector.db'}"))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def people(app: Flask) -> dict[Role, FlaskClient]:
    """A client signed in for each role."""
    clients = {}
    for role in Role:
        with app.app_context(), transaction() as session:
            user = add_user(session, f"{role}@example.com", "a password", role, "a test")
            session.flush()
            who = SignedIn(user).id
        clients[role] = app.test_client()
        with clients[role].session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = who, True
    return clients


@pytest.fixture(scope="module")
def tokens(app: Flask) -> dict[str, str]:
    """For each scope a token that has all others."""
    with app.app_context(), transaction() as session:
        return {
            scope: add_token(session, f"without {scope}", [one for one in SCOPES if one != scope], "a test")
            for scope in SCOPES
        }


def needed(app: Flask, rule: Rule) -> tuple[str | None, Role | None]:
    """The scope and the role a route's view says it needs."""
    view = app.view_functions[rule.endpoint]
    return getattr(view, "needed_scope", None), getattr(view, "needed_role", None)


def unguarded(app: Flask) -> list[str]:
    """Routes that say neither why they are open nor who may use them, as file::function."""
    found = []
    for rule in app.url_map.iter_rules():
        scope, role = needed(app, rule)
        if (scope is not None) + (role is not None) + (rule.endpoint in OPEN_ROUTES) != 1:
            view = app.view_functions[rule.endpoint]
            found.append(f"{view.__module__}::{view.__name__} {rule.rule}")
    return found


def unprotected(app: Flask) -> list[str]:
    """Routes that change something and ask neither for a token nor for a form's own."""
    return [
        rule.rule
        for rule in app.url_map.iter_rules()
        if CHANGING & (rule.methods or set())
        and needed(app, rule)[0] is None
        and rule.endpoint != SIGNED
        and is_exempt(app, rule)
    ]


def is_exempt(app: Flask, rule: Rule) -> bool:
    """Whether a route's forms need no CSRF token."""
    view = app.view_functions[rule.endpoint]
    blueprint = app.blueprints.get(rule.endpoint.rpartition(".")[0])
    return f"{view.__module__}.{view.__name__}" in csrf._exempt_views or blueprint in csrf._exempt_blueprints


def calls(app: Flask, kind: str) -> list[tuple[Rule, str, str]]:
    """Every route of a kind (`scope` or `role`) with each of its methods and an address of it."""
    return [
        (rule, method, PART.sub(lambda part: VALUES.get(part["kind"] or "", "x"), rule.rule))
        for rule in app.url_map.iter_rules()
        if needed(app, rule)[("scope", "role").index(kind)] is not None
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def test_each_route_says_who_may_use_it(app: Flask) -> None:
    assert unguarded(app) == []
    assert unprotected(app) == []
    assert OPEN_ROUTES.keys() <= app.view_functions.keys()
    assert all(len(reason.split()) > 3 for reason in OPEN_ROUTES.values())


def test_each_scope_asked_for_is_one_a_token_may_have(app: Flask) -> None:
    asked = {needed(app, rule)[0] for rule, _, _ in calls(app, "scope")}

    assert asked - {""} <= set(SCOPES)


def test_without_a_token_no_route_of_the_api_answers(app: Flask) -> None:
    client = app.test_client()
    for rule, method, path in calls(app, "scope"):
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"}):
            reply = client.open(path, method=method, headers=headers)
            assert reply.status_code == 401, (method, rule.rule)
            assert reply.get_json()["error"]["code"] == "unauthorized"
            assert reply.headers["WWW-Authenticate"] == "Bearer"
    # Not even that there is nothing there.
    assert client.get("/api/v1/nothing").status_code == 401
    assert client.delete("/api/v1/orders").status_code == 401


def test_a_session_is_no_token(app: Flask, people: dict[Role, FlaskClient]) -> None:
    for rule, method, path in calls(app, "scope"):
        assert people[Role.ADMIN].open(path, method=method).status_code == 401, (method, rule.rule)


def test_a_token_without_the_scope_is_refused(app: Flask, tokens: dict[str, str]) -> None:
    client = app.test_client()
    for rule, method, path in calls(app, "scope"):
        scope = needed(app, rule)[0]
        if scope:
            reply = client.open(path, method=method, headers={"Authorization": f"Bearer {tokens[scope]}"})
            assert reply.status_code == 403, (method, rule.rule)
            assert scope in reply.get_json()["error"]["message"]


def test_without_a_session_pages_lead_to_the_login(app: Flask) -> None:
    client = app.test_client()
    for rule, method, path in calls(app, "role"):
        page = client.open(path, method=method)
        assert page.status_code == 302, (method, rule.rule)
        assert page.headers["Location"].startswith("/login"), (method, rule.rule)
        fragment = client.open(path, method=method, headers={"HX-Request": "true"})
        assert fragment.status_code == 401, (method, rule.rule)
        assert fragment.headers["HX-Redirect"] == "/login", (method, rule.rule)


def test_a_role_below_the_one_needed_is_refused(app: Flask, people: dict[Role, FlaskClient]) -> None:
    tried = 0
    for rule, method, path in calls(app, "role"):
        role = needed(app, rule)[1]
        assert role is not None
        for lower in (one for one in Role if RANK[one] < RANK[role]):
            assert people[lower].open(path, method=method).status_code == 403, (method, rule.rule, lower)
            tried += 1
    assert tried


def test_a_form_without_its_token_is_refused(app: Flask, people: dict[Role, FlaskClient]) -> None:
    forms = [one for one in calls(app, "role") if one[1] in CHANGING]
    assert forms
    for rule, method, path in forms:
        reply = people[Role.ADMIN].open(path, method=method, data={"reason": "x"})
        assert reply.status_code == 400, (method, rule.rule)
        assert "Your session ended" in reply.get_data(as_text=True), (method, rule.rule)
    assert app.test_client().post("/login", data={"email": "x"}).status_code == 400


def test_a_bare_route_is_found_and_answers_nobody(app: Flask) -> None:
    bare = create_app(app.config["CONNECTOR"])
    bare.add_url_rule("/bare", view_func=_bare, methods=["GET", "POST"])
    csrf.exempt(_bare)

    assert unguarded(bare) == [f"{__name__}::_bare /bare"]
    assert unprotected(bare) == ["/bare"]
    assert bare.test_client().get("/bare").status_code == 403
    assert bare.test_client().post("/bare").status_code == 403


def _bare() -> str:
    return "whoever you are"


def test_every_answer_carries_the_policy(app: Flask) -> None:
    client = app.test_client()
    for path in ("/login", "/api/v1/orders", "/healthz", "/static/icons.svg", "/nothing"):
        with client.get(path) as reply:
            policy = reply.headers["Content-Security-Policy"]
            assert "default-src 'self'" in policy, path
            assert "unsafe" not in policy, path
            assert reply.headers["X-Content-Type-Options"] == "nosniff", path
