"""The few things htmx-flask lacks under htmx 4: which rendering is asked for, toasts, and refusals.

htmx 4 swaps every answer but 204 and 304, errors too, and follows redirects silently: so an error says
where it belongs, and a form's answer where to go next (who is not signed in: security.ask_to_sign_in).
"""

from typing import Literal

from flask import Response, redirect, request
from flask.typing import ResponseReturnValue
from htmx_flask import make_response
from werkzeug.wrappers import Response as WerkzeugResponse

TYPE_HEADER = "HX-Request-Type"
# Where an error's fragment lands (templates/base.html), so that it replaces nothing.
PROBLEM_TARGET = "#problem"

Tone = Literal["ok", "info", "warning", "error"]


def wants_fragment() -> bool:
    """Whether only a part of the page is asked for; boosted links and history ask for `full`."""
    return request.headers.get("HX-Request") == "true" and request.headers.get(TYPE_HEADER) == "partial"


def vary_by_type(response: Response) -> Response:
    """After every request: caches must keep a page and its fragment apart."""
    if response.mimetype == "text/html":
        response.vary.update(("HX-Request", TYPE_HEADER))
    return response


def with_toast(response: ResponseReturnValue, text: str, tone: Tone = "ok") -> Response:
    """A fragment's answer that also says what was done, for a few seconds, in a live region."""
    answer: Response = make_response(response, trigger={"toast": {"text": text, "tone": tone}})
    return answer


def with_problem(response: ResponseReturnValue) -> Response:
    """A fragment that tells of an error: it lands in the page's own place for those and replaces nothing."""
    answer: Response = make_response(response, retarget=PROBLEM_TARGET)
    answer.headers["HX-Reswap"] = "innerHTML"
    answer.headers["HX-Push-Url"] = answer.headers["HX-Replace-Url"] = "false"
    return answer


def go_to(path: str) -> WerkzeugResponse:
    """After a form was taken: see this page (303), also where htmx sent the form."""
    if request.headers.get("HX-Request") == "true":
        answer: Response = make_response("", redirect=path)
        return answer
    return redirect(path, code=303)
