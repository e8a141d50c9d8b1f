"""The committed document."""

import pytest

from tests.support.documented import Documentation, committed


@pytest.fixture(scope="session")
def documentation() -> Documentation:
    """Return the committed document with its validators."""
    return Documentation(committed())
