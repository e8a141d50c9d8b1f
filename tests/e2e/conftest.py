"""Fixtures of the tests that start real processes."""

from pathlib import Path

import pytest

from tests.support.services import new_environment


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Return the environment of a runner for this test alone."""
    return new_environment(tmp_path)
