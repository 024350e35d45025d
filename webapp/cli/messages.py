"""`messages list|show|replay|skip|hold|release`: the API Journal at the command line."""

import json
import sys
from collections.abc import Callable

import click
from sqlalchemy.orm import Session

from webapp.cli.opened import actor, opened
from webapp.extensions import read, transaction
from webapp.flows import hold_by_hand
from webapp.flows.hold_by_hand import NAMES, held_by_hand
from webapp.flows.mend_many import REPLAY, choose_by_filter, count_by_status
from webapp.flows.mend_messages import replay_one, skip_one
from webapp.flows.mend_now import mend_here
from webapp.queries.jobs import job_told
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
        payload = file.message.payload.decode("utf-8", "replace")
    click.echo(json.dumps({**told, "payload": payload}, indent=2, ensure_ascii=False))


@messages.command("replay")
@click.argument("uids", nargs=-1, metavar="[ID...]")
@click.option("--status", type=click.Choice(STATUSES))
@click.option("--topic")
@click.option("--cause", help="By what failures group; see messages list --json.")
@click.option("--order")
@click.option("--sku")
@click.option("--since", help="A time such as 2026-01-31T12:00:00Z.")
@click.option("--until", help="A time such as 2026-01-31T12:00:00Z.")
@click.option("--yes", is_flag=True, help="Do not ask first.")
@click.option("--json", "as_json", is_flag=True, help="The job as JSON, for scripts; implies --yes.")
def replay(uids: tuple[str, ...], yes: bool, as_json: bool, **given: str | None) -> None:
    """Begin a new series of tries on these messages, or on all that a filter matches."""
    wanted = {name: value for name, value in given.items() if value}
    if bool(uids) == bool(wanted):
        raise click.UsageError("Give either IDs or a filter, such as --status failed.")
    if uids:
        _mend(uids, lambda session, uid: replay_one(session, uid, actor()), "queued again")
    else:
        _replay_all(wanted, asks=not (yes or as_json), as_json=as_json)


def _replay_all(wanted: dict[str, str], *, asks: bool, as_json: bool) -> None:
    with opened():
        chosen = choose_by_filter(wanted)
        with read() as session:
            counts = count_by_status(session, REPLAY, chosen)
        many = sum(counts.values())
        told = ", ".join(f"{count} {status.value}" for status, count in sorted(counts.items()))
        if not many:
            raise click.ClickException("No message that the filter matches can be sent again.")
        if asks:
            click.confirm(f"Send {many} messages again ({told})?", abort=True)
        with click.progressbar(length=many, label="Messages", file=sys.stderr) as bar:
            pressed = mend_here(REPLAY, chosen, actor(), lambda past: bar.update(past - bar.pos))
        if as_json:
            with read() as session:
                click.echo(json.dumps(job_told(session, pressed.uid), indent=2))
        else:
            click.echo(f"{pressed.done} queued again, {pressed.failed} left as they are (job {pressed.uid}).")
    if pressed.failed or not pressed.ended:
        raise click.ClickException("Not all of them were sent again; the job says why.")


@messages.command("skip")
@click.argument("uids", nargs=-1, required=True, metavar="ID...")
@click.option("--reason", required=True)
def skip(uids: tuple[str, ...], reason: str) -> None:
    """Set these messages aside for good, with a reason."""
    if not reason.strip():
        raise click.BadParameter("a text that says why is needed", param_hint="--reason")
    _mend(uids, lambda session, uid: skip_one(session, uid, reason.strip(), actor()), "skipped")


@messages.command("hold")
@click.option("--lane", type=click.Choice(NAMES["lane"]))
@click.option("--topic", type=click.Choice(NAMES["topic"]), metavar="TOPIC")
@click.option("--reason", required=True, help="Stands on every page until it is let go.")
def hold(lane: str | None, topic: str | None, reason: str) -> None:
    """Hold a lane or a topic; its messages wait, in order."""
    scope, name = _one_of(lane, topic)
    with opened(), transaction() as session:
        hold_by_hand.hold(session, scope, name, reason, actor())
    click.echo(f"The {scope} {name} is held.")


@messages.command("release")
@click.option("--lane", type=click.Choice(NAMES["lane"]))
@click.option("--topic", type=click.Choice(NAMES["topic"]), metavar="TOPIC")
def release(lane: str | None, topic: str | None) -> None:
    """Let go what was held by hand, in order."""
    scope, name = _one_of(lane, topic)
    with opened(), transaction() as session:
        held = [one for one in held_by_hand(session) if (one.scope, one.name) == (scope, name)]
        if not held:
            raise click.ClickException(f"The {scope} {name} is not held by hand.")
        released = hold_by_hand.let_go(session, held[0].id, actor())
    click.echo(f"The {scope} {name} is let go; {released} messages go on.")


def _one_of(lane: str | None, topic: str | None) -> tuple[str, str]:
    if bool(lane) == bool(topic):
        raise click.UsageError("Give either --lane or --topic.")
    return ("lane", lane) if lane else ("topic", str(topic))


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
