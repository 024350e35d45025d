"""Calling the OMS: the client built from the settings in force, and the one token of all workers.

Whoever fetches a new token holds a lease on the connection's row, never a lock or a transaction while
asking (house rule 2); the others wait for what it brings.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event

import structlog
from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from webapp import clock
from webapp.config import product_version
from webapp.domain.outcome import Outcome, Verdict
from webapp.domain.settings import Settings
from webapp.extensions import read, transaction
from webapp.flows import see_oms
from webapp.flows.confirm_existing import confirm_existing
from webapp.messaging.aside import Aside
from webapp.messaging.claims import Claimed
from webapp.models.settings import Connection
from webapp.models.stored_settings import read_settings
from webapp.oms.answers import Asked
from webapp.oms.client import Client, Target, TokenSource
from webapp.oms.phrases import ALREADY_EXISTS
from webapp.oms.registration import REGISTER, with_secret, without_secret
from webapp.oms.token import Credentials, fetch_token
from webapp.oms.topics import order_create
from webapp.oms.window import Window

log = structlog.get_logger(__name__)

OMS = see_oms.OMS
TOKEN_LEASE = timedelta(seconds=30)
TOKEN_LOOKS = 20
TOKEN_LOOK_SECONDS = 0.5


class OmsSender:
    """Sends journaled messages to the OMS over one window of calls (messaging's `Sender`).

    The client is made for the first message: who only has callbacks to apply needs none.
    """

    def __init__(self, settings: Settings) -> None:
        self.window: int = settings.number("oms.concurrency")
        self.timeout: float = settings.number("oms.timeout_seconds")
        self._settings = settings
        self._has_address = settings.is_set("oms.url")
        self._client: Client | None = None
        self._calls: Window[Claimed] | None = None
        self._ended: list[tuple[Claimed, Outcome]] = []
        self._aside = Aside()
        self._taken_at: datetime | None = None
        self._skew: float | None = None

    def start(self, claimed: Claimed) -> None:
        """Begin one call; without an address the message is given back, to be held by the sweep."""
        if not self._has_address:
            outcome = Outcome(Verdict.UNSENT, "No OMS address is set.", retry_after=5)
            self._ended.append((claimed, outcome))
            return
        body = claimed.payload
        if claimed.topic == REGISTER:
            body = with_secret(body, self._settings.text("oms.secret"))
        self._open()[1].start(claimed, Asked(claimed.topic, claimed.uid, _subject(claimed)), body)

    def ended(self, seconds: float) -> list[tuple[Claimed, Outcome]]:
        """What has ended, at the latest after `seconds` without any, or when woken."""
        if self._calls is not None:
            for claimed, outcome in self._calls.ended(0.0 if self._ended else seconds):
                self._judge(claimed, outcome)
        self._ended += self._aside.ended()
        ended, self._ended = self._ended, []
        for _, outcome in ended:
            if outcome.verdict is Verdict.SUCCEEDED:
                self._taken_at, self._skew = clock.now(), outcome.clock_skew_seconds
        return ended

    def wake(self) -> None:
        """Let `ended` return soon; from any thread."""
        if self._calls is not None:
            self._calls.wake()

    def close(self) -> None:
        """Close the connections, and keep what was seen of the OMS."""
        self._aside.close()
        if self._calls is not None:
            self._calls.close()
        if self._client is not None:
            self._client.close()
        if self._taken_at is not None:
            try:
                with transaction() as session:
                    see_oms.note_call_out(session, self._taken_at, self._skew)
            except SQLAlchemyError:
                # Failure policy: what was seen is for the page alone; the messages are settled by now.
                log.warning("oms_not_noted", exc_info=True)

    def _open(self) -> tuple[Client, Window[Claimed]]:
        if self._client is None or self._calls is None:
            self._client = open_client(self._settings)
            self._calls = Window(self._client)
        return self._client, self._calls

    def _judge(self, claimed: Claimed, outcome: Outcome) -> None:
        if claimed.topic == REGISTER:
            secret = self._settings.text("oms.secret")
            outcome = replace(outcome, answer=without_secret(outcome.answer, secret))
        if outcome.cause == ALREADY_EXISTS and claimed.topic == order_create.TOPIC:
            client, calls = self._open()
            self._aside.ask(claimed, lambda: confirm_existing(client, claimed, outcome), calls.wake)
        else:
            self._ended.append((claimed, outcome))


def _subject(claimed: Claimed) -> str:
    return f"order {claimed.order_number}" if claimed.order_number else claimed.key.split(":", 2)[-1]


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
    target = target_of(settings)
    return Client(target, _token_source(target, settings), now=clock.now)


def target_of(settings: Settings) -> Target:
    """Where the OMS is and how it is spoken to."""
    secrets = settings.secrets("oms.secret")
    return Target(
        url=settings.text("oms.url"),
        paths="bus" if settings.text("oms.paths") == "bus" else "single",
        endpoint=settings.text("oms.endpoint"),
        secret=secrets[0] if secrets else "",
        previous_secret=secrets[1] if len(secrets) > 1 else "",
        signature="sha256" if settings.text("oms.signature") == "sha256" else "sha1",
        timeout_seconds=settings.number("oms.timeout_seconds"),
        concurrency=settings.number("oms.concurrency"),
        ca_file=settings.text("oms.ca_file") or None,
        allow_addresses=settings.codes("oms.allow_addresses"),
        version=product_version(),
    )


def _token_source(target: Target, settings: Settings) -> TokenSource | None:
    if not settings.is_set("oms.token_url"):
        return None
    credentials = _credentials(settings)
    asking = Client(target, now=clock.now)
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # the object behind the proxy

    def token(turned_down: str | None) -> str | Outcome:
        with app.app_context():
            for _ in range(TOKEN_LOOKS):
                if (kept := _kept_token(turned_down)) is not None:
                    return kept
                if isinstance(taken := _take_lease(turned_down), str):
                    return taken
                if taken:
                    return _fetch(asking, credentials)
                Event().wait(TOKEN_LOOK_SECONDS)
        return Outcome(Verdict.SILENT, "No token for the OMS could be had in time.", "oms.token")

    return token


def _kept_token(turned_down: str | None) -> str | None:
    with read() as session:
        row = session.get(Connection, OMS)
    return None if row is None else _token_of(row, turned_down)


def _token_of(row: Connection, turned_down: str | None) -> str | None:
    if row.token is None or row.token == turned_down:
        return None
    expired = row.token_expires_at is not None and row.token_expires_at <= clock.now()
    return None if expired else row.token


def _take_lease(turned_down: str | None) -> bool | str:
    """Whether the lease is ours now; or the token that another has brought since we looked."""
    now = clock.now()
    with transaction() as session:
        see_oms.make_sure_of_row(session)
        row = session.get_one(Connection, OMS, with_for_update=True)
        if (kept := _token_of(row, turned_down)) is not None:
            return kept
        if row.token_lease_until is not None and row.token_lease_until >= now:
            return False
        row.token_lease_until = now + TOKEN_LEASE
    return True


def _fetch(asking: Client, credentials: Credentials) -> str | Outcome:
    fetched = fetch_token(asking, credentials)
    with transaction() as session:
        # Locked before the settings are read: whoever changes them drops the token after this, or before.
        row = session.get_one(Connection, OMS, with_for_update=True)
        row.token_lease_until = None
        in_force = _credentials(read_settings(session)) == credentials
        if not isinstance(fetched, Outcome) and in_force:
            row.token = fetched.value
            row.token_expires_at = (
                None if fetched.expires_in is None else clock.now() + timedelta(seconds=fetched.expires_in)
            )
    return fetched if isinstance(fetched, Outcome) else fetched.value


def _credentials(settings: Settings) -> Credentials:
    return Credentials(
        settings.text("oms.token_url"), settings.text("oms.client_id"), settings.text("oms.client_secret")
    )
