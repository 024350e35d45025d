"""Integration: how the connection to the OMS stands, registering, disabling; with the settings below."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import BooleanField

from webapp.config import product_version
from webapp.extensions import current_config, read, transaction
from webapp.flows import hold_by_hand, hold_integration
from webapp.flows.call_ourselves import call_ourselves
from webapp.flows.check_oms import SKEW_SECONDS
from webapp.flows.export_covered import export_covered
from webapp.flows.register import callback_url
from webapp.flows.register_now import register_now
from webapp.flows.registry import subscribed_topics
from webapp.flows.unregister_now import unregister_now
from webapp.oms.registration import REGISTER
from webapp.pages.htmx import Tone, go_to, wants_fragment, with_toast
from webapp.pages.setting_forms import SettingsPanel, panel_of, panels, save_group, still_to_do
from webapp.pages.words.alerts import WAYS
from webapp.pages.words.amounts import plural
from webapp.pages.words.holds import held_heading, hold_choices
from webapp.pages.words.integration import outage_words, paused_words
from webapp.pages.words.settings import GROUPS
from webapp.queries.integration import Integration, read_choices, read_integration
from webapp.security import actor, needs_role

pages = Blueprint("integration", __name__)


class DisableForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """How far the integration is disabled."""

    unregister = BooleanField(
        "Unregister too",
        description="The OMS is told to call us no longer; else it goes on calling, and is turned away.",
    )


SECONDS_BETWEEN = 10


@pages.get("/integration")
@needs_role("viewer")
def show() -> ResponseReturnValue:
    """The whole page, or the status card, which asks again for itself."""
    if wants_fragment():
        return render_template("integration/status.html", **_status())
    with read() as session:
        choices = read_choices(session)
    return _page(panels(choices))


@pages.post("/integration/settings/<string:slug>")
@needs_role("admin")
def save(slug: str) -> ResponseReturnValue:
    """Save one group of settings, or say at each field what is wrong with it."""
    if slug not in GROUPS:
        abort(404)
    with read() as session:
        choices = read_choices(session)
    wrong = save_group(slug, choices, actor())
    if wrong is not None and wants_fragment():
        return render_template("integration/saved.html", panel=wrong, **_status()), 422
    if wrong is not None:
        return _page(panels(choices, wrong)), 422
    if not wants_fragment():
        flash(f"Saved: {GROUPS[slug].title}. {still_to_do(slug)}".strip(), "ok")
        return go_to(f"{url_for('integration.show')}#{slug}")
    with read() as session:
        panel = panel_of(slug, read_choices(session))
    panel.saved, panel.note = True, still_to_do(slug)
    return render_template("integration/saved.html", panel=panel, **_status())


def _page(groups: Sequence[SettingsPanel]) -> str:
    with read() as session:
        held = [(one, held_heading(one.scope, one.name)) for one in hold_by_hand.held_by_hand(session)]
    choices = hold_choices(hold_by_hand.NAMES)
    return render_template(
        "integration/page.html", groups=groups, held=held, hold_choices=choices, **_status()
    )


@pages.post("/integration/register")
@needs_role("admin")
def register() -> ResponseReturnValue:
    """Register with the OMS while the admin waits, and say what it said; ends a disable."""
    with read() as session:
        was_disabled = hold_integration.is_disabled(session)
    result = register_now(actor())
    tone: Tone = "ok" if result.registered else "warning"
    # What ended with the disable stands all over the page, so then the whole of it is shown anew.
    if wants_fragment() and not was_disabled:
        shown = render_template("integration/status.html", changed=True, **_status())
        return with_toast(shown, result.sentence, tone)
    flash(result.sentence, tone)
    return go_to(url_for("integration.show"))


@pages.post("/integration/self-test")
@needs_role("admin")
def self_test() -> ResponseReturnValue:
    """Send a signed callback to ourselves by the address the OMS was given, and say what came of it."""
    result = call_ourselves()
    tone: Tone = "ok" if result.arrived else "warning"
    if wants_fragment():
        return with_toast(render_template("integration/status.html", **_status()), result.sentence, tone)
    flash(result.sentence, tone)
    return go_to(url_for("integration.show"))


@pages.get("/integration/disable")
@needs_role("admin")
def ask_to_disable() -> ResponseReturnValue:
    """What disabling does, asked before it is done."""
    page = "integration/disable_form.html" if wants_fragment() else "integration/disable.html"
    return render_template(page, form=DisableForm())


@pages.post("/integration/disable")
@needs_role("admin")
def disable() -> ResponseReturnValue:
    """Hold what goes out and turn away what comes in; before that, leave the OMS where that is asked for."""
    left, told = unregister_now(actor()) if DisableForm().unregister.data else (True, "")
    with transaction() as session:
        hold_integration.disable(session, actor())
    words = "The integration is disabled. Messages to the OMS are held, its calls are turned away."
    flash(f"{words} {told}".strip(), "info" if left else "warning")
    return go_to(url_for("integration.show"))


@pages.post("/integration/enable")
@needs_role("admin")
def enable() -> ResponseReturnValue:
    """End a disable; what was held goes, in order."""
    with transaction() as session:
        released = hold_integration.enable(session, actor())
    went = f" {plural(released, 'message')} that were held go now." if released else ""
    flash(f"The integration is enabled.{went}", "ok")
    return go_to(url_for("integration.show"))


@pages.post("/integration/export-covered")
@needs_role("operator")
def export_waiting() -> ResponseReturnValue:
    """Export the orders that the trigger statuses cover now."""
    done = export_covered(actor())
    words = [f"{plural(done.exported, 'order')} on the way to the OMS."]
    if done.held:
        words.append(f"{plural(done.held, 'order')} held for review.")
    if done.left:
        words.append(f"{plural(done.left, 'order')} could not be broken down into lines; each says why.")
    if done.more:
        words.append("There are more; press again for the rest.")
    flash(" ".join(words), "warning" if done.left else "ok")
    return go_to(f"{url_for('integration.show')}#export")


def _status() -> dict[str, object]:
    with read() as session:
        seen = read_integration(session, REGISTER)
    topics = seen.seen.registered_topics.split()
    return {
        "it": seen,
        "version": product_version(),
        "callback_url": callback_url(seen.settings),
        "topics": topics,
        "topics_in_use": subscribed_topics(),
        "paused": paused_words(seen.standing.paused) if seen.standing.paused else "",
        "outages": [(one.at, outage_words(one.lane, opened=one.opened), one.reason) for one in seen.outages],
        "seconds": SECONDS_BETWEEN,
        "most_skew": SKEW_SECONDS,
        "telling": _telling(seen),
        "tried_for": timedelta(seconds=current_config().retry_window_seconds),
        "first_wait": timedelta(seconds=current_config().retry_base_seconds),
    }


def _telling(seen: Integration) -> dict[str, Any]:
    """Whether anyone is told of what needs a person, and whether the last of it arrived (F04)."""
    by_mail = seen.settings.is_set("alerts.email")
    return {
        "to_anyone": by_mail or seen.settings.is_set("alerts.webhook_url"),
        "no_mail_server": by_mail and current_config().smtp_url is None,
        "last": [(WAYS[way], notice) for way, notice in seen.notices.items()],
    }
