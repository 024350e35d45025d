"""Jobs for scripts: how far each is, what it could not do, ending it (contract: /api/v1/jobs).

Who may read or write an area's messages or catalog may see or cancel its jobs.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from webapp.api.answers import answer
from webapp.api.described import described
from webapp.extensions import csrf, read, transaction
from webapp.flows.cancel_job import cancel_job
from webapp.queries.jobs import (
    JobErrorJson,
    JobErrorPage,
    JobJson,
    JobPage,
    area_of,
    find_job,
    job_as_json,
    list_errors,
    list_jobs,
)
from webapp.queries.paging import PAGE_QUERY, read_page
from webapp.security import actor, needs_scope, refusal, without_scope

AREAS = ("messages", "catalog")

bp = Blueprint("jobs_api", __name__, url_prefix="/api/v1/jobs")
csrf.exempt(bp)


@bp.get("")
@needs_scope("")
@described({200: JobPage}, query=PAGE_QUERY, refusals=(403,))
def show_jobs() -> Response:
    """A page of the jobs this token may see, newest first."""
    page = read_page(request.args.get("limit"), request.args.get("cursor"))
    refused = {area: without_scope(f"{area}:read") for area in AREAS}
    areas = [area for area, why in refused.items() if why is None]
    if not areas:
        return next(why for why in refused.values() if why is not None)
    with read() as session:
        found = list_jobs(session, page, areas)
        items = [job_as_json(session, job) for job in found.jobs]
    told: JobPage = {"items": items, "next": str(found.next_before) if found.next_before else None}
    return answer(told)


@bp.get("/<uuid:uid>")
@needs_scope("")
@described({200: JobJson}, refusals=(403,))
def show_job(uid: UUID) -> Response:
    """One job."""
    with read() as session:
        return _with_job(session, uid, "read", lambda job: answer(job_as_json(session, job)))


@bp.get("/<uuid:uid>/errors")
@needs_scope("")
@described({200: JobErrorPage}, query=PAGE_QUERY, refusals=(403,))
def show_errors(uid: UUID) -> Response:
    """A page of what a job could not do, in its own order."""
    page = read_page(request.args.get("limit"), request.args.get("cursor"))

    def tell(job: Any) -> Response:
        found = list_errors(session, job, page.limit + 1, page.before or 0)
        more, some = len(found) > page.limit, found[: page.limit]
        items: list[JobErrorJson] = [
            {"subject": one.subject, "field": one.field or None, "reason": one.reason} for one in some
        ]
        told: JobErrorPage = {"items": items, "next": str(some[-1].id) if more else None}
        return answer(told)

    with read() as session:
        return _with_job(session, uid, "read", tell)


@bp.post("/<uuid:uid>/cancel")
@needs_scope("")
@described({202: JobJson}, refusals=(403, 409))
def cancel(uid: UUID) -> Response:
    """End a job before it is through; what it did stays."""

    def end(job: Any) -> Response:
        if not cancel_job(session, job, actor()):
            return refusal(409, "conflict", f"The job is {job.state.value} already.")
        return answer(job_as_json(session, job), 202)

    with transaction() as session:
        return _with_job(session, uid, "write", end)


def _with_job(session: Session, uid: UUID, right: str, tell: Callable[[Any], Response]) -> Response:
    """What `tell` says of the job, if it is here and this token may see it."""
    job = find_job(session, str(uid))
    if job is None:
        return refusal(404, "not_found", f"There is no job {uid} here.")
    return without_scope(f"{area_of(job.kind)}:{right}") or tell(job)
