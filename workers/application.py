"""The app of this process: made once, after the fork, so that no connection is shared."""

from flask import Flask

from webapp import create_app
from webapp.config import Config

_app: Flask | None = None


def use(config: Config) -> Flask:
    """Make this process's app from `config`."""
    global _app
    _app = create_app(config)
    return _app


def current() -> Flask:
    """This process's app; made from the environment where nobody made it yet.

    A job opens a context of it for each batch: `with application.current().app_context():`.
    """
    return _app if _app is not None else use(Config.from_environment())
