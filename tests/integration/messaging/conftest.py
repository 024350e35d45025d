"""What the tests of this folder share."""

import pytest

from tests.fixtures.time import MovingClock
from tests.integration.messaging.silence import Down


@pytest.fixture
def down(moving_clock: MovingClock) -> Down:
    """A far side that is silent until it is up."""
    return Down(moving_clock)
