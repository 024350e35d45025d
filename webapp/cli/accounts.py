"""`user add` and `token add`."""

import sys

import click

from webapp.cli.opened import actor, opened
from webapp.extensions import transaction
from webapp.flows.people import add_token, add_user
from webapp.security import SCOPES, Role


@click.group()
def user() -> None:
    """People who sign in."""


@user.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def add_person(email: str, role: str, password_stdin: bool) -> None:
    """Add a person, or give one who is here a new password and role."""
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    with opened(), transaction() as session:
        add_user(session, email, password, Role(role), actor())
    click.echo(f"{email} may sign in as {role}.")


@click.group()
def token() -> None:
    """API tokens."""


@token.command("add")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice(SCOPES))
def make_token(name: str, scopes: tuple[str, ...]) -> None:
    """Make a token; it is shown this once, as the last word."""
    with opened(), transaction() as session:
        made = add_token(session, name, scopes, actor())
    click.echo(f"Token {name}: {made}")
