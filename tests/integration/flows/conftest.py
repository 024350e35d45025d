"""A real sandbox OMS at the far end, for the tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.fixtures.entrances import Store
from tests.sandbox_process import SandboxProcess, start_sandbox


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
