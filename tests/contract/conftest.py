"""One fresh store of every adapter for the contract suites."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import mkdtemp

import pytest

from core.ports.catalogue import Catalogue
from core.ports.event_store import EventStore
from core.ports.read_model import ReadModel
from tests.support.adapters import CATALOGUES, EVENT_STORES, READ_MODELS


@pytest.fixture(params=EVENT_STORES)
def event_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EventStore]:
    with EVENT_STORES[request.param](tmp_path) as store:
        yield store


@pytest.fixture(params=CATALOGUES)
def new_catalogue(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Callable[[], AbstractContextManager[Catalogue]]:
    """A maker of fresh catalogues, for properties that need one for each example."""
    return lambda: CATALOGUES[request.param](Path(mkdtemp(dir=tmp_path)))


@pytest.fixture
def catalogue(
    new_catalogue: Callable[[], AbstractContextManager[Catalogue]],
) -> Iterator[Catalogue]:
    with new_catalogue() as fresh:
        yield fresh


@pytest.fixture(params=READ_MODELS)
def read_model(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ReadModel]:
    with READ_MODELS[request.param](tmp_path) as model:
        yield model
