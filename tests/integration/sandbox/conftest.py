"""A sandbox process and a connector that listens to it, for the tests of this folder."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.sandbox.driving import Control
from tests.integration.sandbox.listening_connector import SECRET, ListeningConnector
from tests.integration.sandbox.sandbox_calls import CREATE, REGISTER, do, order
from tests.sandbox_process import SandboxProcess, start_sandbox


@pytest.fixture(scope="module")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """One process for the tests of a file."""
    sandbox = start_sandbox(tmp_path_factory.mktemp("sandbox"), pace=0.02)
    yield sandbox
    sandbox.stop()


@pytest.fixture
def sandbox(sandbox_process: SandboxProcess) -> SandboxProcess:
    """That process with nothing in its memory."""
    sandbox_process.control("reset")
    sandbox_process.control("auto", {"pace": 0.02})
    return sandbox_process


@pytest.fixture
def connector() -> Iterator[ListeningConnector]:
    """Ears on a port of their own."""
    listening = ListeningConnector()
    yield listening
    listening.close()


@pytest.fixture
def registered(sandbox: SandboxProcess, connector: ListeningConnector) -> SandboxProcess:
    """The sandbox after the connector has registered, taking any SKU."""
    do(sandbox, REGISTER, connector.registration(), SECRET)
    sandbox.control("unknown_skus", {"refuse": False})
    return sandbox


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where a sandbox that is stopped and started again keeps its state."""
    return tmp_path / "oms"


@pytest.fixture
def control(registered: SandboxProcess, connector: ListeningConnector) -> Control:
    """`control("ship", {…})` on an order that is loaded and stands still; whatever is sent must be valid."""
    registered.control("auto", {"stop_after": "created"})
    do(registered, CREATE, order(), SECRET)
    connector.wait_for_taken(1)

    def act(name: str, told: object = None) -> Any:
        return registered.control(f"orders/000000042/{name}", told)

    return act
