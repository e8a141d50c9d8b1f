"""The scene in which tokens are verified."""

from __future__ import annotations

import pytest

from harness.issuer_scene import Scene


@pytest.fixture
def scene() -> Scene:
    """Return an issuer that is up, with nothing fetched yet."""
    return Scene()
