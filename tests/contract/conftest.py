"""A fresh store of every adapter for the contract suites, with every domain of ``samples``."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from core.domain.manifest import BOOKS
from core.ports.catalogue import Catalogue
from core.ports.event_store import EventStore
from core.ports.read_model import ReadModel
from tests.support import dynamodb
from tests.support.adapters import CATALOGUES, EVENT_STORES, READ_MODELS
from tests.support.samples import SAMPLES, AnySample


@pytest.fixture(params=dynamodb.CARRIERS)
def carrier(request: pytest.FixtureRequest) -> str:
    """Return by what DynamoDB is spoken to."""
    return str(request.param)


@pytest.fixture(params=SAMPLES)
def sample(request: pytest.FixtureRequest) -> AnySample:
    return SAMPLES[request.param]


@pytest.fixture(params=EVENT_STORES)
def event_store(
    request: pytest.FixtureRequest, sample: AnySample, tmp_path: Path
) -> Iterator[EventStore[Any]]:
    with EVENT_STORES[request.param](sample.domain, tmp_path) as store:
        yield store


@pytest.fixture(params=CATALOGUES)
def new_catalogue(
    request: pytest.FixtureRequest, sample: AnySample, tmp_path: Path
) -> Callable[[], AbstractContextManager[Catalogue[Any]]]:
    """Return a maker of fresh catalogues, for properties that need one for each example."""
    return lambda: CATALOGUES[request.param](sample.domain, Path(mkdtemp(dir=tmp_path)))


@pytest.fixture(params=READ_MODELS)
def read_model(
    request: pytest.FixtureRequest, sample: AnySample, tmp_path: Path
) -> Iterator[ReadModel[Any]]:
    with READ_MODELS[request.param](sample.domain, tmp_path) as model:
        yield model


@pytest.fixture(params=CATALOGUES)
def catalogue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalogue[Any]]:
    """Yield a fresh catalogue of books."""
    with CATALOGUES[request.param](BOOKS, tmp_path) as fresh:
        yield fresh
