"""One message of the journal: what it is, what became of it, its tries, and what may be done (F03 to F05)."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from flask import Response, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from webapp import clock
from webapp.extensions import read, transaction
from webapp.flows.mend_messages import may_send_again, replay_one, skip_one
from webapp.pages.htmx import go_to, wants_fragment
from webapp.pages.journal import pages
from webapp.pages.polls import fingerprint, nothing_new, poll_after
from webapp.pages.redirects import local_path
from webapp.pages.sight import sight
from webapp.pages.words.masking import mask
from webapp.pages.words.messages import sentence, steps, way
from webapp.pages.words.payloads import SHOWN_BYTES, Shown, show_part
from webapp.pages.words.statuses import message_badge
from webapp.pages.words.topics import topic_words
from webapp.queries.message_story import MessageStory, tell_message
from webapp.security import actor, needs_role

TABS: Final = (("payload", "Payload"), ("answer", "Answer"), ("headers", "Headers"))
UNSETTLED: Final = ("pending", "in_flight", "retrying", "held")
ENDED: Final = ("failed", "skipped", "succeeded")
SKIPPABLE: Final = ("pending", "retrying", "held", "failed")
# A message tried for 48 hours has a hundred tries; the newest are what is asked about.
TRIES_SHOWN: Final = 20


class SkipForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """Why a message is set aside."""

    reason = TextAreaField(
        "Why",
        [DataRequired("Say why, for whoever asks later."), Length(max=1_000)],
        description="Kept with the message and in the audit trail.",
    )


@pages.get("/journal/<uuid:uid>")
@needs_role("viewer")
def show(uid: UUID) -> ResponseReturnValue:
    """The page of a message, or for its poll the part of it that changes: 204 where it did not."""
    began = clock.monotonic()
    story = _story(uid)
    seen = _fingerprint(story)
    if nothing_new(seen):
        return "", 204
    message = story.message
    latest = message.settled_at or message.last_tried_at or message.created_at
    poll = poll_after(latest, began, seen) if message.status in UNSETTLED else None
    template = "message/story.html" if wants_fragment() else "message/show.html"
    return render_template(template, poll=poll, tab=_tab(), **_shown(story))


def _story(uid: UUID) -> MessageStory:
    with read() as session:
        story = tell_message(session, str(uid))
    if story is None:
        abort(404, f"There is no message {uid} in the journal. It may be older than what is kept.")
    return story


def _tab() -> str:
    tab = request.args.get("tab", "")
    return tab if tab in dict(TABS) else TABS[0][0]


def _shown(story: MessageStory) -> dict[str, Any]:
    """What the template needs of a message."""
    message = story.message
    topic = topic_words(message.topic)
    return {
        "story": story,
        "message": message,
        "row": story.row,
        "title": f"{topic}: {story.row.key.partition(':')[2] or story.row.key}",
        "way": way(message.direction, message.endpoint),
        "badge_now": message_badge(message.status, message.direction),
        "sentence": sentence(message, behind=story.waits_for is not None, paused=story.paused),
        "steps": steps(message, story.attempts, story.transitions),
        "window_left": timedelta(seconds=message.window_left),
        "may_replay": message.status in ENDED
        and may_send_again(message.direction, message.endpoint, message.cause),
        "may_skip": message.status in SKIPPABLE,
        "tabs": TABS,
        "part": _part(story, _tab()),
    }


def _part(story: MessageStory, tab: str) -> dict[str, Any]:
    """What the chosen tab shows."""
    message, tries = story.message, list(reversed(story.attempts))[:TRIES_SHOWN]
    if tab == "answer":
        answers = [(f"Answer to try {one.number}", _body(one.answer)) for one in tries if one.answer]
        if not answers and message.answer:
            answers = [("Answer", _body(message.answer))]
        return {"bodies": _each_once(answers)}
    if tab == "headers":
        return {"headers": [_headers(one) for one in tries if one.request_headers or one.answer_headers]}
    return {"bodies": [("Payload", _body(message.payload))]}


def _each_once(bodies: list[tuple[str, Shown]]) -> list[tuple[str, Shown]]:
    """Struck tries leave their number to the next: names that come twice are counted."""
    counts: dict[str, int] = {}
    named = []
    for name, body in bodies:
        counts[name] = counts.get(name, 0) + 1
        named.append((name if counts[name] == 1 else f"{name} ({counts[name]})", body))
    return named


def _body(body: bytes) -> Shown:
    return show_part(mask(body[: 2 * SHOWN_BYTES], sight()), len(body))


def _headers(attempt: Any) -> dict[str, Any]:
    sent, answered = (
        msgspec.json.decode(packed, type=dict[str, str]) if packed else {}
        for packed in (attempt.request_headers, attempt.answer_headers)
    )
    return {"number": attempt.number, "at": attempt.started_at, "sent": sent, "answered": answered}


def _fingerprint(story: MessageStory) -> str:
    message = story.message
    return fingerprint(
        message.status, message.tries, message.reason, message.next_try_at, message.expires_at,
        message.claim_token, len(story.attempts), len(story.transitions), story.waits_for, story.paused,
        [(one.id, one.status) for one in story.around],
    )  # fmt: skip


@pages.get("/journal/<uuid:uid>/payload")
@needs_role("viewer")
def payload(uid: UUID) -> ResponseReturnValue:
    """The whole body as a file, as far as its reader may see it."""
    body = mask(_story(uid).message.payload, sight())
    response = Response(body, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="message-{uid}.json"'
    return response


@pages.post("/journal/<uuid:uid>/replay")
@needs_role("operator")
def replay(uid: UUID) -> ResponseReturnValue:
    """Begin a new series of tries."""
    story = _story(uid)
    with transaction() as session:
        why = replay_one(session, str(uid), actor())
    if why is None:
        done = "It is sent again" if story.message.direction == "out" else "It is applied again"
        flash(f"{done}, as soon as nothing is ahead of it.", "ok")
    else:
        flash(why, "warning")
    return go_to(local_path(request.form.get("next"), url_for("journal.show", uid=uid)))


@pages.route("/journal/<uuid:uid>/skip", methods=["GET", "POST"])
@needs_role("operator")
def skip(uid: UUID) -> ResponseReturnValue:
    """Ask why, then set the message aside."""
    story, form = _story(uid), SkipForm()
    if form.is_submitted() and form.validate():
        with transaction() as session:
            why = skip_one(session, str(uid), form.reason.data.strip(), actor())
        flash(why or "It is set aside. Sending it again takes it back.", "warning" if why else "ok")
        return go_to(url_for("journal.show", uid=uid))
    template = "message/skip_form.html" if wants_fragment() else "message/skip.html"
    status = 422 if form.is_submitted() else 200
    return render_template(template, form=form, **_shown(story)), status
