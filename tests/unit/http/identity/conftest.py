"""The scene in which tokens are verified."""

import pytest

from tests.unit.http.identity.scene import Scene


@pytest.fixture
def scene() -> Scene:
    """Return an issuer that is up, with nothing fetched yet."""
    return Scene()
