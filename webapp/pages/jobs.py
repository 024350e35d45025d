"""Jobs: long work that someone began, how far it is, what it could not do, and ending it."""

from typing import Any, Final
from uuid import UUID

import msgspec
from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from webapp import clock
from webapp.extensions import read, transaction
from webapp.flows.cancel_job import cancel_job
from webapp.pages.addresses import here
from webapp.pages.downloads import csv_file
from webapp.pages.htmx import go_to, wants_fragment
from webapp.pages.polls import fingerprint, nothing_new, poll_after
from webapp.pages.redirects import local_path
from webapp.pages.sight import discreet
from webapp.pages.words.amounts import plural
from webapp.pages.words.jobs import outcome_of, tell_job
from webapp.queries.jobs import all_errors, find_job, list_errors, list_jobs, messages_of, seconds_left
from webapp.queries.paging import read_page
from webapp.security import actor, needs_role

pages = Blueprint("jobs", __name__)

AREAS: Final = ("messages", "catalog")
ERRORS_SHOWN: Final = 20
COLUMNS: Final = ("subject", "field", "reason")


@pages.get("/jobs")
@needs_role("viewer")
def listing() -> ResponseReturnValue:
    """All jobs, newest first."""
    page = read_page(None, request.args.get("before"))
    with read() as session:
        found = list_jobs(session, page, AREAS)
    return render_template(
        "jobs/listing.html",
        jobs=[(job, tell_job(job, seconds_left(job))) for job in found.jobs],
        newer=url_for("jobs.listing") if page.before else "",
        older=here((), before=found.next_before) if found.next_before else "",
    )


@pages.get("/jobs/<uuid:uid>")
@needs_role("viewer")
def show(uid: UUID) -> ResponseReturnValue:
    """The page of a job, or for its poll the part that changes: 204 where nothing did."""
    began = clock.monotonic()
    with read() as session:
        job = _job(session, uid)
        messages = messages_of(session, job)
        errors = list_errors(session, job, ERRORS_SHOWN)
    seen = fingerprint(job.state, job.done, job.failed, job.reason, messages)
    if nothing_new(seen):
        return "", 204
    moves = job.due_at is not None or messages.settled < messages.total
    told = tell_job(job, seconds_left(job))
    return render_template(
        "jobs/progress.html" if wants_fragment() else "jobs/show.html",
        job=job,
        told=told,
        title=told.title,
        about=_about(job.about),
        messages=messages,
        errors=errors,
        poll=poll_after(job.finished_at or clock.now(), began, seen) if moves else None,
    )


@pages.get("/jobs/<uuid:uid>/errors.csv")
@needs_role("viewer")
def errors_as_csv(uid: UUID) -> ResponseReturnValue:
    """All that a job could not do."""
    with read() as session:
        job = _job(session, uid)
    rows = ((one.subject, one.field, discreet(one.reason)) for one in all_errors(job))
    return csv_file(f"job-{uid}.csv", COLUMNS, rows)


@pages.get("/jobs/<uuid:uid>/cancel")
@needs_role("operator")
def ask_to_cancel(uid: UUID) -> ResponseReturnValue:
    """What ending it means, asked before it is done."""
    with read() as session:
        told = tell_job(_job(session, uid), None)
    return render_template(
        "parts/confirm.html" if wants_fragment() else "confirm.html",
        title="End this job now?",
        action=url_for("jobs.cancel", uid=uid),
        words="End it now",
        cancel=url_for("jobs.show", uid=uid),
        danger=True,
        fields={},
        sentences=(
            f"{told.title}: {told.now}",
            "What it has done by then stays done; the rest is left as it is.",
        ),
    )


@pages.post("/jobs/<uuid:uid>/cancel")
@needs_role("operator")
def cancel(uid: UUID) -> ResponseReturnValue:
    """End it; what it did stays."""
    with transaction() as session:
        job = _job(session, uid)
        ended = cancel_job(session, job, actor())
    flash(
        f"The job is ended. {outcome_of(job)}" if ended else "It had ended by itself.",
        "ok" if ended else "info",
    )
    return go_to(local_path(request.form.get("next"), url_for("jobs.show", uid=uid)))


def _job(session: Session, uid: UUID) -> Any:
    job = find_job(session, str(uid))
    if job is None:
        abort(404, f"There is no job {uid} here. It may be older than what is kept.")
    return job


def _about(packed: str) -> dict[str, Any]:
    """What it is over: `filter` (marks as in an address) or how many named ones, and the reason given."""
    about: dict[str, Any] = msgspec.json.decode(packed)
    return {
        "filter": about.get("filter") or {},
        "named": plural(len(about.get("ids", ())), "message") if about.get("ids") else "",
        "reason": about.get("reason", ""),
    }
