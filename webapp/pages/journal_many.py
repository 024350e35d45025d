"""Many messages at once: those ticked in the journal, or all that its filter matches; counted first (F04)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from webapp.extensions import read
from webapp.flows import mend_many
from webapp.flows.mend_now import mend_now
from webapp.pages.addresses import there
from webapp.pages.htmx import go_to, wants_fragment
from webapp.pages.journal import pages
from webapp.pages.message import SkipForm
from webapp.pages.words.amounts import plural
from webapp.pages.words.jobs import outcome_of
from webapp.queries.journal import PAGE
from webapp.queries.messages import MARKS
from webapp.security import actor, needs_role

TICKED: Final = "id"
NOBODY: Final = "No message was chosen. Tick those you mean, then press the button again."
# What sending messages again means, by where they stand.
_AGAIN: Final = {
    "failed": "{} failed.",
    "skipped": "{} set aside: this takes that back.",
    "succeeded": "{} delivered or applied already: those go once more, under the same id.",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which messages are meant: the ticked ones, or a filter's marks; how many, by where they stand."""

    chosen: mend_many.Chosen
    counts: Mapping[str, int]

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The same as fields of a form."""
        marks = self.chosen.filter or {}
        return [*((TICKED, uid) for uid in self.chosen.ids), *marks.items()]

    @property
    def back(self) -> str:
        """The list they were chosen from."""
        return there("journal.listing", (), **(self.chosen.filter or {}))

    @property
    def many(self) -> int:
        """How many of them this can be done to."""
        return sum(self.counts.values())


def _asked(given: MultiDict[str, str], kind: str) -> Asked | None:
    """What is asked for, None where nothing is ticked; 400 for what can't be."""
    ticked = given.getlist(TICKED)[:PAGE]
    try:
        with read() as session:
            return _counted(session, kind, ticked, given)
    except ValueError as refusal:
        abort(400, f"{refusal}.")


def _counted(session: Session, kind: str, ticked: list[str], given: Mapping[str, str]) -> Asked | None:
    if ticked:
        chosen = mend_many.choose_ids(session, ticked)
    elif any(given.get(name) for name in MARKS):
        chosen = mend_many.choose_by_filter(given)
    else:
        return None
    counts = mend_many.count_by_status(session, kind, chosen)
    return Asked(chosen, {status.value: many for status, many in counts.items()})


@pages.get("/journal/replay")
@needs_role("operator")
def ask_to_replay() -> ResponseReturnValue:
    """How many that would be, said before it is begun."""
    asked = _asked(request.args, mend_many.REPLAY)
    if asked is None:
        return _nobody()
    again = {status: asked.counts[status] for status in _AGAIN if status in asked.counts}
    many, left = sum(again.values()), asked.many - sum(again.values())
    sentences = [_AGAIN[status].format(plural(count, "message")) for status, count in again.items()]
    if left:
        sentences.append(f"{plural(left, 'message')} under way, held or superseded: left as they are.")
    return _ask(
        asked,
        title=f"Send {plural(many, 'message')} again?",
        words=f"Send {plural(many, 'message')} again",
        action=url_for("journal.replay_many"),
        sentences=sentences or ["None that the filter matches can be sent again."],
        many=many,
    )


@pages.post("/journal/replay")
@needs_role("operator")
def replay_many() -> ResponseReturnValue:
    """Begin it; what takes longer than a moment goes on as a job."""
    asked = _asked(request.form, mend_many.REPLAY)
    return _nobody() if asked is None else _begun(asked, mend_many.REPLAY)


@pages.route("/journal/skip", methods=["GET", "POST"])
@needs_role("operator")
def skip_many() -> ResponseReturnValue:
    """Ask why, then set them aside."""
    asked, form = _asked(request.values, mend_many.SKIP), SkipForm()
    if asked is None:
        return _nobody()
    if form.is_submitted() and form.validate():
        return _begun(asked, mend_many.SKIP, form.reason.data.strip())
    shown = _ask(
        asked,
        title=f"Skip {plural(asked.many, 'message')}?",
        words=f"Skip {plural(asked.many, 'message')}",
        action=url_for("journal.skip_many"),
        sentences=["They are not sent or applied, and what waits behind them goes on. Sending them again "
                   "later takes this back."],
        many=asked.many,
        form=form,
        danger=True,
    )  # fmt: skip
    return shown, 422 if form.is_submitted() else 200


def _ask(asked: Asked, **told: Any) -> str:
    template = "journal/ask_form.html" if wants_fragment() else "journal/ask.html"
    return render_template(template, asked=asked, **{"form": None, "danger": False, **told})


def _begun(asked: Asked, kind: str, reason: str = "") -> ResponseReturnValue:
    pressed = mend_now(kind, asked.chosen, actor(), reason=reason)
    if not pressed.ended:
        return go_to(url_for("jobs.show", uid=pressed.uid))
    flash(outcome_of(pressed), "ok" if pressed.done else "warning")
    return go_to(url_for("jobs.show", uid=pressed.uid) if pressed.failed else asked.back)


def _nobody() -> ResponseReturnValue:
    flash(NOBODY, "warning")
    return go_to(url_for("journal.listing"))
