"""`kill -9` of a worker between claim and settlement: the order still arrives, once (R1, R1b)."""

import socket
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta

import msgspec
import pytest
from flask import Flask
from sqlalchemy import select

from tests.fixtures.far_side import Asked, FarSide, far_side, taken
from tests.fixtures.magento_documents import an_item, an_order
from tests.fixtures.waiting import wait_for
from tests.fixtures.worker_processes import kill_workers, worker_processes
from tests.integration.messaging.journaled import row, status, tries_of
from webapp import clock
from webapp.config import Config
from webapp.domain.states import ExportState, MessageStatus
from webapp.extensions import read, transaction
from webapp.flows.accept_order import accept_order
from webapp.flows.change_settings import change_settings
from webapp.messaging import bell
from webapp.messaging.claims import lease_for
from webapp.models.orders import Order
from webapp.oms.topics import order_create
from webapp.oms.wire import decode

S = MessageStatus
CREATE = order_create.TOPIC.encode()


@pytest.fixture
def listening_oms(app_context: Flask) -> Iterator[FarSide]:
    """An OMS that takes everything, but hangs the first time it is told of an order."""
    with far_side() as side:

        def hang_once(connection: socket.socket, asked: Asked) -> bool:
            told = [one for one in side.asked if one.body == asked.body]
            return (side.hang if CREATE in asked.body and len(told) == 1 else taken)(connection, asked)

        side.replies += [hang_once] * 20
        with transaction() as session:
            change_settings(session, {"oms.url": side.url}, "a test")
        yield side


@pytest.fixture
def workers(config: Config) -> Iterator[subprocess.Popen[bytes]]:
    """The lane's real worker processes."""
    with worker_processes(config, "orders") as pool:
        yield pool


def _hand_in() -> list[int]:
    document = an_order([an_item(1, "MT07-M", 1, 20)], 20, status="processing", state="processing")
    body = msgspec.json.encode(document)
    return list(accept_order(decode(body), body, "the store").message_ids)


def test_the_order_still_arrives_and_is_settled_once(
    listening_oms: FarSide, workers: subprocess.Popen[bytes], work_off: Callable[..., None]
) -> None:
    *products, create = _hand_in()
    wait_for(lambda: any(CREATE in one.body for one in listening_oms.asked))
    kill_workers(workers)
    assert status(create) is S.IN_FLIGHT

    a_lease_later = clock.now() + lease_for(15) + timedelta(seconds=1)
    with clock.running_at(lambda: a_lease_later):
        assert bell.ring_sweep()
        work_off("retries", "orders")
        work_off("retries", "orders")

    assert status(create) is S.SUCCEEDED
    assert [(one.verdict, one.struck) for one in tries_of(create)] == [("fault", False), ("succeeded", False)]
    assert {status(one) for one in products} == {S.SUCCEEDED}
    assert len(listening_oms.asked) == len(products) + 2
    first, second = (one for one in listening_oms.asked if CREATE in one.body)
    assert first.body == second.body == row(create).payload
    assert msgspec.json.decode(second.body)["id"] == row(create).uid
    with read() as session:
        order = session.scalars(select(Order)).one()
    assert order.export_state is ExportState.SENT
