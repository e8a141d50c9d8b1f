"""Fixtures for the tests of the use cases."""

import pytest

from tests.support.desk import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def book(desk: Desk) -> str:
    """A book that is there."""
    return desk.add().id
