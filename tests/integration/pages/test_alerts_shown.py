"""Alerts on the Integration page: who is told, a test of it, and whether the last of it arrived (F04)."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from tests.fixtures.far_side import FarSide, answer, far_side
from tests.fixtures.mail_server import MailServer, mail_server
from tests.fixtures.people import Person
from webapp.config import Config


@pytest.fixture
def mail(app: Flask, config: Config) -> Iterator[MailServer]:
    """The mail server of SMTP_URL."""
    with mail_server() as server:
        app.config["CONNECTOR"] = replace(config, smtp_url=server.url)
        yield server


@pytest.fixture
def webhook() -> Iterator[FarSide]:
    """Somewhere to post to."""
    with far_side() as side:
        yield side


def _save(person: Person, **entered: str) -> None:
    form = person.look("/integration").fields("/integration/settings/alerts")
    changed = {name.replace("__", "."): value for name, value in entered.items()}
    assert person.send("/integration/settings/alerts", form | changed).status == 303


def _test_alert(person: Person) -> str:
    page = person.look("/integration")
    action = "/integration/test-alert"
    assert person.send(action, page.fields(action)).headers["Location"] == "/integration#alerts"
    return person.look("/integration").of("notices")


def test_a_test_alert_goes_to_everyone_who_would_be_told(
    admin: Person, viewer: Person, mail: MailServer, webhook: FarSide
) -> None:
    assert "/integration/test-alert" not in admin.look("/integration").actions()
    _save(admin, alerts__email="ada@example.com", alerts__webhook_url=webhook.url)

    assert _test_alert(admin) == "E-mail: taken. Call of the webhook: taken."
    (told,) = mail.mails
    assert told["Subject"] == "[OMS Connector] Test alert"
    assert "alerts arrive here" in told.get_content()
    assert b"alerts arrive here" in webhook.asked[0].body
    seen = viewer.look("/integration").of("alerts")
    assert "The last e-mail was taken" in seen
    assert "The last call of the webhook was taken" in seen
    assert "/integration/test-alert" not in viewer.look("/integration").actions()
    assert viewer.send("/integration/test-alert", {}).status == 403


def test_what_was_not_taken_is_said_there_and_then_and_later(
    admin: Person, mail: MailServer, webhook: FarSide
) -> None:
    _save(admin, alerts__email="nobody@example.com", alerts__webhook_url=webhook.url)
    mail.answer = "550 No such user"
    webhook.replies.append(answer(404))
    said = _test_alert(admin)
    assert "E-mail: The mail server did not take it: 550 No such user" in said
    assert "Call of the webhook: The webhook answered HTTP 404." in said
    seen = admin.look("/integration").of("alerts")
    assert "was not taken. The mail server did not take it: 550 No such user" in seen


def test_without_a_mail_server_it_says_so(admin: Person) -> None:
    _save(admin, alerts__email="ada@example.com")
    assert "No mail server is set (SMTP_URL in the environment)" in admin.look("/integration").of("alerts")
    assert "E-mail: No mail server is set" in _test_alert(admin)
    _save(admin, alerts__email="")
    admin.send("/integration/test-alert", {})
    assert "Nobody is to be told yet" in admin.look("/integration").of("notices")


@pytest.mark.parametrize(
    "bad", ["ada", "ada@", "@example.com", "a b@example.com", "ada@example.com\nBcc: x@y", "a@b@c", "<a@b>"]
)
def test_only_addresses_are_taken(admin: Person, bad: str) -> None:
    form = admin.look("/integration").fields("/integration/settings/alerts")
    refused = admin.send("/integration/settings/alerts", form | {"alerts.email": f"ada@example.com, {bad}"})
    assert refused.status == 422
    assert "Expected e-mail addresses separated by commas" in refused.words
