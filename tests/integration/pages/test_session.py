"""Signing in and out, tries that are counted, and one's own password."""

from pathlib import Path

import pytest
from flask import Flask

from tests.fixtures.people import PASSWORD, Person
from tests.fixtures.time import MovingClock
from webapp.config import Config
from webapp.flows.sign_in import TRIES_WITH_ONE_EMAIL

NEW = "correct horse battery"


def test_pages_send_a_stranger_to_the_sign_in_page_and_back(stranger: Person) -> None:
    sent_away = stranger.look("/integration")
    assert sent_away.status == 302
    assert sent_away.headers["Location"] == "/login?next=/integration"

    form = stranger.look("/login?next=/integration").fields("/login")
    signed_in = stranger.send("/login", form | {"email": stranger.email, "password": PASSWORD})
    assert signed_in.status == 303
    assert signed_in.headers["Location"] == "/integration"
    assert stranger.look("/integration").status == 200


def test_a_fragment_is_told_where_to_sign_in(stranger: Person) -> None:
    answer = stranger.glance("/")
    assert answer.status == 401
    assert answer.headers["HX-Redirect"] == "/login"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1"]
)
def test_nobody_is_sent_elsewhere_after_signing_in(stranger: Person, elsewhere: str) -> None:
    assert stranger.sign_in(next=elsewhere).headers["Location"] == "/"


def test_a_wrong_password_says_so_and_lets_nobody_in(stranger: Person) -> None:
    refused = stranger.sign_in("not it")
    assert refused.status == 401
    assert "No account has this e-mail and this password." in refused.words
    assert stranger.look("/").status == 302


def test_an_unknown_person_is_answered_as_a_known_one_is(stranger: Person) -> None:
    known, unknown = stranger.sign_in("not it"), stranger.sign_in("not it", email="nobody@example.com")
    assert (unknown.status, unknown.of("main")) == (known.status, known.of("main"))


@pytest.mark.parametrize("email", ["", "a\x00b@example.com", "x" * 5000, "\udcff@example.com"])
def test_odd_emails_are_refused_in_words(stranger: Person, email: str) -> None:
    assert stranger.sign_in(email=email.encode("utf-8", "replace").decode()).status in (400, 401, 422)


def test_a_form_without_its_token_changes_nothing(stranger: Person) -> None:
    answer = stranger.client.post("/login", data={"email": stranger.email, "password": PASSWORD})
    assert answer.status_code == 400
    assert "Your session ended" in answer.text
    assert stranger.look("/").status == 302


def test_after_too_many_tries_even_the_right_password_waits(
    stranger: Person, moving_clock: MovingClock
) -> None:
    for _ in range(TRIES_WITH_ONE_EMAIL):
        assert stranger.sign_in("not it").status == 401
    refused = stranger.sign_in()
    assert refused.status == 429
    assert "Wait 15 minutes, then try again." in refused.words
    assert refused.headers["Retry-After"] == "900"

    moving_clock.advance(minutes=14, seconds=59)
    assert stranger.sign_in().status == 429
    moving_clock.advance(seconds=2)
    assert stranger.sign_in().status == 303


def test_a_throttled_person_does_not_keep_others_out(app: Flask, stranger: Person) -> None:
    for _ in range(TRIES_WITH_ONE_EMAIL):
        stranger.sign_in("not it")
    assert Person(app, "viewer").sign_in().status == 303


def test_signing_in_forgets_the_tries_before_it(stranger: Person) -> None:
    for _ in range(3):
        for _ in range(TRIES_WITH_ONE_EMAIL - 1):
            assert stranger.sign_in("not it").status == 401
        assert stranger.sign_in().status == 303
        stranger.client.post("/logout", data={"csrf_token": stranger.token()})


def test_signing_out_ends_the_session(admin: Person) -> None:
    left = admin.send("/logout", {})
    assert (left.status, left.headers["Location"]) == (303, "/login")
    assert "You are signed out." in admin.look("/login").words
    assert admin.look("/").status == 302


def test_who_is_signed_in_is_not_asked_again(admin: Person) -> None:
    assert admin.look("/login?next=/account").headers["Location"] == "/account"


def test_a_changed_password_ends_all_other_sessions(app: Flask, admin: Person) -> None:
    elsewhere = app.test_client()
    page = elsewhere.get("/login").text
    token = page.split('name="csrf" content="')[1].split('"')[0]
    elsewhere.post("/login", data={"email": admin.email, "password": PASSWORD, "csrf_token": token})
    assert elsewhere.get("/").status_code == 200

    changed = admin.send("/account", {"current": PASSWORD, "new": NEW, "again": NEW})
    assert changed.status == 303
    assert "Your password is changed." in admin.look("/account").words
    assert elsewhere.get("/").status_code == 302

    admin.send("/logout", {})
    assert admin.sign_in(PASSWORD).status == 401
    assert admin.sign_in(NEW).status == 303


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"current": "not it", "new": NEW, "again": NEW}, "That is not your password now."),
        ({"current": PASSWORD, "new": "short", "again": "short"}, "Expected at least 8 characters."),
        ({"current": PASSWORD, "new": NEW, "again": NEW + "!"}, "This is not the same as the new password"),
        ({"current": "", "new": NEW, "again": NEW}, "Enter the password you have now."),
    ],
)
def test_a_password_that_cannot_be_says_why_and_changes_nothing(
    admin: Person, fields: dict[str, str], says: str
) -> None:
    refused = admin.send("/account", fields)
    assert refused.status == 422
    assert says in refused.words
    admin.send("/logout", {})
    assert admin.sign_in().status == 303


def test_the_generated_password_is_kept_until_that_password_is_changed(
    app: Flask, admin: Person, viewer: Person, config: Config
) -> None:
    file: Path = config.admin_password_file
    file.write_text(f"{PASSWORD}-of-the-first-admin")
    viewer.send("/account", {"current": PASSWORD, "new": NEW, "again": NEW})
    assert file.exists(), "somebody else's password was changed"

    file.write_text(PASSWORD)
    admin.send("/account", {"current": PASSWORD, "new": NEW, "again": NEW})
    assert not file.exists()
