"""The dashboard: one file a page."""

from flask import Flask
from jinja2 import StrictUndefined

from webapp.pages import (
    alerts,
    appearance,
    holds,
    jobs,
    journal_many,
    order,
    overview,
    search,
    session,
)
from webapp.pages.filters import register_filters
from webapp.pages.htmx import vary_by_type


def register_pages(app: Flask) -> None:
    """Give the app its pages."""
    # A name a page forgot to hand over fails in its test, instead of leaving a gap on the page.
    app.jinja_env.undefined = StrictUndefined
    register_filters(app)
    app.after_request(vary_by_type)
    # Every static address changes with its content (filters: asset).
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 365 * 86_400
    # `order` adds to the pages of `orders`, `journal_many` and `message` to those of `journal`,
    # `alerts` to those of `integration`.
    for page in (session, overview, order, journal_many, jobs, holds, alerts, search, appearance):
        app.register_blueprint(page.pages)
