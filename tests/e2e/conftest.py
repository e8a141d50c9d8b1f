"""Fixtures of the tests with real processes."""

from pathlib import Path

import pytest

from tests.e2e.services import new_environment


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """What a runner of its own gets for the test."""
    return new_environment(tmp_path)
