"""Who may do what: roles, tokens, the content policy as data, and the few open routes (R6).

Every route is closed unless it is listed in `OPEN_ROUTES` with a reason, or says itself which role or
scope it asks for (`needs_role`, `needs_scope`); `guard` runs before each request and refuses the rest.
"""

import hmac
import secrets
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from hashlib import sha256
from typing import Final, NotRequired, TypedDict, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from flask import Flask, Response, abort, current_app, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import UserMixin, current_user
from sqlalchemy import select, update

from webapp import clock
from webapp.extensions import csrf, login, read, transaction
from webapp.models.accounts import ApiToken, Role, User

__all__ = ["SCOPES", "Role", "guard", "init_security", "needs_role", "needs_scope"]

F = TypeVar("F", bound=Callable[..., ResponseReturnValue])

# Route -> why nobody has to sign in for it.
OPEN_ROUTES: Final = {
    "static": "style sheets and scripts hold nothing of the merchant's",
    "session.sign_in": "signing in is how one stops being a stranger",
    "callbacks.receive": "the OMS proves itself by its signature",
    "callbacks.probe": "the bus probes the address before it knows a secret",
    "operations.healthz": "a load balancer has no account",
    "operations.readyz": "a load balancer has no account",
    "operations.metrics": "a metrics collector has no account; nothing personal is in it",
}
RANK: Final = {Role.VIEWER: 0, Role.OPERATOR: 1, Role.ADMIN: 2}
SCOPES: Final = (
    "orders:read", "orders:write", "catalog:read", "catalog:write", "stock:read",
    "messages:read", "messages:write", "settings:read", "settings:write",
)  # fmt: skip
CONTENT_POLICY: Final = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
HEADERS: Final = {
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in CONTENT_POLICY.items()),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Over HTTPS the CSRF check wants to see where a form came from.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
USE_NOTED_EVERY: Final = timedelta(minutes=5)
# As many characters as the journal and the audit trail keep of who did something.
LONGEST_ACTOR: Final = 200
SCRIPTS: Final = ("/api/", "/oms/")
FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
_hasher = PasswordHasher()


class ErrorSaid(TypedDict):
    """What went wrong, in the words of whoever asked: `field` is the path of what was refused."""

    code: str
    message: str
    field: NotRequired[str]
    hint: NotRequired[str]


class ErrorJson(TypedDict):
    """An error of the API (contract: HTTP)."""

    error: ErrorSaid


class SignedIn(UserMixin):  # type: ignore[misc]  # Flask-Login ships no types
    """The person behind a session."""

    def __init__(self, user: User) -> None:
        self.id = f"{user.id}.{user.session_key}"
        self.user_id = user.id
        self.email = user.email
        self.role = user.role

    def may(self, role: Role | str) -> bool:
        """Whether this person's role includes `role`."""
        return RANK[self.role] >= RANK[Role(role)]


def needs_role(role: Role | str) -> Callable[[F], F]:
    """Close a page to everyone below `role`."""

    def mark(view: F) -> F:
        view.needed_role = Role(role)  # type: ignore[attr-defined]  # read by `guard` and by the route walk
        return view

    return mark


def needs_scope(scope: str) -> Callable[[F], F]:
    """Close an API route to tokens without `scope` ("" for any token)."""

    def mark(view: F) -> F:
        view.needed_scope = scope  # type: ignore[attr-defined]  # read by `guard` and by the route walk
        return view

    return mark


def guard() -> ResponseReturnValue | None:
    """Refuse whoever may not: runs before each request, and lets nothing through by default."""
    endpoint = request.endpoint
    if endpoint is None or endpoint in OPEN_ROUTES:
        # No route at all is a 404, which says nothing; but the API says nothing at all without a token.
        return _without_token() if endpoint is None and request.path.startswith("/api/") else None
    view = current_view()
    if (scope := getattr(view, "needed_scope", None)) is not None:
        return _check_token(scope)
    role: Role | None = getattr(view, "needed_role", None)
    if role is None:
        abort(403, "This address is closed: it does not say who may use it.")
    if not current_user.is_authenticated:
        return ask_to_sign_in()
    if not current_user.may(role):
        abort(403)
    return None


