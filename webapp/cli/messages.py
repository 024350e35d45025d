"""`messages list|show|replay|skip`: the API Journal at the command line."""

import json
from collections.abc import Callable

import click
from sqlalchemy.orm import Session

from webapp.cli.opened import actor, opened
from webapp.extensions import read, transaction
from webapp.flows.mend_messages import replay_one, skip_one
from webapp.queries.message_json import message_as_json
from webapp.queries.messages import STATUSES, MessageFilter, find_message, list_messages
from webapp.queries.paging import Page

Mend = Callable[[Session, str], str | None]


@click.group()
def messages() -> None:
    """The API Journal."""


@messages.command("list")
@click.option("--status", type=click.Choice(STATUSES))
@click.option("--topic")
@click.option("--order")
@click.option("--sku")
@click.option("--since", help="A time such as 2026-01-31T12:00:00Z.")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def list_them(limit: int, as_json: bool, **given: str | None) -> None:
    """Messages, newest first."""
    wanted = {name: value for name, value in given.items() if value}
    with opened(), read() as session:
        found = list_messages(session, MessageFilter.read(wanted), Page(limit)).messages
        if as_json:
            click.echo(json.dumps([message_as_json(one, one.attempts) for one in found], indent=2))
            return
        for one in found:
            arrow = "→" if one.direction == "out" else "←"
            click.echo(
                f"{one.created_at:%Y-%m-%d %H:%M:%S}  {one.uid}  {arrow} {one.status.value:<10} "
                f"{one.tries:>2}  {one.topic}  {one.key.split(':', 2)[-1]}  {one.reason}".rstrip()
            )


@messages.command("show")
@click.argument("uid", metavar="ID")
def show(uid: str) -> None:
    """One message with its tries and its payload."""
    with opened(), read() as session:
        file = find_message(session, uid)
        if file is None:
            raise click.ClickException(f"There is no message {uid} in the journal.")
        told = message_as_json(file.message, file.attempts)
        told["payload"] = file.message.payload.decode("utf-8", "replace")
    click.echo(json.dumps(told, indent=2, ensure_ascii=False))


@messages.command("replay")
@click.argument("uids", nargs=-1, required=True, metavar="ID...")
def replay(uids: tuple[str, ...]) -> None:
    """Begin a new series of tries on these messages."""
    _mend(uids, lambda session, uid: replay_one(session, uid, actor()), "queued again")


@messages.command("skip")
@click.argument("uids", nargs=-1, required=True, metavar="ID...")
@click.option("--reason", required=True)
def skip(uids: tuple[str, ...], reason: str) -> None:
    """Set these messages aside for good, with a reason."""
    if not reason.strip():
        raise click.BadParameter("a text that says why is needed", param_hint="--reason")
    _mend(uids, lambda session, uid: skip_one(session, uid, reason.strip(), actor()), "skipped")


def _mend(uids: tuple[str, ...], act: Mend, done: str) -> None:
    failed = 0
    with opened():
        for uid in uids:
            with read() as session:
                known = find_message(session, uid) is not None
            refused = "There is no such message." if not known else None
            if known:
                with transaction() as session:
                    refused = act(session, uid)
            failed += refused is not None
            click.echo(f"{uid}: {refused or done}", err=refused is not None)
    if failed:
        raise click.ClickException(f"{failed} of {len(uids)} messages were left as they are.")
