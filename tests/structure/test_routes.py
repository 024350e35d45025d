"""Every address is closed unless it says who may use it: the whole route table, walked (R6).

A new route cannot be forgotten: one that says nothing fails here, and is answered 403 besides.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.fixtures.settings import config_for
from tests.structure import route_walk as walk
from webapp import create_app, security
from webapp.api.described import described
from webapp.extensions import csrf, db, transaction
from webapp.flows.people import add_token, add_user
from webapp.models.accounts import Role
from webapp.security import OPEN_ROUTES, SCOPES, SignedIn, needs_role, needs_scope


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
def identities(app: Flask) -> dict[Role, str]:
    """The session of someone of each role."""
    found = {}
    for role in Role:
        with app.app_context(), transaction() as session:
            user = add_user(session, f"{role}@example.com", "a password", role, "a test")
            session.flush()
            found[role] = SignedIn(user).id
    return found


def signed_in(app: Flask, identities: dict[Role, str]) -> dict[Role, FlaskClient]:
    """A client signed in for each role."""
    clients = {}
    for role, who in identities.items():
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


def test_each_route_says_who_may_use_it(app: Flask) -> None:
    assert list(walk.unguarded(app)) == []
    assert list(walk.without_form_token(app)) == []
    assert OPEN_ROUTES.keys() <= app.view_functions.keys()
    assert all(len(reason.split()) > 3 for reason in OPEN_ROUTES.values())


def test_each_part_of_an_address_has_a_type(app: Flask) -> None:
    assert list(walk.untyped(app)) == []


def test_each_route_of_the_api_is_described(app: Flask) -> None:
    assert list(walk.undescribed(app)) == []


def test_each_scope_asked_for_is_one_a_token_may_have(app: Flask) -> None:
    asked = {walk.needed(app, rule)[0] for rule, _, _ in walk.calls(app, "scope")}

    assert asked - {""} <= set(SCOPES)


def test_without_a_token_no_route_of_the_api_answers(app: Flask) -> None:
    assert list(walk.open_without_token(app)) == []
    client = app.test_client()
    # Not even that there is nothing there, which method it takes, or that the body is no JSON or too large.
    assert client.get("/api/v1/nothing").status_code == 401
    assert client.delete("/api/v1/orders").status_code == 401
    assert client.get("/api/v1//orders").status_code == 401
    assert client.post("/api/v1/orders", data=b"{" * 34 * 1024 * 1024).status_code == 401
    assert client.get("/api/v1/orders?limit=%00").status_code == 401


def test_a_session_is_no_token(app: Flask, identities: dict[Role, str]) -> None:
    admin = signed_in(app, identities)[Role.ADMIN]
    for rule, method, path in walk.calls(app, "scope"):
        assert admin.open(path, method=method).status_code == 401, (method, rule.rule)


def test_a_token_without_the_scope_is_refused(app: Flask, tokens: dict[str, str]) -> None:
    assert list(walk.open_to_other_scopes(app, tokens)) == []


def test_without_a_session_pages_lead_to_the_login(app: Flask) -> None:
    assert list(walk.open_to_strangers(app)) == []


def test_a_role_below_the_one_needed_is_refused(app: Flask, identities: dict[Role, str]) -> None:
    assert list(walk.open_to_lower_roles(app, signed_in(app, identities))) == []


def test_a_form_without_its_token_is_refused(app: Flask, identities: dict[Role, str]) -> None:
    assert list(walk.open_without_form_token(app, signed_in(app, identities)[Role.ADMIN])) == []


def test_what_nobody_signed_is_refused(app: Flask) -> None:
    assert list(walk.open_without_signature(app)) == []


def test_bare_routes_are_found(
    app: Flask, identities: dict[Role, str], tokens: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The walk can fail: each way to leave a route bare is seen, and by the look that is for it."""
    bare = bare_app(app, monkeypatch)
    people = signed_in(bare, identities)

    assert _routes(walk.unguarded(bare)) == {"GET,POST /bare"}
    assert _routes(walk.untyped(bare)) == {"GET /page/<thing>"}
    assert _routes(walk.undescribed(bare)) == {"GET /api/v1/bare", "GET /api/v1/open"}
    assert _routes(walk.without_form_token(bare)) == {"POST /form"}
    assert _routes(walk.open_without_form_token(bare, people[Role.ADMIN])) == {"POST /form"}
    assert _routes(walk.open_without_signature(bare)) == {"POST /oms/bare", "POST /bare"}
    assert _routes(walk.open_without_token(bare)) == {"GET /api/v1/open"}


