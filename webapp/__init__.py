"""OMS Connector: between a Magento store and its Order Management System."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp import encryption, extensions, models
from webapp.config import Config

__all__ = ["create_app", "models"]


def create_app(config: Config | None = None) -> Flask:
    """The whole wiring: configuration, extensions, security, entrances, pages."""
    config = config or Config.from_environment()
    encryption.use_key(config.secret_key)
    app = Flask(__name__, template_folder="../templates", static_folder="../static")
    app.config.update(
        CONNECTOR=config,
        SECRET_KEY=config.secret_key,
        SQLALCHEMY_DATABASE_URI=config.database_url,
        TESTING=config.testing,
    )
    extensions.db.init_app(app)
    extensions.migrate.init_app(app, extensions.db, directory="migrations", render_as_batch=True)
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app
