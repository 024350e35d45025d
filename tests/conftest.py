"""Fixtures live in tests/fixtures, one subject a file."""

import hypothesis
import pytest

pytest_plugins = [
    "tests.fixtures.app",
    "tests.fixtures.browser",
    "tests.fixtures.databases",
    "tests.fixtures.product",
    "tests.fixtures.redis",
    "tests.fixtures.time",
]

# No test has a time limit; what a generated example takes says more about the machine than about the code.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

# What is costly to start is started once: tests that share it run in one process of the test run.
SHARED = {"product": "product", "living_product": "living"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of one costly fixture together; all processes of a run know a test by one name."""
    for item in items:
        assert " at 0x" not in item.name, f"{item.nodeid}: give its parameters ids that last"
        for fixture in SHARED.keys() & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.xdist_group(SHARED[fixture]))