def test_an_app_that_asks_nobody_is_found() -> None:
    """The looks at scope, role and session can fail: where nobody asks, each route is found."""
    careless = Flask("careless")
    careless.add_url_rule("/api/v1/x", "scoped", needs_scope("orders:read")(view()))
    careless.add_url_rule("/page", "page", needs_role("admin")(view()))
    anyone = {role: careless.test_client() for role in Role}

    assert _routes(walk.open_without_token(careless)) == {"GET /api/v1/x"}
    assert _routes(walk.open_to_other_scopes(careless, {"orders:read": "t"})) == {"GET /api/v1/x"}
    assert _routes(walk.open_to_strangers(careless)) == {"GET /page"}
    assert _routes(walk.open_to_lower_roles(careless, anyone)) == {"GET /page"}


def test_a_bare_route_answers_nobody(app: Flask) -> None:
    bare = create_app(app.config["CONNECTOR"])
    bare.add_url_rule("/bare", view_func=view(), methods=["GET", "POST"])

    assert bare.test_client().get("/bare").status_code == 403
    assert bare.test_client().post("/bare").status_code == 403


def bare_app(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The app with a route left bare in each way there is."""
    bare, form, callback = create_app(app.config["CONNECTOR"]), view(), view()
    views: dict[str, tuple[str, Callable[..., str], list[str]]] = {
        "bare": ("/bare", view(), ["GET", "POST"]),
        "untyped": ("/page/<thing>", needs_role("viewer")(view()), ["GET"]),
        "form": ("/form", needs_role("viewer")(form), ["POST"]),
        "undescribed": ("/api/v1/bare", needs_scope("")(view()), ["GET"]),
        "open_api": ("/api/v1/open", view(), ["GET"]),
        "unsigned": ("/oms/bare", callback, ["POST"]),
    }
    for endpoint, (rule, function, methods) in views.items():
        bare.add_url_rule(rule, endpoint, function, methods=methods)
    for endpoint in ("open_api", "unsigned"):
        monkeypatch.setitem(security.OPEN_ROUTES, endpoint, "a route left bare for a test")
    for exempt in (form, callback):
        csrf.exempt(exempt)
    return bare


def _routes(found: Iterator[str]) -> set[str]:
    return {one.partition(": ")[0] for one in found}


def view() -> Callable[..., str]:
    """A new view, since marks stay on what they are put on."""

    def answered(**parts: str) -> str:
        return "whoever you are"

    return answered


def test_what_is_described_is_all_that_is_asked(app: Flask, tokens: dict[str, str]) -> None:
    told = create_app(app.config["CONNECTOR"])
    told.add_url_rule(
        "/api/v1/told", "told", needs_scope("")(described({200: {}}, query={"one": {}})(view()))
    )
    headers = {"Authorization": f"Bearer {next(iter(tokens.values()))}"}

    assert told.test_client().get("/api/v1/told?one=1", headers=headers).status_code == 200
    unknown = told.test_client().get("/api/v1/told?two=1", headers=headers)
    assert (unknown.status_code, unknown.get_json()["error"]["field"]) == (422, "two")
    twice = told.test_client().get("/api/v1/told?one=1&one=2", headers=headers)
    assert (twice.status_code, twice.get_json()["error"]["field"]) == (422, "one")


def test_every_answer_carries_the_policy(app: Flask) -> None:
    client = app.test_client()
    for path in ("/login", "/api/v1/orders", "/healthz", "/static/icons.svg", "/nothing"):
        with client.get(path) as reply:
            policy = reply.headers["Content-Security-Policy"]
            assert "default-src 'self'" in policy, path
            assert "unsafe" not in policy, path
            assert reply.headers["X-Content-Type-Options"] == "nosniff", path
