"""Messages written, taken and settled as flows and workers do it, and what the journal then says."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Thread

from flask import Flask, current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.domain.outcome import Outcome, Verdict
from webapp.domain.states import Endpoint, MessageStatus
from webapp.extensions import read, transaction
from webapp.messaging import claims
from webapp.messaging.claims import Claimed
from webapp.messaging.journal import NewMessage, publish, receive
from webapp.messaging.recording import Handlers
from webapp.messaging.sending import Pair, fault
from webapp.messaging.settlement import settle
from webapp.models.messages import Attempt, Message, Transition

LANE = "orders"
# What a worker whose calls take up to 15 s holds its messages for.
LEASE = claims.lease_for(15.0)
LEASE_SECONDS = LEASE.total_seconds()
TAKEN = Outcome(Verdict.SUCCEEDED)
SILENT = Outcome(Verdict.SILENT, "No answer within 15 s.", cause="oms.timeout")
REFUSED = Outcome(Verdict.REFUSED, "The OMS refused it.", cause="oms.refused.-32602")


def new(
    key: str,
    payload: bytes = b"{}",
    *,
    topic: str = "test.topic",
    lane: str = LANE,
    endpoint: Endpoint = Endpoint.OMS,
    blocks_key: bool = False,
    position: int | None = None,
    wire_id: str | None = None,
    order_number: str | None = None,
) -> NewMessage:
    """A message to be written down."""
    return NewMessage(
        topic,
        lane,
        key,
        payload,
        endpoint=endpoint,
        blocks_key=blocks_key,
        position=position,
        wire_id=wire_id,
        order_number=order_number,
    )


def published(*messages: NewMessage) -> list[int]:
    """Published together in one transaction."""
    with transaction() as session:
        return publish(session, messages, "a test")


def publish_one(key: str, payload: bytes = b"{}", *, blocks_key: bool = False) -> int:
    """One message published by itself."""
    return published(new(key, payload, blocks_key=blocks_key))[0]


def received(message: NewMessage) -> int:
    """One message as it came in."""
    with transaction() as session:
        return receive(session, message, "OMS").id


def row(message_id: int) -> Message:
    """The message as the journal has it."""
    with read() as session:
        return session.get_one(Message, message_id)


def status(message_id: int) -> MessageStatus:
    """Where the message stands."""
    return row(message_id).status


def tries_of(message_id: int) -> list[Attempt]:
    """Its tries, in order."""
    with read() as session:
        wanted = select(Attempt).where(Attempt.message_id == message_id).order_by(Attempt.id)
        return list(session.scalars(wanted))


def changes_of(message_id: int) -> list[tuple[MessageStatus, MessageStatus, str]]:
    """Its changes of state that no try explains: from, to, why."""
    with read() as session:
        wanted = select(Transition).where(Transition.message_id == message_id).order_by(Transition.id)
        return [(one.before, one.after, one.reason) for one in session.scalars(wanted)]


def claimable(lane: str = LANE) -> list[int]:
    """Which messages a worker would be given now; they are not taken."""
    with read() as session:
        due = (Message.lane == lane, claims.is_in(*claims.WAITING), Message.next_try_at <= clock.now())
        wanted = select(Message.id).where(*due, claims.is_head(), ~claims.is_held()).order_by(Message.id)
        return list(session.scalars(wanted))


def claim(limit: int = 100, lane: str = LANE) -> list[Claimed]:
    """Taken as a worker does it."""
    return claims.claim(lane, limit, LEASE)


def claim_one(lane: str = LANE) -> Claimed:
    """The one message there is to take."""
    (claimed,) = claim(lane=lane)
    return claimed


def settled(claimed: Claimed, outcome: Outcome = TAKEN) -> bool:
    """Whether the try could be settled so."""
    with transaction() as session:
        return bool(settle(session, [(claimed, outcome)]))


def try_once(outcome: Outcome, lane: str = LANE) -> int:
    """Take the one message that is due and settle it so; gives its id."""
    claimed = claim_one(lane)
    assert settled(claimed, outcome)
    return claimed.id


@dataclass
class Sink:
    """A far side in the test's own process: keeps what came, in order, and answers by `answer`."""

    answer: Callable[[Claimed], Outcome] = lambda _: TAKEN
    window: int = 4
    timeout: float = 5.0
    came: list[Claimed] = field(default_factory=list)
    back: SimpleQueue[Pair | None] = field(default_factory=SimpleQueue)

    def start(self, claimed: Claimed) -> None:
        """Take one call."""
        self.came.append(claimed)
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # behind the proxy

        def call() -> None:
            with app.app_context():
                try:
                    outcome = self.answer(claimed)
                except Exception as error:  # noqa: BLE001 - a test may raise what it likes
                    outcome = fault(error)
            self.back.put((claimed, outcome))

        Thread(target=call, daemon=True).start()

    def ended(self, seconds: float) -> list[Pair]:
        """What has been answered."""
        try:
            ended = self.back.get(timeout=seconds)
        except Empty:
            return []
        return [ended] if ended else []

    def wake(self) -> None:
        """Whoever waits is let go."""
        self.back.put(None)

    @property
    def bodies(self) -> list[bytes]:
        """The bodies that came, in order."""
        return [one.payload for one in self.came]


def _apply_nothing(_session: Session, _claimed: Claimed) -> Outcome:
    return TAKEN


def _nothing_follows(_session: Session, _ended: Sequence[Pair]) -> None:
    return None


def handlers(
    sink: Sink | None = None,
    *,
    apply: Callable[[Session, Claimed], Outcome] = _apply_nothing,
    after: Callable[[Session, Sequence[Pair]], None] = _nothing_follows,
) -> Handlers:
    """What a worker is handed: a far side, and what follows."""

    @contextmanager
    def open_sender() -> Iterator[Sink]:
        yield sink or Sink()

    return Handlers(open_sender, apply, after)


def ids(claimed: Iterable[Claimed]) -> list[int]:
    """The messages' ids."""
    return [one.id for one in claimed]
