"""Redis away under load, and back with nothing in it: intake goes on, everything is delivered (R2).

And two schedulers with two pools of workers at once: everything once.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.fixtures.entrances import CallingOms, Store
from tests.fixtures.far_side import FarSide, far_side
from tests.fixtures.magento_documents import an_item, an_order
from tests.fixtures.mail_server import mail_server
from tests.fixtures.picky_oms import CREATE
from tests.fixtures.waiting import wait_for
from tests.fixtures.worker_processes import environment_of, worker_processes
from webapp import create_app, embedded_redis
from webapp.config import Config
from webapp.domain.states import MessageStatus
from webapp.extensions import db, read, transaction
from webapp.messaging.journal import NewMessage, publish
from webapp.models.messages import Attempt, Message

UPDATED = "magento.sales.order_management.updated"
SECRET = "a secret that both sides know"


@pytest.fixture
def config(config: Config, tmp_path: Path) -> Config:
    """On a Redis that the test starts and stops itself."""
    return replace(config, redis_url=f"unix://{tmp_path / 'r.sock'}")


@pytest.fixture
def app(config: Config) -> Iterator[Flask]:
    """An app on that Redis."""
    app = create_app(config)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def start_redis(tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Start the server everybody looks for, with nothing in it."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        with (tmp_path / "redis.log").open("a") as log:
            command = embedded_redis.command(tmp_path / "r.sock", tmp_path)
            started.append(subprocess.Popen(command, stdout=log, stderr=log))
        wait_for(lambda: embedded_redis.answers(tmp_path / "r.sock"))
        return started[-1]

    yield start
    for one in started:
        one.kill()
        one.wait()


@contextmanager
def _scheduler(config: Config, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    with (config.home / "log").open("a") as log:
        command = [sys.executable, "-m", "workers.scheduler"]
        process = subprocess.Popen(command, env=environment_of(config) | more, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


class Load:
    """A store and an OMS that go on and on, each in a thread of its own, until told to stop."""

    def __init__(self, store: Store, oms: CallingOms) -> None:
        self.store, self.oms = store, oms
        self.answers: list[int] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=one) for one in (self._hand_in, self._call)]

    def __enter__(self) -> "Load":
        for one in self._threads:
            one.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for one in self._threads:
            one.join()

    def goes_on(self, many: int) -> None:
        """Return once so many more calls have been answered."""
        before = len(self.answers)
        wait_for(lambda: len(self.answers) >= before + many)

    def _hand_in(self) -> None:
        number = 0
        while not self._stop.is_set():
            number += 1
            document = an_order([an_item(1, "A", 1, 10)], 10, increment_id=f"{number:09}")
            self.answers.append(self.store.hand_in(document).status)

    def _call(self) -> None:
        number = 0
        while not self._stop.is_set():
            number += 1
            status = {"id": "000000001", "status": "APPROVED"}
            reply = self.oms.tell(UPDATED, {"order": status}, f"call-{number}")
            self.answers.append(reply.status if "result" in reply.said else 500)


def _open_messages() -> int:
    settled = (MessageStatus.SUCCEEDED, MessageStatus.SUPERSEDED)
    with read() as session:
        return session.scalar(select(func.count()).where(Message.status.not_in(settled))) or 0


def _ids(side: FarSide) -> set[str]:
    return {json.loads(one.body)["id"] for one in side.asked}


def test_redis_stopped_under_load_and_emptied_loses_nothing_and_refuses_nothing(
    app: Flask, config: Config, store: Store, start_redis: Callable[[], subprocess.Popen[bytes]]
) -> None:
    with ExitStack() as stack:
        side = stack.enter_context(far_side())
        store.set(oms__url=side.url, oms__secret=SECRET)
        server = start_redis()
        stack.enter_context(worker_processes(config, "orders,status_updates,retries"))
        stack.enter_context(_scheduler(config))
        with Load(store, CallingOms(app)) as load:
            load.goes_on(20)
            wait_for(lambda: len(side.asked) > 5)
            server.kill()
            server.wait()
            load.goes_on(80)
            start_redis()
            load.goes_on(20)
        assert set(load.answers) <= {200, 202}
        with app.app_context():
            wait_for(lambda: not _open_messages(), every=0.3)
            with read() as session:
                sent = set(session.scalars(select(Message.uid).where(Message.direction == "out")))
                received, creates = (
                    session.scalar(select(func.count()).where(Message.topic == topic))
                    for topic in (UPDATED, CREATE)
                )
        assert _ids(side) == sent
        assert creates == sum(one == 202 for one in load.answers)
        assert received == sum(one == 200 for one in load.answers)


def test_two_schedulers_and_two_pools_do_everything_once(
    app: Flask, config: Config, store: Store, start_redis: Callable[[], subprocess.Popen[bytes]]
) -> None:
    lanes = "orders,status_updates,jobs,retries"
    with ExitStack() as stack:
        side = stack.enter_context(far_side())
        mail = stack.enter_context(mail_server())
        store.set(oms__url=side.url, alerts__email="ada@example.com")
        with app.app_context(), transaction() as session:
            # Nobody rings for these: there is no Redis yet.
            many = [NewMessage("a.topic", "orders", f"order:{number}", b"{}") for number in range(200)]
            publish(session, [*many, NewMessage("b.topic", "orders", "order:x", b"x" * 3_000_000)], "a test")
        start_redis()
        for _ in range(2):
            stack.enter_context(worker_processes(config, lanes, SMTP_URL=mail.url))
            stack.enter_context(_scheduler(config, SMTP_URL=mail.url))
        with app.app_context():
            wait_for(lambda: _open_messages() == 1, every=0.2)
            wait_for(lambda: mail.mails)
            with read() as session:
                tries = session.scalar(select(func.count()).select_from(Attempt))
        assert (len(side.asked), tries) == (200, 201)
        assert [str(one["Subject"]).strip() for one in mail.mails] == [
            "[OMS Connector] 1 message failed: b.topic"
        ]
