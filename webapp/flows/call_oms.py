"""Calling the OMS: the client built from the settings in force, and the one token of all workers.

Whoever fetches a new token holds a lease on the connection's row, never a lock or a transaction while
asking (house rule 2); the others wait for what it brings.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from threading import Event

from sqlalchemy import or_, update

from webapp import clock
from webapp.config import product_version
from webapp.domain.outcome import Outcome, Verdict
from webapp.domain.settings import Settings
from webapp.domain.states import Endpoint
from webapp.extensions import read, transaction
from webapp.flows.confirm_existing import confirm_existing
from webapp.messaging.claims import Claimed
from webapp.models.settings import Connection
from webapp.models.stored_settings import read_settings
from webapp.oms.client import Client, Target, TokenSource
from webapp.oms.phrases import ALREADY_EXISTS
from webapp.oms.token import Credentials, fetch_token
from webapp.oms.topics import order_create

OMS = Endpoint.OMS.value
TOKEN_LEASE = timedelta(seconds=30)
TOKEN_LOOKS = 60
TOKEN_LOOK_SECONDS = 0.5


@dataclass(slots=True)
class OmsSender:
    """Sends journaled messages to the OMS over one client (messaging's `Sender`)."""

    client: Client | None
    window: int
    timeout: float

    def send(self, claimed: Claimed) -> Outcome:
        """One call; without an address the message is given back, to be held by the sweep."""
        if self.client is None:
            return Outcome(Verdict.UNSENT, "No OMS address is set.", retry_after=5)
        subject = f"order {claimed.order_number}" if claimed.order_number else claimed.key.split(":", 2)[-1]
        outcome = self.client.call(claimed.topic, claimed.payload, claimed.uid, subject=subject)
        if outcome.cause == ALREADY_EXISTS and claimed.topic == order_create.TOPIC:
            return confirm_existing(self.client, claimed, outcome)
        return outcome


@contextmanager
def open_sender() -> Iterator[OmsSender]:
    """A sender by the settings in force now; what it saw of the OMS is kept at the end."""
    with read() as session:
        settings = read_settings(session)
    client = open_client(settings) if settings.is_set("oms.url") else None
    try:
        yield OmsSender(client, settings.number("oms.concurrency"), settings.number("oms.timeout_seconds"))
    finally:
        if client is not None:
            client.close()


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
        if session.get(Connection, OMS) is None:
            session.add(Connection(endpoint=OMS, registered_topics="", registration_error=""))
            session.flush()
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
