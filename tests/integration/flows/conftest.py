"""What stands at the far ends, for the tests of this folder: a real sandbox OMS, a mail server, a webhook."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from tests.fixtures.entrances import Store
from tests.fixtures.far_side import FarSide, far_side
from tests.fixtures.mail_server import MailServer, mail_server
from tests.fixtures.time import MovingClock
from tests.integration.flows.alerted import set_settings
from tests.sandbox_process import SandboxProcess, start_sandbox
from webapp.config import Config


@pytest.fixture(scope="session")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """One process for the tests of this folder."""
    sandbox = start_sandbox(tmp_path_factory.mktemp("sandbox"), pace=0.02)
    yield sandbox
    sandbox.stop()


@pytest.fixture
def sandbox(sandbox_process: SandboxProcess, store: Store) -> Iterator[SandboxProcess]:
    """That process with nothing in its memory; it is where the store's orders go. Tests speak for it."""
    sandbox_process.control("reset")
    sandbox_process.control("auto", {"enabled": False})
    store.set(oms__url=f"{sandbox_process.url}/")
    yield sandbox_process
    sandbox_process.control("reset")


@pytest.fixture
def mail() -> Iterator[MailServer]:
    """A mail server."""
    with mail_server() as server:
        yield server


@pytest.fixture
def told(app_context: Flask, config: Config, mail: MailServer, moving_clock: MovingClock) -> MailServer:
    """The mail server that is set, and someone to be told; the OMS has an address."""
    app_context.config["CONNECTOR"] = replace(config, smtp_url=mail.url)
    set_settings(
        alerts__email="ada@example.com, bob@example.com",
        oms__url="http://127.0.0.1:9/",
        oms__callback_url="https://shop.example.com/oms/callbacks",
    )
    return mail


@pytest.fixture
def webhook(told: MailServer) -> Iterator[FarSide]:
    """A webhook as well; what it was posted is in `asked`."""
    with far_side() as side:
        set_settings(alerts__webhook_url=side.url, alerts__webhook_secret="between us")
        yield side
