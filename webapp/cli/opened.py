"""Opening the product for one command: its app, and errors as one sentence."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Flask
from sqlalchemy.exc import DBAPIError

from webapp import create_app
from webapp.cli.environment import read_config
from webapp.encryption import SecretUnreadable
from webapp.extensions import db
from webapp.store.refusal import Refused


@contextmanager
def opened() -> Iterator[Flask]:
    """The product's app, in context; what goes wrong is told in a sentence."""
    app = create_app(read_config())
    with app.app_context():
        try:
            yield app
        except (Refused, SecretUnreadable) as error:
            raise click.ClickException(str(error)) from error
        except DBAPIError as error:
            raise click.ClickException(_database_sentence(error)) from error
        finally:
            db.engine.dispose()


def actor() -> str:
    """Who is at the command line, for the audit trail."""
    try:
        return f"command line ({getpass.getuser()})"
    except (KeyError, OSError):
        return "command line"


def _database_sentence(error: DBAPIError) -> str:
    words = str(error.orig).strip().splitlines()[0]
    if "no such table" in words or "does not exist" in words:
        return f"The database is not set up ({words}). Run: oms-connector db upgrade"
    return f"The database cannot be used: {words}"
