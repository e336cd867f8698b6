"""What do the tests of faults share?  What they measured, and how often they do it."""

from collections.abc import Iterator

import pytest

from faults.catalogue import Measured, Rounds

BUSY = 3.0
"""Times as long as promised anything may take where no report is written."""


@pytest.fixture
def measured(request: pytest.FixtureRequest) -> Iterator[Measured]:
    """Takes the figures of the row."""
    reported = request.config.pluginmanager.has_plugin("outcomes of faults")
    measured = Measured(patience=1.0 if reported else BUSY)
    yield measured
    request.node.user_properties.append(("measured", str(measured)))


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> Rounds:
    """How often to do something: `rounds(5, long=100)`."""
    return Rounds(bool(request.config.getoption("--long", False)))
