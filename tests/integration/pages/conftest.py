"""Who looks at the pages."""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from flask import Flask

from tests.fixtures.entrances import SECRET, Store
from tests.fixtures.people import Person
from tests.fixtures.picky_oms import PickyOms, picky_oms
from webapp import security


@pytest.fixture(autouse=True)
def _passwords_hashed_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same hash with less work: each test makes people and signs them in."""
    monkeypatch.setattr(security, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


@pytest.fixture
def stranger(app: Flask) -> Person:
    """An admin who has not signed in."""
    return Person(app)


@pytest.fixture
def admin(stranger: Person) -> Person:
    """An admin, signed in."""
    assert stranger.sign_in().status == 303
    return stranger


@pytest.fixture
def operator(app: Flask) -> Person:
    """An operator, signed in."""
    return _signed_in(app, "operator")


@pytest.fixture
def viewer(app: Flask) -> Person:
    """A viewer, signed in."""
    return _signed_in(app, "viewer")


def _signed_in(app: Flask, role: str) -> Person:
    person = Person(app, role)
    assert person.sign_in().status == 303
    return person


@pytest.fixture
def far_oms(store: Store) -> Iterator[PickyOms]:
    """The OMS everything goes to; it takes all calls until told otherwise."""
    with picky_oms() as oms:
        store.set(oms__url=oms.url, oms__secret=SECRET)
        yield oms
