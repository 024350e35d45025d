"""The dashboard: one file a page."""

from flask import Flask

from webapp.pages.filters import register_filters


def register_pages(app: Flask) -> None:
    """Give the app its pages."""
    register_filters(app)
