"""Error pages and error fragments: what happened, and what to do next (U5)."""

from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from webapp.pages.htmx import wants_fragment, with_problem


@dataclass(frozen=True, slots=True)
class ErrorWords:
    """An error's title, what happened, and what to do next."""

    title: str
    happened: str
    advice: str


_WORDS = {
    400: ErrorWords(
        "This request could not be read",
        "Something in the address or the form is not as it should be. Nothing was changed.",
        "Go back and check what you entered.",
    ),
    401: ErrorWords(
        "Sign in first",
        "This page is only for people who are signed in.",
        "Sign in; you will come back to where you were.",
    ),
    403: ErrorWords(
        "Your role does not allow this",
        "You are signed in, but this needs a role you do not have. Nothing was changed.",
        "Ask an admin to do it, or to change your role.",
    ),
    404: ErrorWords(
        "There is nothing here",
        "The address is wrong, or what was here is no longer kept.",
        "Check the address, or search for the order, SKU or message at the top of any page.",
    ),
    405: ErrorWords(
        "This address does not take that kind of request",
        "A form was sent to a page that takes none, or a page was opened that only takes forms.",
        "Go back and use the buttons on the page.",
    ),
    409: ErrorWords(
        "This is no longer possible",
        "What you saw has changed in the meantime. Nothing was changed by you.",
        "Load the page again and look at where it stands now.",
    ),
    413: ErrorWords(
        "This is too large",
        "What was sent is over the limit and was not read. Nothing was changed.",
        "Send less at once, or use the command line for large files.",
    ),
    429: ErrorWords(
        "Too many tries",
        "There were too many tries in a short time.",
        "Wait a minute, then try again.",
    ),
    500: ErrorWords(
        "Something went wrong here",
        "The connector met an error of its own. Nothing was changed by this request.",
        "Try again. If it stays, the log has the details at this time.",
    ),
    503: ErrorWords(
        "Not available right now",
        "The database does not answer, or the connector is starting.",
        "Wait a moment and load the page again.",
    ),
}
_SESSION_ENDED = ErrorWords(
    "Your session ended",
    "The form was too old to be trusted. Nothing was changed.",
    "Load the page again, then repeat what you did.",
)


def words_for(error: HTTPException) -> ErrorWords:
    """The words for an error; one given to `abort` in a sentence of its own takes the place of ours."""
    if isinstance(error, CSRFError):
        return _SESSION_ENDED
    code = error.code or 500
    words = _WORDS.get(code) or _WORDS[500 if code >= 500 else 400]
    given = error.description
    if given and given != type(error).description:
        return ErrorWords(words.title, given, words.advice)
    return words


def show_error(error: HTTPException) -> ResponseReturnValue:
    """The page, or the fragment, for an error; server errors ask nothing of the database."""
    code = error.code or 500
    words = words_for(error)
    if wants_fragment():
        return with_problem((render_template("errors/fragment.html", code=code, words=words), code))
    return render_template("errors/page.html", code=code, words=words, framed=code < 500), code
