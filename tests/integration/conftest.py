"""The store and the OMS that call the connector, for all tests that go in by its entrances."""

import pytest
from flask import Flask

from tests.fixtures.entrances import SECRET, CallingOms, Store


@pytest.fixture
def store(app: Flask) -> Store:
    """A store that may do everything a token can; no OMS is set, so what is for it is held."""
    store = Store(app)
    store.set()
    return store


@pytest.fixture
def oms(store: Store) -> CallingOms:
    """An OMS that calls; the secret it signs with is known here."""
    store.set(oms__secret=SECRET)
    return CallingOms(store.app)
