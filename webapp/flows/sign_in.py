"""Signing in, with failed tries counted so that a password cannot be guessed; changing the password.

Counted in the database, so that every process knows of every try and a restart forgets none.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from hmac import compare_digest

import structlog
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.config import Config
from webapp.extensions import current_config, read, transaction
from webapp.flows.people import LONGEST_PASSWORD, SHORTEST_PASSWORD
from webapp.models.accounts import AuditEntry, SignInTry, User
from webapp.security import SignedIn, check_password, hash_password

log = structlog.get_logger(__name__)

# So many failed tries within the time, then no more: with one e-mail from one address, and from one
# address with whatever e-mails.
TRIES_WITH_ONE_EMAIL = 5
TRIES_FROM_ONE_ADDRESS = 50
COUNTED_FOR = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class TooManyTries:
    """No further try is looked at for so many seconds."""

    seconds: int


def sign_in(email: str, password: str, address: str) -> SignedIn | TooManyTries | None:
    """The person whose e-mail and password these are, None for a stranger.

    While there were too many tries even the right password is not looked at.
    """
    pair, source = _hashed(f"{email.strip().lower()} {address}"), _hashed(address)
    with read() as session:
        wait = _wait(session, pair, source)
    if wait is not None:
        log.warning("sign_in_throttled", address=address)
        return wait
    # No e-mail holds a NUL, and PostgreSQL refuses to be asked for one.
    person = None if "\x00" in email else check_password(email, password)
    with transaction() as session:
        if person is None:
            log.warning("sign_in_failed", address=address)
            session.execute(delete(SignInTry).where(SignInTry.at < clock.now() - COUNTED_FOR))
            session.add(SignInTry(pair=pair, address=source, at=clock.now()))
            return None
        session.execute(delete(SignInTry).where(SignInTry.pair == pair))
        session.get_one(User, person.user_id).last_seen_at = clock.now()
    return person


def change_password(person: SignedIn, current: str, new: str) -> SignedIn | str:
    """Give the person a new password and end their sessions; gives them as signed in anew, or why not.

    A password that was generated for them is not kept in the home any longer.
    """
    if check_password(person.email, current) is None:
        return "That is not your password now."
    if not SHORTEST_PASSWORD <= len(new) <= LONGEST_PASSWORD:
        return f"Expected at least {SHORTEST_PASSWORD} characters."
    with transaction() as session:
        user = session.get_one(User, person.user_id)
        user.password_hash, user.session_key = hash_password(new), secrets.token_hex(16)
        session.add(
            AuditEntry(at=clock.now(), actor=user.email, action="password changed", subject=user.email)
        )
    _forget_generated(current_config(), current)
    return SignedIn(user)


def _wait(session: Session, pair: str, source: str) -> TooManyTries | None:
    since = clock.now() - COUNTED_FOR
    limits = (
        (SignInTry.pair == pair, TRIES_WITH_ONE_EMAIL),
        (SignInTry.address == source, TRIES_FROM_ONE_ADDRESS),
    )
    for which, most in limits:
        # The try that has to leave the count before another may be made.
        blocking = session.scalar(
            select(SignInTry.at)
            .where(which, SignInTry.at >= since)
            .order_by(SignInTry.at.desc())
            .offset(most - 1)
            .limit(1)
        )
        if blocking is not None:
            return TooManyTries(max(1, round((blocking - since).total_seconds())))
    return None


def _forget_generated(config: Config, password: str) -> None:
    file = config.admin_password_file
    if file.exists() and compare_digest(file.read_bytes().strip(), password.encode()):
        file.unlink()


def _hashed(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
