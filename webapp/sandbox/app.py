"""The sandbox OMS as a Flask app, and what holds for all its answers."""

from pathlib import Path

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from webapp.sandbox import controls, order_controls, page, rpc
from webapp.sandbox.oms import DEFAULT_PACE, Sandbox
from webapp.sandbox.order_controls import NothingToDo, UnknownOrder, json_answer
from webapp.sandbox.refusal import Refusal

_CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)


class SandboxApp(Flask):
    """A Flask app with the OMS it stands in front of; `sandbox.start()` sets its threads going."""

    sandbox: Sandbox


def create_sandbox(home: Path, pace: float = DEFAULT_PACE) -> SandboxApp:
    """The app over the state in `home`; `pace` is the seconds between two steps of an order.

    Its threads stand still until `app.sandbox.start()`; `app.sandbox.stop()` ends them and closes the state.
    """
    app = SandboxApp(
        __name__,
        template_folder="sandbox_templates",
        static_folder="sandbox_static",
        static_url_path="/static",
    )
    app.sandbox = app.extensions["sandbox"] = Sandbox(home, pace)
    for blueprint in (rpc.blueprint, order_controls.blueprint, controls.blueprint, page.blueprint):
        app.register_blueprint(blueprint)
    app.add_url_rule("/healthz", view_func=_healthz)
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(UnknownOrder, controls.not_found)
    app.register_error_handler(NothingToDo, _nothing_to_do)
    app.register_error_handler(HTTPException, _http_error)
    app.before_request(_refuse_other_sites)
    app.after_request(_add_headers)
    return app


def serve_sandbox(home: str, pace: float) -> SandboxApp:
    """The app with its threads going: what the server loads."""
    app = create_sandbox(Path(home), pace)
    app.sandbox.start()
    return app


def _healthz() -> Response:
    return json_answer({"status": "ok"})


def _refused(refusal: Refusal) -> Response:
    told = {"code": "invalid", "message": refusal.message, "field": refusal.field}
    return json_answer({"error": told}, 422)


def _nothing_to_do(nothing: NothingToDo) -> Response:
    return json_answer({"error": {"code": "nothing_to_do", "message": str(nothing)}}, 409)


def _http_error(error: HTTPException) -> Response:
    told = {"code": error.name.lower().replace(" ", "_"), "message": error.description}
    return json_answer({"error": told}, error.code or 500)


def _refuse_other_sites() -> Response | None:
    """A page of another site may not drive the sandbox from a browser: there is no login to protect it."""
    if request.method != "GET" and request.headers.get("Sec-Fetch-Site", "none") not in (
        "none",
        "same-origin",
    ):
        return json_answer({"error": {"code": "forbidden", "message": "Not from another site's page"}}, 403)
    return None


def _add_headers(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = _CSP
    response.headers["Referrer-Policy"] = "same-origin"
    return response
