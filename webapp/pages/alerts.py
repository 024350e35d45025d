"""Alerts on the Integration page: whether they arrived, and sending a test (F04)."""

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from webapp.flows.send_notices import send_test
from webapp.pages.htmx import go_to
from webapp.pages.integration import pages
from webapp.pages.words.alerts import say_results, try_letter
from webapp.security import needs_role


@pages.post("/integration/test-alert")
@needs_role("admin")
def test_alert() -> ResponseReturnValue:
    """Tell everyone who would be told, while whoever asked waits, and say whether it was taken."""
    results = send_test(try_letter)
    words, fine = say_results(results)
    flash(words, "ok" if fine else "warning")
    return go_to(f"{url_for('integration.show')}#alerts")