def refuse_unstorable() -> None:
    """Refuse an address or a form with a NUL in it: PostgreSQL fails over one, and no one means one."""
    texts = {"address": [request.path], **dict(request.args.lists())}
    # What a script posts is read by its own route, whatever type it gives it.
    if request.mimetype in FORMS and not request.path.startswith(SCRIPTS):
        texts |= dict(request.form.lists())
    for name, values in texts.items():
        if any("\0" in text for text in (name, *values)):
            abort(
                400, f"{name.replace(chr(0), '')[:80]}: there is a NUL in it, which is in no name or number."
            )


def current_view() -> object:
    """The view function of the current request."""
    return current_app.view_functions[str(request.endpoint)]


def ask_to_sign_in() -> ResponseReturnValue:
    """To the sign-in page; a fragment gets 401 and where to go, since a redirect would land inside it."""
    here = request.full_path.rstrip("?") if request.method == "GET" else None
    target = url_for("session.sign_in", next=here) if here not in (None, "/") else url_for("session.sign_in")
    if request.headers.get("HX-Request") == "true":
        response = make_response("", 401)
        response.headers["HX-Redirect"] = url_for("session.sign_in")
        return response
    return redirect(target)


def refusal(
    status: int, code: str, message: str, *, field: str | None = None, hint: str | None = None
) -> Response:
    """An API error in the contract's shape."""
    error: ErrorSaid = {"code": code, "message": message}
    if field is not None:
        error["field"] = field
    if hint is not None:
        error["hint"] = hint
    body: ErrorJson = {"error": error}
    return make_response(body, status)


def _without_token() -> Response | None:
    return None if _token_of_request() else _unauthorised()


def _unauthorised() -> Response:
    response = refusal(401, "unauthorized", "An API token is needed.", hint="Authorization: Bearer TOKEN")
    response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _check_token(scope: str) -> Response | None:
    token = _token_of_request()
    if token is None:
        return _unauthorised()
    g.actor = f"token {token.name}"
    g.scopes = frozenset(token.scopes.split())
    return without_scope(scope) if scope else None


def without_scope(scope: str) -> Response | None:
    """The refusal of a token that does not have this scope; None where it has."""
    if scope in g.scopes:
        return None
    return refusal(
        403, "forbidden", f"This token does not have the scope {scope}.", hint="Make one that has it."
    )


def _token_of_request() -> ApiToken | None:
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not given.strip():
        return None
    with read() as session:
        found = session.scalar(select(ApiToken).where(ApiToken.token_hash == hash_token(given.strip())))
    if found is not None and (
        found.last_used_at is None or clock.now() - found.last_used_at > USE_NOTED_EVERY
    ):
        with transaction() as session:
            session.execute(update(ApiToken).where(ApiToken.id == found.id).values(last_used_at=clock.now()))
    return found


def hash_token(token: str) -> str:
    """What is kept of a token; tokens are long and random, so one round is enough."""
    return sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def new_token() -> str:
    """A token as it is shown once."""
    return f"omsc_{secrets.token_urlsafe(32)}"


def hash_password(password: str) -> str:
    """What is kept of a password (Argon2id)."""
    return _hasher.hash(password)


@cache
def _hash_of_nobody() -> str:
    return _hasher.hash(secrets.token_hex(16))


def check_password(email: str, password: str) -> SignedIn | None:
    """The person, if the password is theirs; takes as long for a stranger as for a member."""
    with read() as session:
        user = session.scalar(select(User).where(User.email == email.strip().lower()))
    try:
        _hasher.verify(user.password_hash if user else _hash_of_nobody(), password)
    except (VerifyMismatchError, InvalidHashError):
        return None
    return SignedIn(user) if user else None


def actor() -> str:
    """Who is acting in this request, for the journal and the audit trail."""
    if "actor" in g:
        return str(g.actor)
    signed_in = current_user and current_user.is_authenticated
    return str(current_user.email)[:LONGEST_ACTOR] if signed_in else "someone"


def _load(session_id: str) -> SignedIn | None:
    number, _, key = session_id.partition(".")
    if not number.isascii() or not number.isdigit():
        return None
    with read() as session:
        user = session.get(User, int(number))
    return SignedIn(user) if user and hmac.compare_digest(user.session_key, key) else None


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def init_security(app: Flask) -> None:
    """Close the app: sessions, CSRF, the guard, the headers."""
    app.config.update(
        SESSION_COOKIE_NAME="oms_connector",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
    )
    login.init_app(app)
    login.user_loader(_load)
    # Before CSRF: whoever may not is told so, whatever else is wrong with the request.
    app.before_request(guard)
    app.before_request(refuse_unstorable)
    csrf.init_app(app)
    app.after_request(_add_headers)
