"""Signing in and out, and one's own password."""

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from webapp.flows.people import LONGEST_EMAIL, LONGEST_PASSWORD, SHORTEST_PASSWORD
from webapp.flows.sign_in import TooManyTries, change_password
from webapp.flows.sign_in import sign_in as try_to_sign_in
from webapp.pages.htmx import go_to
from webapp.pages.redirects import local_path
from webapp.pages.words.amounts import plural
from webapp.security import needs_role

pages = Blueprint("session", __name__)

WRONG = "No account has this e-mail and this password. Check both; capital letters count in the password."


class SignInForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """Who wants in, and where to."""

    email = StringField(
        "E-mail",
        [InputRequired("Enter your e-mail."), Length(max=LONGEST_EMAIL)],
        # What cannot be typed was pasted along; no page may show it again.
        filters=[lambda typed: "".join(one for one in typed or "" if one.isprintable())],
    )
    password = PasswordField(
        "Password", [InputRequired("Enter your password."), Length(max=LONGEST_PASSWORD)]
    )
    next = HiddenField()


class PasswordForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """A new password, typed twice since it cannot be seen."""

    current = PasswordField("Your password now", [InputRequired("Enter the password you have now.")])
    new = PasswordField(
        "New password",
        [
            InputRequired("Enter a new password."),
            Length(SHORTEST_PASSWORD, LONGEST_PASSWORD, f"Expected at least {SHORTEST_PASSWORD} characters."),
        ],
        description=f"At least {SHORTEST_PASSWORD} characters. Several words are easier to keep than signs.",
    )
    again = PasswordField(
        "New password, once more", [EqualTo("new", "This is not the same as the new password above.")]
    )


@pages.route("/login", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """The sign-in form, and what becomes of it."""
    form = SignInForm(next=request.args.get("next", ""))
    target = local_path(form.next.data, url_for("overview.show"))
    if current_user.is_authenticated and request.method == "GET":
        return go_to(target)
    if not form.is_submitted():
        return render_template("auth/login.html", form=form)
    if not form.validate():
        return render_template("auth/login.html", form=form), 422
    person = try_to_sign_in(form.email.data, form.password.data, request.remote_addr or "")
    if isinstance(person, TooManyTries):
        minutes = plural(-(-person.seconds // 60), "minute")
        form.form_errors.append(f"Too many tries. Wait {minutes}, then try again.")
        return render_template("auth/login.html", form=form), 429, {"Retry-After": str(person.seconds)}
    if person is None:
        form.form_errors.append(WRONG)
        return render_template("auth/login.html", form=form), 401
    login_user(person)
    return go_to(target)


@pages.post("/logout")
@needs_role("viewer")
def sign_out() -> ResponseReturnValue:
    """End this session."""
    logout_user()
    flash("You are signed out.", "ok")
    return go_to(url_for("session.sign_in"))


@pages.route("/account", methods=["GET", "POST"])
@needs_role("viewer")
def account() -> ResponseReturnValue:
    """One's own account: a new password, which ends all sessions but this one."""
    form = PasswordForm()
    if not form.is_submitted():
        return render_template("auth/account.html", form=form)
    if form.validate():
        changed = change_password(current_user, form.current.data, form.new.data)
        if not isinstance(changed, str):
            login_user(changed)
            flash("Your password is changed. Wherever else you were signed in, you no longer are.", "ok")
            return go_to(url_for("session.account"))
        form.current.errors = [changed]
    return render_template("auth/account.html", form=form), 422
