"""Calling the OMS: the client built from the settings in force, and the one token of all workers.

Whoever fetches a new token holds a lease on the connection's row, never a lock or a transaction while
asking (house rule 2); the others wait for what it brings.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event, Lock

import structlog
from sqlalchemy import or_, update
from sqlalchemy.exc import SQLAlchemyError

from webapp import clock
from webapp.config import product_version
from webapp.domain.outcome import Outcome, Verdict
from webapp.domain.settings import Settings
from webapp.extensions import read, transaction
from webapp.flows import see_oms
from webapp.flows.confirm_existing import confirm_existing
from webapp.messaging.claims import Claimed
from webapp.models.settings import Connection
from webapp.models.stored_settings import read_settings
from webapp.oms.client import Client, Target, TokenSource
from webapp.oms.phrases import ALREADY_EXISTS
from webapp.oms.registration import REGISTER, with_secret, without_secret
from webapp.oms.token import Credentials, fetch_token
from webapp.oms.topics import order_create

log = structlog.get_logger(__name__)

OMS = see_oms.OMS
TOKEN_LEASE = timedelta(seconds=30)
TOKEN_LOOKS = 20
TOKEN_LOOK_SECONDS = 0.5


class OmsSender:
    """Sends journaled messages to the OMS over one client (messaging's `Sender`).

    The client is made for the first message: who only has callbacks to apply needs none.
    """

    def __init__(self, settings: Settings) -> None:
        self.window = settings.number("oms.concurrency")
        self.timeout: float = settings.number("oms.timeout_seconds")
        self._settings = settings
        self._opening = Lock()
        self._client: Client | None = None
        self._taken_at: datetime | None = None
        self._skew: float | None = None

    def send(self, claimed: Claimed) -> Outcome:
        """One call; without an address the message is given back, to be held by the sweep."""
        if not self._settings.is_set("oms.url"):
            return Outcome(Verdict.UNSENT, "No OMS address is set.", retry_after=5)
        client = self._open()
        subject = f"order {claimed.order_number}" if claimed.order_number else claimed.key.split(":", 2)[-1]
        if claimed.topic == REGISTER:
            outcome = self._register(client, claimed, subject)
        else:
            outcome = client.call(claimed.topic, claimed.payload, claimed.uid, subject=subject)
        if outcome.cause == ALREADY_EXISTS and claimed.topic == order_create.TOPIC:
            outcome = confirm_existing(client, claimed, outcome)
        if outcome.verdict is Verdict.SUCCEEDED:
            self._taken_at, self._skew = clock.now(), outcome.clock_skew_seconds
        return outcome

    def close(self) -> None:
        """Close the connections, and keep what was seen of the OMS."""
        if self._client is not None:
            self._client.close()
        if self._taken_at is not None:
            try:
                with transaction() as session:
                    see_oms.note_call_out(session, self._taken_at, self._skew)
            except SQLAlchemyError:
                # Failure policy: what was seen is for the page alone; the messages are settled by now.
                log.warning("oms_not_noted", exc_info=True)

    def _open(self) -> Client:
        with self._opening:
            if self._client is None:
                self._client = open_client(self._settings)
            return self._client

    def _register(self, client: Client, claimed: Claimed, subject: str) -> Outcome:
        secret = self._settings.text("oms.secret")
        outcome = client.call(
            claimed.topic, with_secret(claimed.payload, secret), claimed.uid, subject=subject
        )
        return replace(outcome, answer=without_secret(outcome.answer, secret))


@contextmanager
def open_sender() -> Iterator[OmsSender]:
    """A sender by the settings in force now; what it saw of the OMS is kept at the end."""
    with read() as session:
        sender = OmsSender(read_settings(session))
    try:
        yield sender
    finally:
        sender.close()


def open_client(settings: Settings) -> Client:
    """A client for the OMS as the settings say."""
    target = Target(
        url=settings.text("oms.url"),
        paths="bus" if settings.text("oms.paths") == "bus" else "single",
        endpoint=settings.text("oms.endpoint"),
        secret=settings.text("oms.secret"),
        signature="sha256" if settings.text("oms.signature") == "sha256" else "sha1",
        timeout_seconds=settings.number("oms.timeout_seconds"),
        concurrency=settings.number("oms.concurrency"),
        ca_file=settings.text("oms.ca_file") or None,
        allow_addresses=settings.codes("oms.allow_addresses"),
        version=product_version(),
    )
    return Client(target, _token_source(target, settings), now=clock.now)


def _token_source(target: Target, settings: Settings) -> TokenSource | None:
    if not settings.is_set("oms.token_url"):
        return None
    credentials = Credentials(
        settings.text("oms.token_url"), settings.text("oms.client_id"), settings.text("oms.client_secret")
    )
    asking = Client(target, now=clock.now)

    def token(turned_down: str | None) -> str | Outcome:
        for _ in range(TOKEN_LOOKS):
            if (kept := _kept_token(turned_down)) is not None:
                return kept
            if _take_lease():
                return _fetch(asking, credentials)
            Event().wait(TOKEN_LOOK_SECONDS)
        return Outcome(Verdict.SILENT, "No token for the OMS could be had in time.", "oms.token")

    return token


def _kept_token(turned_down: str | None) -> str | None:
    with read() as session:
        row = session.get(Connection, OMS)
    if row is None or row.token is None or row.token == turned_down:
        return None
    expired = row.token_expires_at is not None and row.token_expires_at <= clock.now()
    return None if expired else row.token


def _take_lease() -> bool:
    now = clock.now()
    with transaction() as session:
        see_oms.make_sure_of_row(session)
        taken = session.execute(
            update(Connection)
            .where(
                Connection.endpoint == OMS,
                or_(Connection.token_lease_until.is_(None), Connection.token_lease_until < now),
            )
            .values(token_lease_until=now + TOKEN_LEASE)
            .returning(Connection.endpoint)
        ).all()
    return bool(taken)


def _fetch(asking: Client, credentials: Credentials) -> str | Outcome:
    fetched = fetch_token(asking, credentials)
    with transaction() as session:
        row = session.get_one(Connection, OMS)
        row.token_lease_until = None
        if not isinstance(fetched, Outcome):
            row.token = fetched.value
            row.token_expires_at = (
                None if fetched.expires_in is None else clock.now() + timedelta(seconds=fetched.expires_in)
            )
    return fetched if isinstance(fetched, Outcome) else fetched.value
