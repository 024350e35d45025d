"""Settings for scripts, flat and all or nothing (contract: GET/PATCH /api/v1/settings)."""

from flask import Blueprint, Response

from webapp.api.answers import answer, read_object
from webapp.api.described import described
from webapp.extensions import csrf, read, transaction
from webapp.flows.change_settings import all_shown, change_settings, shown_schema, taken_schema
from webapp.security import actor, needs_scope

bp = Blueprint("settings_api", __name__, url_prefix="/api/v1/settings")
csrf.exempt(bp)


@bp.get("")
@needs_scope("settings:read")
@described({200: shown_schema()})
def show_settings() -> Response:
    """All settings; of a secret only whether it is set."""
    with read() as session:
        return answer(all_shown(session))


@bp.patch("")
@needs_scope("settings:write")
@described({200: shown_schema()}, takes=taken_schema())
def patch_settings() -> Response:
    """Change several at once; one bad value changes nothing."""
    changes = dict(read_object())
    with transaction() as session:
        change_settings(session, changes, actor())
        return answer(all_shown(session))
