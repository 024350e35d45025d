"""What a database needs before it is used: an admin, where messages go, a registration after an upgrade."""

import os
import secrets

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.config import Config
from webapp.domain.states import Role
from webapp.extensions import transaction
from webapp.flows.change_settings import change_settings
from webapp.flows.hold_integration import follow_address
from webapp.flows.people import add_user
from webapp.flows.register import register_after_upgrade
from webapp.flows.registry import subscribed_topics
from webapp.models.accounts import User
from webapp.models.settings import Connection
from webapp.models.stored_settings import read_settings

SANDBOX = "sandbox"


def prepare_database(config: Config) -> None:
    """Make the first admin on an empty database; point to the sandbox where it runs and nothing else is set.

    Runs after every migration, so at every start; an upgrade registers again by it (F02).
    """
    with transaction() as session:
        if not session.scalar(select(func.count()).select_from(User)):
            password = config.admin_password or _generated_password(config)
            add_user(session, config.admin_email, password, Role.ADMIN, "first run")
        if config.sandbox_url:
            _follow_sandbox(session, config.sandbox_url)
        follow_address(session, "first run")
        register_after_upgrade(session, subscribed_topics())


def _generated_password(config: Config) -> str:
    """A password, kept in the home for its owner alone until it is changed."""
    password = secrets.token_urlsafe(12)
    config.home.mkdir(parents=True, exist_ok=True)
    handle = os.open(config.admin_password_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(password)
    return password


def _follow_sandbox(session: Session, url: str) -> None:
    """`oms.url` is the sandbox's by default, also after its port was changed."""
    known = session.get(Connection, SANDBOX)
    current = read_settings(session).text("oms.url")
    if current and (known is None or current != known.registered_url):
        return
    if known is None:
        known = Connection(endpoint=SANDBOX, registered_topics="", registration_error="")
        session.add(known)
    known.registered_url, known.registered_at = url, clock.now()
    if current != url:
        change_settings(session, {"oms.url": url}, "first run")
