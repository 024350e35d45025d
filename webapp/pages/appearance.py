"""Light, dark, or as the browser has it: kept in a cookie, so that it needs no JavaScript and no account."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from webapp.pages.frame import THEME_COOKIE, THEMES
from webapp.pages.htmx import go_to
from webapp.pages.redirects import local_path
from webapp.security import needs_role

pages = Blueprint("appearance", __name__)

_YEAR = 365 * 86_400


@pages.post("/appearance")
@needs_role("viewer")
def choose() -> ResponseReturnValue:
    """Take over the theme and go back to where it was asked for; an unknown one is `auto`."""
    theme = request.form.get("theme", "")
    response = go_to(local_path(request.form.get("next"), "/"))
    response.set_cookie(
        THEME_COOKIE,
        theme if theme in THEMES else "auto",
        max_age=_YEAR,
        samesite="Lax",
        httponly=True,
        secure=request.is_secure,
    )
    return response
