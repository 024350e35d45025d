"""The whole wiring in one screen: `create_app`, which the processes' entrances get from `webapp` itself."""

import structlog
from flask import Flask, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import InterfaceError, OperationalError
from werkzeug.exceptions import BadRequest, HTTPException, InternalServerError, ServiceUnavailable
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp import encryption, extensions
from webapp.api import (
    answers,
    callbacks,
    holds_api,
    jobs_api,
    journal_api,
    openapi,
    operations,
    settings_api,
    store_api,
)
from webapp.api.unread import ReadToTheEnd
from webapp.config import Config
from webapp.domain.refusals import Refused
from webapp.log import set_up_logging
from webapp.pages import register_pages
from webapp.pages.errors import show_error
from webapp.security import init_security

log = structlog.get_logger(__name__)

DATABASE_AWAY = "The database does not answer just now. Try again; what was taken already is not taken twice."
# A callback may have 32 MB after inflating; nothing larger is kept.
MOST_BYTES = 33 * 1024 * 1024
ENTRANCES = (callbacks, store_api, journal_api, jobs_api, holds_api, settings_api, openapi, operations)


def create_app(config: Config | None = None) -> Flask:
    """The whole wiring: configuration, extensions, security, entrances, pages."""
    config = config or Config.from_environment()
    set_up_logging(config.log_format)
    encryption.use_key(config.secret_key)
    app = Flask("webapp", template_folder="../templates", static_folder="../static")
    app.config.update(
        CONNECTOR=config,
        SECRET_KEY=config.secret_key,
        SQLALCHEMY_DATABASE_URI=config.database_url,
        MAX_CONTENT_LENGTH=MOST_BYTES,
        TESTING=config.testing,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # of Flask's default provider
    # An address means what it says: one with a slash too many is no address, and redirects nobody.
    app.url_map.merge_slashes = False
    extensions.db.init_app(app)
    extensions.migrate.init_app(app, extensions.db, directory=str(config.migrations), render_as_batch=True)
    extensions.htmx.init_app(app)
    extensions.compress.init_app(app)
    init_security(app)
    for entrance in ENTRANCES:
        app.register_blueprint(entrance.bp)
    register_pages(app)
    app.register_error_handler(Refused, _show_refusal)
    app.register_error_handler(HTTPException, _show_http_error)
    app.register_error_handler(Exception, _show_fault)
    app.wsgi_app = ReadToTheEnd(app.wsgi_app)  # type: ignore[method-assign]
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _is_for_machines() -> bool:
    return request.path.startswith(("/api/", "/oms/", "/healthz", "/readyz", "/metrics"))


def _show_http_error(error: HTTPException) -> ResponseReturnValue:
    """An error in the words of whoever asked: JSON for machines, a page or a fragment for people."""
    return answers.answer_http_error(error) if _is_for_machines() else show_error(error)


def _show_refusal(refused: Refused) -> ResponseReturnValue:
    """What was asked for cannot be, and which field says so."""
    return answers.answer_refusal(refused) if _is_for_machines() else show_error(BadRequest(f"{refused}."))


def _show_fault(fault: Exception) -> ResponseReturnValue:
    """Failure policy: an error of ours is logged whole and told without its insides."""
    log.error("request_failed", path=request.path, method=request.method, exc_info=fault)
    if isinstance(fault, OperationalError | InterfaceError):
        return _show_http_error(ServiceUnavailable(DATABASE_AWAY))
    return _show_http_error(InternalServerError(original_exception=fault))
